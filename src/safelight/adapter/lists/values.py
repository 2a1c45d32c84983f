"""What all formats share: checked hashes, texts and moments of one row."""

import codecs
import re
from collections.abc import Iterable
from datetime import UTC, datetime

from safelight.model.bank import BankEntry, KnownHash

DIGITS = {"md5": 32, "sha1": 40, "sha256": 64, "pdq": 64}
"""Hexadecimal digits of each kind of hash."""

KIND_OF = {32: "md5", 40: "sha1"}
"""Kinds that their number of digits tells; with 64 it may be SHA-256 or PDQ (see `wide_kind`)."""

ASSUMED_QUALITY = 100
"""PDQ quality of a hash whose list states none, as ThreatExchange assumes."""

NOT_UTF8 = "\ufdd0"
"""A character that no text may hold; it stands where a reader met bytes that are not UTF-8."""

MARKED = "safelight-marked"
"""Name of the error handler for decoding that puts it there."""

_HEX = re.compile(r"[0-9a-f]*")
_WIDE = re.compile(rb"(?<![0-9A-Za-z])[0-9A-Fa-f]{64}(?![0-9A-Za-z])")
_IDENTITY = ("sha256", "sha1", "md5", "pdq")


class RowError(ValueError):
    """This row cannot be used; the text is its cause, without anything quoted from the row."""


def _mark(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)
    return NOT_UTF8, error.end


codecs.register_error(MARKED, _mark)


def known_hash(kind: str, text: str, quality: int | None = None) -> KnownHash:
    """The hash of that kind written in `text`, in lower case. Raises RowError."""
    value = text.strip().lower()
    if len(value) != DIGITS[kind]:
        raise RowError(f"{kind} has {DIGITS[kind]} hexadecimal digits, here are {len(value)} characters")
    if not _HEX.fullmatch(value):
        raise RowError(f"{kind} holds characters that are not hexadecimal digits")
    if kind != "pdq":
        return KnownHash(kind, value)
    if quality is None:
        quality = ASSUMED_QUALITY
    if not 0 <= quality <= 100:
        raise RowError("quality is not between 0 and 100")
    return KnownHash(kind, value, quality)


def whole_number(text: str, what: str) -> int:
    """The number written in `text`. Raises RowError that calls it `what`."""
    if not (text.isascii() and text.isdecimal() and len(text) < 20):
        raise RowError(f"{what} is not a whole number")
    return int(text)


def clean_text(text: str) -> str:
    """The text without space around it. Raises RowError when no store could keep it."""
    if not text.isascii():
        if NOT_UTF8 in text:
            raise RowError("holds bytes that are not UTF-8")
        if any("\ud800" <= character <= "\udfff" for character in text):
            raise RowError("holds half of a surrogate pair")
    if "\0" in text:
        raise RowError("holds a NUL character")
    return text.strip()


def moment(text: str, what: str) -> datetime:
    """The moment written as ISO 8601; UTC where no offset is given. Raises RowError."""
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError:
        raise RowError(f"{what} is not a date of ISO 8601") from None
    return in_utc(parsed)


def in_utc(value: datetime) -> datetime:
    """The same moment in UTC; one without an offset is taken as UTC. Raises RowError outside the years 1-9999."""
    try:
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    except OverflowError:
        raise RowError("a date lies outside the calendar") from None


def name_from(hashes: Iterable[KnownHash]) -> str:
    """The name of an entry that has none: its strongest digest, else its PDQ. Raises RowError without any hash."""
    by_kind = {known.kind: known.value for known in reversed(tuple(hashes))}
    for kind in _IDENTITY:
        if kind in by_kind:
            return by_kind[kind]
    raise RowError("holds no hash")


def first_hash(entry: BankEntry, kind: str) -> str | None:
    """The first hash of that kind, if the entry has one."""
    return next((known.value for known in entry.hashes if known.kind == kind), None)


def wide_kind(head: bytes) -> str | None:
    """What the 64-digit values at a list's beginning are: `pdq`, `unknown` (PDQ or SHA-256), None without any.

    A PDQ hash is cut at the median of its coefficients, so 128 of its 256 bits are set; of SHA-256 digests one in
    twenty is as balanced. Two values are asked for at least, and nine of ten must be balanced.
    """
    found = [int(value, 16).bit_count() for value in _WIDE.findall(head)]
    balanced = sum(bits == 128 for bits in found)
    if not found:
        return None
    return "pdq" if len(found) >= 2 and balanced >= 0.9 * len(found) else "unknown"
