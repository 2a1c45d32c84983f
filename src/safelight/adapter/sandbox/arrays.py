"""Arrays on the connection between a worker and the scanning process: `{"shape": [..], "data": base64}`.

The type is not said: it is that of the field. Both ends are one machine, hence its byte order. This is the only codec
for arrays, so that `model.codec`, by which everything is stored and reported, cannot write local features or pixels.
"""

from dataclasses import fields, is_dataclass
from typing import Annotated, Any, get_args

import msgspec
import numpy as np
from numpy.typing import NDArray

from safelight.model.codec import convert

_Side = Annotated[int, msgspec.Meta(ge=0, lt=1 << 31)]


class _Array(msgspec.Struct):
    shape: Annotated[tuple[_Side, ...], msgspec.Meta(max_length=3)]
    data: bytearray  # and not bytes, which would make an array that cannot be written to


def to_plain(value: object) -> object:
    """What msgspec writes for an array: its `enc_hook`. Raises NotImplementedError for anything else."""
    if not isinstance(value, np.ndarray):
        raise NotImplementedError
    return _Array(value.shape, bytearray(value.tobytes()))


def to_array(kind: Any, value: object) -> NDArray[Any]:  # noqa: ANN401 - as msgspec calls its hook
    """The array of type `kind` (an `NDArray[...]`) that was read: msgspec's `dec_hook`. Raises ValueError."""
    array = convert(value, _Array)
    _shape, dtype = get_args(kind)
    return np.frombuffer(array.data, get_args(dtype)[0]).reshape(array.shape)


def bytes_of_arrays(value: object) -> int:
    """Bytes of all arrays in a value, through tuples and dataclasses."""
    if isinstance(value, np.ndarray):
        return value.nbytes
    if isinstance(value, tuple):
        return sum(map(bytes_of_arrays, value))
    if is_dataclass(value):
        return sum(bytes_of_arrays(getattr(value, field.name)) for field in fields(value))
    return 0
