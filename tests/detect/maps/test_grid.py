"""The grid of JPEG blocks, and parts off it."""

import numpy as np

from safelight.detect.maps import draw_maps
from safelight.detect.maps.grid import grid_map, off_grid
from safelight.detect.maps.planes import planes
from tests.detect.coding.pictures import decoded, jpeg, photo, resaved
from tests.detect.maps.forgeries import BOX, auc, truth


def test_a_part_off_the_grid_stands_out() -> None:
    left, top, right, bottom = BOX
    scores = []
    for seed in range(4):
        ground = resaved(photo(seed), 55)
        ground[top:bottom, left:right] = resaved(photo(seed + 100), 55)[top + 3 : bottom + 3, left + 5 : right + 5]
        data = jpeg(ground, 95)
        maps = draw_maps(data, "image/jpeg", decoded(data))
        drawn = maps.blocks[-1]
        assert drawn.name == "grid"
        scores.append(auc(drawn.values, truth(maps, drawn)))
    assert min(scores) > 0.8


def test_the_grid_is_found_where_it_begins() -> None:
    picture = resaved(photo(9), 50)
    here, there = (off_grid(np.ascontiguousarray(part[..., 1]), 32) for part in (picture, picture[3:, 5:]))
    assert float(np.mean(here < 0)) > 0.9
    assert float(np.mean(there > 0)) > 0.9


def test_squares_are_large_enough_and_small_pictures_have_none() -> None:
    parts = planes(photo(10))
    assert parts is not None
    drawn = grid_map(parts)
    assert drawn is not None
    assert drawn.block == 32
    assert drawn.values.shape == (10, 15)
    small = planes(photo(10)[:96])
    assert small is not None
    assert grid_map(small) is None
