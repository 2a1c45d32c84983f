"""A tiny ONNX model written byte by byte: there is no need of the `onnx` package, nor of the real encoder.

It averages each channel of its input, (1, 3, 224, 224), and multiplies the three means by fixed random weights.
Field numbers are those of onnx.proto3 (ModelProto, GraphProto, NodeProto, TensorProto, ValueInfoProto).
"""

import numpy as np
from numpy.typing import NDArray

_VARINT, _BYTES = 0, 2
_FLOAT = 1  # TensorProto.DataType


def weights() -> NDArray[np.float32]:
    """What the model multiplies by: shape (3, 512)."""
    return np.random.default_rng(5).standard_normal((3, 512)).astype(np.float32)


def tiny_model() -> bytes:
    """The model's file."""
    matrix = weights()
    tensor = _ints(1, matrix.shape) + _int(2, _FLOAT) + _text(8, "w") + _field(9, matrix.tobytes())
    nodes = [
        _node("GlobalAveragePool", ["pixel_values"], "pooled"),
        _node("Flatten", ["pooled"], "flat"),
        _node("MatMul", ["flat", "w"], "image_embeds"),
    ]
    graph = b"".join(_field(1, node) for node in nodes) + _text(2, "tiny") + _field(5, tensor)
    graph += _field(11, _value("pixel_values", (1, 3, 224, 224))) + _field(12, _value("image_embeds", (1, 512)))
    return _int(1, 8) + _field(7, graph) + _field(8, _int(2, 13))


def _node(kind: str, inputs: list[str], output: str) -> bytes:
    return b"".join(_text(1, name) for name in inputs) + _text(2, output) + _text(4, kind)


def _value(name: str, shape: tuple[int, ...]) -> bytes:
    sides = b"".join(_field(1, _int(1, side)) for side in shape)
    return _text(1, name) + _field(2, _field(1, _int(1, _FLOAT) + _field(2, sides)))


def _ints(number: int, values: tuple[int, ...]) -> bytes:
    return b"".join(_int(number, value) for value in values)


def _int(number: int, value: int) -> bytes:
    return _varint(number << 3 | _VARINT) + _varint(value)


def _text(number: int, value: str) -> bytes:
    return _field(number, value.encode())


def _field(number: int, value: bytes) -> bytes:
    return _varint(number << 3 | _BYTES) + _varint(len(value)) + value


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)
