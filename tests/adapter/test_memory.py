import numpy as np
import pytest

from safelight.adapter import memory


@pytest.mark.parametrize("length", [0, 1, 1000, 300_000, 1_000_003])
def test_memory_is_zeroed_writable_and_aligned_to_huge_pages_when_large(length: int) -> None:
    array = memory.empty(length, np.uint64)
    assert array.shape == (length,)
    assert not array.any()
    array[:] = 5
    assert array.sum() == 5 * length
    if array.nbytes >= 2 << 20:
        assert array.ctypes.data % (2 << 20) == 0


def test_a_copy_has_values_type_and_shape_and_is_apart() -> None:
    original = np.arange(12, dtype=np.uint32).reshape(3, 4)
    copied = memory.copy(original)
    np.testing.assert_array_equal(copied, original)
    assert copied.dtype == original.dtype
    original[0, 0] = 99
    assert copied[0, 0] == 0


@pytest.mark.parametrize("size", [1, 5000, 5_000_000])
def test_confidential_memory_is_zeroed_and_writable(size: int) -> None:
    """That core dumps leave it out is tested where it is used."""
    array = memory.confidential(size)
    assert (array.shape, array.dtype, array.ctypes.data % 64) == ((size,), np.dtype(np.uint8), 0)
    assert not array.any()
    array[-1] = 7
    assert array.sum() == 7
