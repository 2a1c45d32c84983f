"""Spaces of French: none before a colon, or within an article's number, may become the end of a line."""

import re
from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any, Final, TypeVar

NO_BREAK: Final = "\u00a0"
"""NO-BREAK SPACE, of which every mail program knows; the narrow one (U+202F) that printers prefer is often a box."""
_BEFORE: Final = re.compile(r" (?=[:;?!»])")
_AFTER: Final = re.compile(
    r"(?<=«) |(?<=\barticle) (?=\d)|(?<=\barticles) (?=\d)|(?<=\bparagraphe) (?=\d)|(?<=\(UE\)) "
)

Sentences = TypeVar("Sentences")
"""A dataclass of texts, and of mappings of texts."""


def spaced(text: str) -> str:
    """The text with no-break spaces where French has them (Lexique de l'Imprimerie nationale)."""
    return _AFTER.sub(NO_BREAK, _BEFORE.sub(NO_BREAK, text))


def french(words: Sentences) -> Sentences:
    """All texts of a dataclass, spaced."""
    found: Any = words
    return replace(found, **{one.name: _value(getattr(found, one.name)) for one in fields(found)})  # type: ignore[no-any-return]


def _value(value: str | Mapping[Any, str]) -> str | dict[Any, str]:
    return spaced(value) if isinstance(value, str) else {key: spaced(text) for key, text in value.items()}
