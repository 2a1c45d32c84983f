"""A policy as it lies in a file."""

from pathlib import Path

from safelight.model.errors import InputError, PolicyError
from safelight.policy.rules.reading import LONGEST_TEXT


def policy_text(file: Path) -> str:
    """The text of a policy. Raises InputError, and PolicyError for what is far too long to be one."""
    try:
        with file.open("rb") as stream:
            data = stream.read(LONGEST_TEXT + 1)
    except OSError as error:
        raise InputError(path=file, cause=error.strerror or str(error)) from error
    if len(data) > LONGEST_TEXT:
        raise PolicyError(flaws=f"a policy has at most {LONGEST_TEXT:,} bytes")
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise InputError(path=file, cause="is not UTF-8") from error
