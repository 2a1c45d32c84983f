"""Thumbnails against pictures: drawn ones, and photographs of the corpus where they are."""

from collections import Counter
from pathlib import Path
from random import Random

import numpy as np
import pytest
from PIL import ExifTags, Image

from safelight.detect.coding.thumbnail import compare_thumbnail
from safelight.model.signal import Forgeable, Place, Says, Signal
from tests.detect.coding.pictures import Rgb, decoded, photo, sized
from tests.detect.coding.thumbnails import WAYS, cropped, overlap, replaced, retouched, thumbnail

PLACE = Place("EXIF thumbnail", 100, 4000)


def told(small: Rgb, picture: Rgb) -> Signal | None:
    found = compare_thumbnail(small, picture, PLACE)
    assert len(found) <= 1
    return found[0] if found else None


def name(small: Rgb, picture: Rgb) -> str:
    signal = told(small, picture)
    return signal.name if signal else "nothing"


@pytest.mark.parametrize("way", WAYS)
def test_a_picture_agrees_with_its_own(way: str) -> None:
    for seed in range(4):
        picture, random = photo(seed), Random(seed)
        small = thumbnail(picture, way, random)
        assert name(small, picture) == name(small, retouched(picture, random)) == "thumbnail_agrees"


def test_turned_and_mirrored_ones_agree() -> None:
    picture = photo(5, 360, 480)
    small = sized(picture, 120, 160)
    for turns in range(4):
        assert name(np.ascontiguousarray(np.rot90(small, turns)), picture) == "thumbnail_agrees"
    mirrored = told(np.ascontiguousarray(small[:, ::-1]), picture)
    assert mirrored is not None
    assert mirrored.says is Says.NOTHING
    assert mirrored.detail.endswith("mirrored")


def test_another_picture_is_told() -> None:
    signal = told(thumbnail(photo(7), "bars", Random(1)), photo(8))
    assert signal is not None
    assert (signal.name, signal.says, signal.forgeable) == ("thumbnail_mismatch", Says.ALTERED, Forgeable.ANYONE)
    assert signal.places == (PLACE,)
    assert signal.figures["similarity"] < 0.8
    assert signal.figures["agree"] < 0.5


def test_a_replaced_part_is_found_in_pixels_of_the_picture() -> None:
    """The picture is larger than what is worked with, so the box must come back in its own pixels."""
    picture, other = photo(9, 1200, 900), photo(10, 1200, 900)
    changed, box = picture.copy(), (200, 100, 700, 600)
    changed[100:600, 200:700] = other[100:600, 200:700]
    signal = told(sized(picture, 160, 120), changed)
    assert signal is not None
    assert signal.name == "thumbnail_differs_in_part"
    sides = [int(signal.figures[side]) for side in ("left", "top", "right", "bottom")]
    assert overlap((sides[0], sides[1], sides[2], sides[3]), box) > 0.6
    assert f"pixels {sides[0]} to {sides[2]} across" in signal.detail


def test_a_small_replaced_part_is_no_agreement() -> None:
    picture, other = photo(9, 800, 600), photo(10, 800, 600)
    changed = picture.copy()
    changed[150:330, 300:480] = other[150:330, 300:480]  # 7 %, as a face may be
    assert name(sized(picture, 160, 120), changed) == "thumbnail_differs_in_part"


def test_a_cropped_picture_is_found_in_its_thumbnail() -> None:
    picture = photo(11, 600, 450)
    signal = told(sized(picture, 160, 120), np.ascontiguousarray(picture[100:370, 150:510]))
    assert signal is not None
    assert signal.name == "thumbnail_shows_more"
    assert signal.figures["part"] == pytest.approx(0.36, abs=0.06)


def test_nothing_is_said_where_nothing_is_seen() -> None:
    plain, picture = np.full((120, 160, 3), 90, np.uint8), photo(12)
    assert told(plain, picture) is None
    assert told(sized(picture, 160, 120), np.full((400, 300, 3), 90, np.uint8)) is None
    assert told(np.zeros((1, 1, 3), np.uint8), picture) is None
    assert told(sized(picture, 160, 120), np.zeros((1, 5000, 3), np.uint8)) is None


@pytest.mark.parametrize("shape", [(8, 8), (9, 300), (300, 9)])
def test_odd_shapes_never_fail(shape: tuple[int, int]) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (*shape, 3), np.uint8)
    for picture in (photo(13), noise):
        assert told(noise, picture) is None or name(noise, picture).startswith("thumbnail_")


def _measured(pictures: list[Rgb]) -> dict[str, Counter[str]]:
    random = Random(11)
    counts: dict[str, Counter[str]] = {key: Counter() for key in ("own", "other", "part", "crop")}
    for number, picture in enumerate(pictures):
        own, other = thumbnail(picture, random.choice(WAYS), random), pictures[number - 1]
        counts["own"][name(own, retouched(picture, random))] += 1
        counts["other"][name(thumbnail(other, random.choice(WAYS), random), picture)] += 1
        counts["part"][name(own, replaced(picture, pictures[number - 2], random)[0])] += 1
        counts["crop"][name(thumbnail(picture, "small", random), cropped(picture, random))] += 1
    return counts


@pytest.mark.shared
def test_photographs(shared: Path) -> None:
    """Every twentieth photograph of the corpus; docs/examiner.md has the figures of all."""
    files = sorted((shared / "corpus" / "photos").glob("*.jpg"))[::20]
    counts = _measured([decoded(file.read_bytes()) for file in files])
    alarms = {key: 1 - (found["thumbnail_agrees"] + found["nothing"]) / len(files) for key, found in counts.items()}
    assert alarms["own"] == 0
    assert alarms["other"] > 0.95
    assert alarms["part"] > 0.85
    assert alarms["crop"] > 0.8


@pytest.mark.shared
def test_thumbnails_that_cameras_and_editors_wrote(shared: Path) -> None:
    names = []
    for file in sorted((shared / "corpus" / "provenance" / "c2pa-rs").glob("*.jpg")):
        with Image.open(file) as image:
            inner, exif = image.getexif().get_ifd(ExifTags.IFD.IFD1), image.info.get("exif", b"")[6:]
        if start := inner.get(ExifTags.Base.JpegIFOffset):
            small = exif[start : start + inner[ExifTags.Base.JpegIFByteCount]]
            names.append(name(decoded(small), decoded(file.read_bytes())))
    assert len(names) >= 9
    assert set(names) == {"thumbnail_agrees"}
