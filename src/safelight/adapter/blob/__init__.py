"""Where sealed bytes lie: files, or an S3-compatible store. What is in them, `adapter.evidence` knows."""

import re

from safelight.model.errors import StorageError

_NAME = re.compile(r"[0-9a-z][0-9a-z-]{2,127}")


def check_name(place: object, name: str) -> str:
    """The name, if it is one that a blob can have: small letters, digits and `-`. Raises StorageError."""
    if not _NAME.fullmatch(name):
        raise StorageError(path=place, cause=f"{name!r} cannot be the name of sealed bytes")
    return name
