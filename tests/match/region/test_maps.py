import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from safelight.match.region.maps import bounding_box, region_map
from safelight.model.region import RegionBasis

SEEDS = st.integers(0, 2**32)


@given(SEEDS, st.integers(1, 9), st.integers(1, 9))
def test_masks_share_no_pixel_and_lose_none(seed: int, height: int, width: int) -> None:
    replaced, overlay, outside = np.random.default_rng(seed).random((3, height, width)) < 0.4
    sure = np.zeros((height, width), np.uint8)
    found = region_map(RegionBasis.PIXELS, replaced, overlay, outside, sure)
    assert np.sum([found.replaced, found.overlay, found.outside], axis=0).max() <= 1
    np.testing.assert_array_equal(found.replaced | found.overlay | found.outside, replaced | overlay | outside)
    np.testing.assert_array_equal(found.outside, outside)


@given(SEEDS, st.integers(1, 9), st.integers(1, 9))
def test_the_box_holds_all_that_is_set_and_touches_it(seed: int, height: int, width: int) -> None:
    mask = np.random.default_rng(seed).random((height, width)) < 0.15
    box = bounding_box(mask)
    if box is None:
        assert not mask.any()
        return
    left, top, right, bottom = box
    part = mask[top:bottom, left:right]
    assert part.sum() == mask.sum()
    assert part[0].any()
    assert part[-1].any()
    assert part[:, 0].any()
    assert part[:, -1].any()
