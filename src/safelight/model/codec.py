"""JSON for every value of the model, both ways, by msgspec (it reads the dataclasses' own annotations).

msgspec works out how a class is read when it is first read, and lets other threads use what it has worked out so far:
they crash the process (0.22, `DataclassInfo_Convert`), or miss fields. Hence every reader of types is made here, one at
a time; ruff refuses msgspec's own elsewhere (`banned-api` in pyproject.toml).
"""

from collections.abc import Callable
from threading import Lock
from typing import Any, TypeVar, cast

import msgspec

T = TypeVar("T")
Hook = Callable[[Any, object], object]
"""Makes a value of a type that msgspec does not know, of what was read: its `dec_hook`."""

_ENCODER = msgspec.json.Encoder()
_DECODERS: dict[tuple[object, Hook | None], msgspec.json.Decoder[Any]] = {}
_ONE_AT_A_TIME = Lock()


def to_json(value: object) -> bytes:
    """UTF-8 JSON of a model value, one line, keys in the order of the fields. Surrogates must be escaped before."""
    return _ENCODER.encode(value)


def from_json(data: bytes | bytearray | memoryview | str | msgspec.Raw, kind: type[T]) -> T:
    """The value of type `kind` that `to_json` wrote. Raises `msgspec.ValidationError` when it does not fit."""
    return decoder(kind).decode(data)


def decoder(kind: type[T], hook: Hook | None = None) -> msgspec.json.Decoder[T]:
    """What reads JSON as values of type `kind`; made once for each. Any thread may ask, and use it."""
    if (made := _DECODERS.get((kind, hook))) is None:
        with _ONE_AT_A_TIME:
            made = _DECODERS.setdefault((kind, hook), msgspec.json.Decoder(kind, dec_hook=hook))
    return cast("msgspec.json.Decoder[T]", made)


def convert(value: object, kind: type[T]) -> T:
    """The value of type `kind` that lists, dicts and plain values are. Raises `msgspec.ValidationError`."""
    decoder(kind)  # the class and all that it holds are known from here on
    return msgspec.convert(value, kind)
