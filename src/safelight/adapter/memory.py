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
    return np.zeros(length, kind) if size < _HUGE else _mapped(size).view(kind)


def confidential(size: int) -> NDArray[np.uint8]:
    """`size` zero bytes that no core dump of this process holds, where the kernel can see to that."""
    return _mapped(size, "MADV_DONTDUMP")


def copy(array: NDArray[Scalar]) -> NDArray[Scalar]:
    """The same values in such memory as `empty` gives, same shape."""
    fresh = empty(array.size, array.dtype.type).reshape(array.shape)
    fresh[...] = array
    return fresh


def _mapped(size: int, *advice: str) -> NDArray[np.uint8]:
    """Zero bytes in a mapping of their own, aligned to a huge page when they fill one."""
    huge = size >= _HUGE
    memory = mmap.mmap(-1, size + (_HUGE if huge else 1), flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    for name in (*advice, *(["MADV_HUGEPAGE"] if huge else [])):
        with suppress(OSError, AttributeError):  # kernels without it; systems other than Linux
            memory.madvise(getattr(mmap, name))
    whole = np.frombuffer(memory, np.uint8)
    start = -whole.ctypes.data % _HUGE if huge else 0
    return whole[start : start + size]
