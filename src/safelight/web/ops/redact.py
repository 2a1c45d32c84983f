"""What may stand in a line of the log. A log is read by more people than the evidence is, and is kept elsewhere.

Two rules, and the first one alone should do: only fields that are listed get through, and messages of other people's
code are written without what they filled in. The second rule masks, in what is left, all that looks like a hash, a
token, a file's name, a query, an address or a quotation.
"""

import re
import sys
import traceback
from collections.abc import Mapping, MutableMapping
from functools import lru_cache
from pathlib import PurePath
from typing import Any, Final

FIELDS: Final = frozenset(
    (
        *("event", "level", "timestamp", "logger", "process", "pid"),
        *("request", "method", "route", "status", "seconds", "actor"),
        *("job", "subject", "attempt", "error", "cause", "step", "part", "count", "trace", "span"),
    )
)
"""Fields of a line. `request`, `trace` and `span` are ids that we draw; `subject` is the id of a case, item or hook."""
_DRAWN: Final = {"request": 32, "trace": 32, "span": 16}
"""Digits of our own ids, which look like hashes."""
_FIXED: Final = frozenset(("level", "timestamp", "logger", "process"))
"""Fields that only our own code fills, from a few words or the clock."""
LONGEST: Final = 500
_SUFFIXES: Final = (
    r"jpe?g|jfif|png|gif|webp|bmp|tiff?|hei[cf]|avif|jxl|svg|psd|raw|mp4|m4v|mov|mkv|webm|avi|mpe?g|3gp|flv|wmv|ts|mp3|wav"
    r"|ogg|flac|pdf|docx?|txt|csv|jsonl?|zip|7z|rar|tar|gz|tgz|xz|bz2|zst|eml|torrent"
)
_MASKS: Final = tuple(
    (re.compile(pattern, flags), mask)
    for pattern, flags, mask in (
        (r"[\w.+-]+@[\w-]+(\.[\w-]+)+", 0, "[address]"),
        (r"\b[a-z][a-z0-9+.-]*://\S+", re.IGNORECASE, "[url]"),
        (r"\?\S*", 0, "[query]"),
        (r"'[^']*'|\"[^\"]*\"|`[^`]*`|\bb'[^']*'", 0, "[text]"),
        (r"(?i:bearer|basic|token|cookie|password|secret|signature)\b[:= ]+\S+", 0, "[secret]"),
        (rf"[^\s/]*\.(?:{_SUFFIXES})\b", re.IGNORECASE, "[file]"),
        (r"(?<![\w-])(?:[0-9a-f]{16,}|[0-9A-F]{16,})(?![\w-])", 0, "[hash]"),
        (r"(?=[\w+/=-]*[A-Z])(?=[\w+/=-]*[a-z])(?=[\w+/=-]*\d)[\w+/=-]{20,}", 0, "[token]"),
        (r"[01]{32,}", 0, "[hash]"),
        (r"\b\d{1,3}(?:\.\d{1,3}){3}\b", 0, "[address]"),
        (r"(?<!\S)/(?:[^\s/]+/)+[^\s/{}<]+\.\w+", 0, "[file]"),
    )
)


def redact(_logger: object, _method: str, line: MutableMapping[str, Any]) -> Mapping[str, Any]:
    """A processor of structlog: see the module."""
    kept: dict[str, Any] = {}
    if failure := line.pop("exc_info", None):
        kept |= _failure(failure)
    for name, value in line.items():
        if name not in FIELDS:
            continue
        kept[name] = _value(name, value)
    return kept


@lru_cache(1024)  # most lines say the same again
def mask(text: str) -> str:
    """A text with all masked that could tell of content, a person or a secret."""
    if len(text) > LONGEST:  # first of all: patterns take their time with long texts; half a word may be half a hash
        text = text[:LONGEST].rpartition(" ")[0] + " [cut]"
    for pattern, instead in _MASKS:
        text = pattern.sub(instead, text)
    return "".join(c if c.isprintable() else " " for c in text)


def _value(name: str, value: object) -> object:
    if isinstance(value, bool | int | float) or value is None:
        return value
    text = str(value)
    if re.fullmatch(rf"[0-9a-f]{{{_DRAWN.get(name, 0)}}}", text) and name in _DRAWN:
        return text
    return text if name in _FIXED else mask(text)


def _failure(failure: object) -> dict[str, str]:
    """Class of an exception, and where it went: its message may quote what a stranger sent."""
    failure = sys.exc_info() if failure is True else failure
    error = failure[1] if isinstance(failure, tuple) else failure
    if not isinstance(error, BaseException):
        return {}
    frames = traceback.extract_tb(error.__traceback__)[-8:]
    where = " < ".join(f"{PurePath(frame.filename).name}:{frame.lineno}" for frame in reversed(frames))
    return {"error": type(error).__qualname__, "cause": where}
