"""Many values, a few at a time: databases bound the parameters of a statement."""

from collections.abc import Collection, Iterable, Iterator
from itertools import islice
from typing import TypeVar

_T = TypeVar("_T")


def chunks(values: Iterable[_T], size: int) -> Iterator[list[_T]]:
    """The values in order, in lists of `size`; the last may be shorter."""
    source = iter(values)
    while chunk := list(islice(source, size)):
        yield chunk


def marks(values: Collection[object]) -> str:
    """A mark for each value, for `IN (...)`."""
    return ", ".join(["%s"] * len(values))
