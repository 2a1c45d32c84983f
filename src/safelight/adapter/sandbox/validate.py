"""Looks at what a worker says before anybody believes its shape.

A worker may have been taken over by the file it decodes. It can then say what it likes of that file, but nothing that
later stages could stumble over: a hash that is no hash, a number no column holds, a text without end.
"""

import re

from safelight.adapter.sandbox.protocol import ProtocolError
from safelight.model.fingerprint import DIHEDRAL, Digests, Fingerprint, PdqPrint
from safelight.model.media import MediaFacts
from safelight.model.scan import Examination

MAX_TEXT = 4096
"""Characters of a text in a result other than a path."""
MAX_PATH = 1 << 17
"""Characters of a path inside an archive: ZIP names reach 65,535 bytes, and archives may be nested."""
MAX_ITEMS = 1000
"""Signals of a file, warnings about it."""

_MAX_SIZE = 1 << 62
_MAX_SIDE = 1 << 31
_ALGORITHMS = (("md5", 32), ("sha1", 40), ("sha256", 64))
_HEX = {length: re.compile(rf"[0-9a-f]{{{length}}}") for length in (32, 40, 64)}
_MIME = re.compile(r"[\x20-\x7e]{0,127}")
_THUMBNAIL = re.compile(r"[A-Za-z0-9+/]{1024}")  # 768 bytes in base64


def check_path(path: str) -> None:
    """Raises ProtocolError."""
    _require(0 < len(path) <= MAX_PATH, "path")


def check_digests(digests: Digests) -> None:
    """Raises ProtocolError."""
    for name, length in _ALGORITHMS:
        _require(_HEX[length].fullmatch(getattr(digests, name)), name)
    _require(0 <= digests.size < _MAX_SIZE, "size")


def check_examination(examination: Examination) -> None:
    """Raises ProtocolError for the first field that no honest worker would fill like this."""
    check_path(examination.path)
    _require(_MIME.fullmatch(examination.mime), "media type")
    _require(examination.error is None or len(examination.error) <= MAX_TEXT, "error")
    _require(examination.thumbnail is None or _THUMBNAIL.fullmatch(examination.thumbnail), "thumbnail")
    _require(len(examination.signals) <= MAX_ITEMS, "signals")
    for signal in examination.signals:
        _require(len(signal.name) <= MAX_TEXT and len(signal.detail) <= MAX_TEXT, "signal")
    if examination.facts is not None:
        _check_facts(examination.facts)
    if examination.fingerprint is not None:
        _check_fingerprint(examination.fingerprint)


def _check_facts(facts: MediaFacts) -> None:
    _require(_MIME.fullmatch(facts.mime), "media type")
    _require(0 < facts.width < _MAX_SIDE and 0 < facts.height < _MAX_SIDE, "size in pixels")
    _require(1 <= facts.orientation <= 8 and 0 <= facts.frames < _MAX_SIDE, "facts")
    _require(len(facts.mode) <= MAX_TEXT and len(facts.warnings) <= MAX_ITEMS, "facts")
    _require(all(len(warning) <= MAX_TEXT for warning in facts.warnings), "warning")


def _check_fingerprint(fingerprint: Fingerprint) -> None:
    check_digests(fingerprint.digests)
    _require(len(fingerprint.prints) <= MAX_ITEMS, "prints")
    for item in fingerprint.prints:
        _check_print(item)


def _check_print(item: PdqPrint) -> None:
    _require(len(item.pdq.dihedral) == len(DIHEDRAL), "dihedral hashes")
    _require(all(_HEX[64].fullmatch(text) for text in item.pdq.dihedral), "hash")
    _require(0 <= item.pdq.quality <= 100 and 0 <= item.frame < _MAX_SIDE, "print")
    _require(item.box is None or all(0 <= edge < _MAX_SIDE for edge in item.box), "box")


def _require(holds: object, what: str) -> None:
    if not holds:
        raise ProtocolError(f"an impossible {what}")
