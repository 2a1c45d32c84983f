"""Quality settings, against the tables that libjpeg itself writes."""

import io

import pytest
from PIL import Image

from safelight.detect.coding.quality import CHROMA, LUMA, Quality, estimate, near_lossless, scaled
from safelight.model.maps import QuantTable
from tests.detect.coding.pictures import jpeg, photo

PICTURE = photo(2, 64, 48)


def test_every_setting_scales_as_libjpeg_does() -> None:
    for quality in range(1, 101):
        theirs = Image.open(io.BytesIO(jpeg(PICTURE, quality))).quantization  # type: ignore[attr-defined]
        assert [tuple(theirs[0]), tuple(theirs[1])] == [scaled(LUMA, quality), scaled(CHROMA, quality)]


@pytest.mark.parametrize("quality", [5, 30, 50, 75, 92, 100])
def test_exact_settings_are_told(quality: int) -> None:
    assert estimate(QuantTable(0, 8, scaled(LUMA, quality)), LUMA) == Quality(quality, exact=True)
    assert estimate(QuantTable(0, 16, scaled(LUMA, quality, 32767)), LUMA) == Quality(quality, exact=True)


def test_other_tables_get_the_nearest() -> None:
    steps = list(scaled(LUMA, 80))
    steps[5] += 1
    assert estimate(QuantTable(0, 8, tuple(steps)), LUMA) == Quality(80, exact=False)
    assert not estimate(QuantTable(0, 8, (0,) * 64), LUMA).exact


def test_near_lossless_begins_at_99() -> None:
    assert [near_lossless(QuantTable(0, 8, scaled(LUMA, q))) for q in (97, 98, 99, 100)] == [False, False, True, True]
