"""The benchmark's embedder gives the library's pixels, whoever hands the picture over."""

import numpy as np
import pytest
from numpy.typing import NDArray

from safelight.bench.common import texture
from safelight.bench.signals.embed import embed
from safelight.demo.draw import draw
from safelight.detect.markers.dwt_dct import Writer
from safelight.detect.markers.payloads import PAYLOADS
from tests.detect.markers import library

PICTURES = {
    "drawn": np.array(draw(3, 270, 258)),
    "grainy": texture(264, 267, 5, grain=9),
    "grey": np.full((256, 256, 3), 119, np.uint8),
    "bright": np.random.default_rng(1).integers(225, 256, (256, 260, 3), dtype=np.uint8),
    "blue": np.random.default_rng(2).integers((0, 0, 200), (20, 40, 256), (256, 256, 3), dtype=np.uint8),
}


@pytest.mark.parametrize("writer", Writer)
@pytest.mark.parametrize("pixels", PICTURES.values(), ids=PICTURES)
def test_it_gives_the_librarys_pixels(pixels: NDArray[np.uint8], writer: Writer) -> None:
    bits = PAYLOADS[2].bits
    marked = embed(pixels, bits, writer)
    assert marked.dtype == np.uint8
    assert marked.flags.c_contiguous
    assert np.array_equal(marked, library.encode(pixels, bits.tolist(), writer))
    assert not np.array_equal(marked, pixels)
