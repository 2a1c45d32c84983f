"""Large arrays in anonymous memory, on huge pages where the kernel gives them.

A search reads thousands of far-apart cache lines; with 4 KiB pages nearly each of them also misses the processor's
address cache. Mapped files cannot have huge pages on common Linux set-ups, anonymous private memory can.
"""

import mmap
from contextlib import suppress
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

_HUGE = 2 << 20
Scalar = TypeVar("Scalar", bound=np.generic)


def empty(length: int, kind: type[Scalar]) -> NDArray[Scalar]:
    """An array of `length` zeros of type `kind`, aligned to a huge page when it is larger than one."""
    size = length * np.dtype(kind).itemsize
    if size < _HUGE:
        return np.zeros(length, kind)
    memory = mmap.mmap(-1, size + _HUGE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    with suppress(OSError, AttributeError):  # kernels without huge pages; systems other than Linux
        memory.madvise(mmap.MADV_HUGEPAGE)
    whole = np.frombuffer(memory, np.uint8)
    start = -whole.ctypes.data % _HUGE
    return whole[start : start + size].view(kind)


def copy(array: NDArray[Scalar]) -> NDArray[Scalar]:
    """The same values in such memory, same shape."""
    fresh = empty(array.size, array.dtype.type).reshape(array.shape)
    fresh[...] = array
    return fresh
