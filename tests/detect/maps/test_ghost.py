"""JPEG ghosts of parts with another past."""

import numpy as np

from safelight.detect.maps import draw_maps
from safelight.detect.maps.ghost import QUALITIES, SHOWN, ghost_maps, relative_changes
from safelight.detect.maps.planes import planes
from tests.detect.coding.pictures import decoded, photo, resaved
from tests.detect.maps.forgeries import auc, forged, truth


def test_a_part_from_elsewhere_stands_out() -> None:
    best = []
    for seed in range(6):
        data = forged(seed, last=92)
        maps = draw_maps(data, "image/jpeg", decoded(data))
        ghosts = [drawn for drawn in maps.blocks if drawn.name.startswith("ghost")]
        assert len(ghosts) == SHOWN
        best.append(max(auc(drawn.values, truth(maps, drawn)) for drawn in ghosts))
    assert min(best) > 0.8
    assert np.mean(best) > 0.9


def test_a_picture_changes_least_at_its_own_quality() -> None:
    parts = planes(resaved(photo(7), 65))
    assert parts is not None
    changes = relative_changes(parts.luma, parts.block)
    medians = np.nanmedian(changes, axis=(1, 2))
    assert abs(QUALITIES[int(np.argmin(medians[: QUALITIES.index(80)]))] - 65) <= 3
    assert float(np.nanmin(changes)) == 0
    assert float(np.nanmax(changes)) == 1


def test_flat_squares_have_no_value() -> None:
    picture = photo(8)
    picture[:64, :64] = 128
    parts = planes(picture)
    assert parts is not None
    values = ghost_maps(parts)[0].values
    assert np.isnan(values[:4, :4]).all()
    assert np.isfinite(values[6:, 6:]).all()
