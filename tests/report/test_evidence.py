import math
import random
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.model.region import AlteredRegion, RegionBasis
from safelight.report.evidence import brief, figures, mask_link, outline, region_words, replaced
from tests.report.samples import exact, near
from tests.rows import derivative_of, scene_of

REGION = AlteredRegion(0.31, (120, 80, 360, 1260), RegionBasis.KEYPOINTS, 0.04, 0.1, 0.87)


def test_each_kind_in_one_line() -> None:
    rng = random.Random(1)
    close = near(rng, 8, "", view=None, dihedral="flip_y", p_false_match=2.1e-11)
    assert brief(close) == "near, 8 bits, mirrored left to right, chance of a false match 2.1 \u00d7 10⁻¹¹"
    assert brief(exact(rng, "00")) == "exact, same SHA-256"
    assert brief(replace(close, altered_region=REGION)).startswith("near, 8 bits, 31.0 % replaced, mirrored")
    assert brief(derivative_of("b", "e", mirrored=True, suppressed_by="logo")) == (
        "derivative, 31.0 % replaced, 182 keypoints agree, 240 of 300 more found where predicted, mirrored, "
        "chance of a false match 1.0 \u00d7 10⁻⁹, suppressed"
    )
    assert brief(scene_of("b", "e", negative=True)) == (
        "lead: same scene, another picture, 41 keypoints agree, 35 of 280 more found where predicted, known benign"
    )


def test_figures_say_what_agrees_and_nothing_that_is_not_known() -> None:
    rng = random.Random(1)
    assert figures(exact(rng, "00")) == ("the same bytes",)
    assert figures(near(rng, 8, "")) == ("8 of 256 bits differ",)
    assert figures(derivative_of("b", "e", log_ratio=math.log(40.0))) == (
        "182 keypoints agree",
        "240 of 300 more found where predicted",
        "11 of 16 tiles agree",
        "likelihood ratio \u00d7 40",
    )
    assert figures(derivative_of("b", "e", inliers=0, looked_for=0, tiles=0, log_ratio=None)) == ()


@pytest.mark.parametrize(
    ("area", "words"), [(0.0, []), (0.0009, []), (0.001, ["0.1 % replaced"]), (1.0, ["100 % replaced"])]
)
def test_replaced_is_said_when_it_is_worth_a_word(area: float, words: list[str]) -> None:
    assert list(replaced(derivative_of("b", "e", altered_region=replace(REGION, area=area)))) == words


def test_region_in_words() -> None:
    assert region_words(REGION) == (
        "31.0 % replaced, within 240 \u00d7 1,180 pixels at (120, 80); 4.0 % under text, stickers or marks; "
        "10.0 % without counterpart in the entry's picture; "
        "told by the entry's stored keypoints, so its edge is rough, confidence 87.0 %"
    )
    clean = AlteredRegion(0.0, None, RegionBasis.PIXELS, confidence=1.0, face=False)
    assert region_words(clean) == (
        "no replaced part was found; no detected face overlaps it; told pixel by pixel, confidence 100 %"
    )


edge = st.integers(-50, 4000)


@given(st.tuples(edge, edge, edge, edge), st.integers(1, 4000), st.integers(1, 4000))
def test_the_box_lies_in_its_frame_in_proportion(box: tuple[int, int, int, int], width: int, height: int) -> None:
    frame, altered = ET.fromstring(str(outline(box, width, height)))
    across, along = float(frame.attrib["width"]), float(frame.attrib["height"])
    left, top, wide, high = (float(altered.attrib[name]) for name in ("x", "y", "width", "height"))
    rounding = 0.11
    assert 0 <= left <= left + wide <= across + rounding
    assert 0 <= top <= top + high <= along + rounding
    assert min(wide, high) >= 2.9
    assert max(across, along) == pytest.approx(72)
    if min(across, along) > 3:
        assert across / along == pytest.approx(width / height, rel=0.05)
    if box[0] >= 0 and box[0] + width / 4 <= box[2] <= width and across >= 12:
        assert left == pytest.approx(box[0] / width * across, abs=rounding)
        assert wide == pytest.approx((box[2] - box[0]) / width * across, abs=rounding)


@pytest.mark.parametrize(
    "missing", [(None, 4, 4), ((0, 0, 1, 1), None, 4), ((0, 0, 1, 1), 4, None), ((0, 0, 1, 1), 0, 0)]
)
def test_no_outline_without_box_and_frame(
    missing: tuple[tuple[int, int, int, int] | None, int | None, int | None],
) -> None:
    assert outline(*missing) == ""


@pytest.mark.parametrize(
    ("mask", "link"),
    [
        ("masks/7/a-0.png", "./masks/7/a-0.png"),
        ("a b#?&\"'<>.png", "./a%20b%23%3F%26%22%27%3C%3E.png"),
        ("javascript:alert(1)", "./javascript%3Aalert%281%29"),
        ("lone \ud800\u202e", "./lone%20%3F%E2%80%AE"),
        ("/a.png", None),
        ("a/../b.png", None),
        ("..", None),
        ("x" * 1001, None),
    ],
)
def test_links_stay_in_the_folder(mask: str, link: str | None) -> None:
    assert mask_link(mask) == link
