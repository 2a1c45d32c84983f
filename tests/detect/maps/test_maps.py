"""All maps of a picture: what is drawn, of which part, and with what said beside it."""

import time

import numpy as np
import pytest

from safelight.detect.maps import draw_maps, planes
from tests.detect.coding.pictures import decoded, jpeg, photo, sized
from tests.detect.maps.forgeries import forged


def test_a_jpeg_gets_all_maps_and_its_tables() -> None:
    data = forged(1, last=92)
    maps = draw_maps(data, "image/jpeg", decoded(data))
    names = [drawn.name for drawn in maps.blocks]
    assert [name.split("-")[0] for name in names] == ["ghost", "ghost", "ghost", "noise", "double", "grid"]
    assert len(set(names)) == 6
    assert [table.id for table in maps.tables] == [0, 1]
    assert maps.notes == ()
    for drawn in maps.blocks:
        assert drawn.values.dtype == np.float32
        assert drawn.values.shape == (320 // drawn.block, 480 // drawn.block)
        assert drawn.block >= 16
        assert drawn.low < drawn.high
    captions = " ".join(drawn.caption for drawn in maps.blocks)
    assert captions.count("Nothing to see does not mean that nothing was done.") == 2
    assert "0.65 after resizing" in captions


def test_a_png_has_no_table_and_says_so() -> None:
    maps = draw_maps(b"", "image/png", photo(2))
    assert maps.tables == ()
    assert "no quantisation table" in maps.notes[0]
    assert {frequency.step for frequency in maps.frequencies} == {1}
    assert "no map of squares" in maps.notes[1]


@pytest.mark.parametrize("shape", [(1, 1), (8, 4000), (63, 63)])
def test_too_small_for_maps(shape: tuple[int, int]) -> None:
    maps = draw_maps(b"", "image/png", np.zeros((*shape, 3), np.uint8))
    assert maps.blocks == ()
    assert maps.frequencies == ()
    assert "too small" in maps.notes[0]


def test_a_flat_picture_has_no_ghosts() -> None:
    maps = draw_maps(b"", "image/png", np.full((256, 256, 3), 120, np.uint8))
    assert [drawn.name for drawn in maps.blocks] == ["noise", "grid"]
    assert not maps.blocks[0].values.any()
    assert (maps.blocks[1].values > 0).all()


def test_a_very_large_picture_is_cropped_on_the_grid(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planes, "MOST_PIXELS", 200 * 200)
    maps = draw_maps(b"", "image/png", photo(3))
    left, top, right, bottom = maps.area
    assert left % 16 == top % 16 == 0
    assert left > 0
    assert top > 0
    assert (right - left) * (bottom - top) <= 200 * 200
    assert "Only its middle" in maps.notes[0]


def test_squares_grow_with_the_picture() -> None:
    found = planes.planes(np.zeros((400, 4000, 3), np.uint8))
    assert found is not None
    assert found.block == 48
    assert found.luma.shape == (384, 3984)


def test_four_megapixels_take_less_than_two_seconds() -> None:
    pixels = sized(photo(4), 2448, 1632)
    data = jpeg(pixels, 88)
    before = time.process_time()
    draw_maps(data, "image/jpeg", pixels)
    assert time.process_time() - before < 2
