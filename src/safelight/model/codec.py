"""JSON for every value of the model, both ways, by msgspec (it reads the dataclasses' own annotations)."""

from typing import TypeVar

import msgspec

T = TypeVar("T")

_ENCODER = msgspec.json.Encoder()


def to_json(value: object) -> bytes:
    """UTF-8 JSON of a model value, one line, keys in the order of the fields. Surrogates must be escaped before."""
    return _ENCODER.encode(value)


def from_json(data: bytes | bytearray | memoryview | str, kind: type[T]) -> T:
    """The value of type `kind` that `to_json` wrote. Raises `msgspec.ValidationError` when it does not fit."""
    return msgspec.json.decode(data, type=kind)
