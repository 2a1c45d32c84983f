"""Values out of a manifest's JSON, where anything may stand anywhere."""

from collections.abc import Mapping, Sequence
from typing import cast

from safelight.detect.text import clean

NAME = 80
"""Longest name that is shown, in characters."""

URI = 256
"""Longest URI that is shown, in characters."""


def mapping(value: object) -> Mapping[str, object]:
    """The value if it is an object, else an empty one."""
    return cast("Mapping[str, object]", value) if isinstance(value, dict) else {}


def items(value: object) -> Sequence[object]:
    """The value if it is an array, else an empty one."""
    return value if isinstance(value, list) else ()


def text(value: object, longest: int = NAME) -> str:
    """The value as one printable line if it is a text, else an empty one."""
    return clean(value, longest) if isinstance(value, str) else ""
