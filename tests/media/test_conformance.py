"""Published vectors and real files, where they are at hand (see the fixture `shared`)."""

import csv
from pathlib import Path

import numpy as np
import pdqhash
import pytest

from safelight.media.decode import decode_image
from safelight.media.sniff import HEAD_BYTES, sniff
from safelight.model.errors import MediaError
from safelight.model.media import DecodedImage
from tests.media.draw import LIMITS, pdq_distance

pytestmark = pytest.mark.shared


def read(path: Path) -> DecodedImage:
    data = path.read_bytes()
    return decode_image(data, sniff(data[:HEAD_BYTES]), LIMITS)


def test_every_colour_mode_is_the_same_picture(shared: Path) -> None:
    folder = shared / "conformance" / "pdq" / "misc-images" / "modes"
    original = read(folder / "original.jpg").frames[0].pixels
    files = sorted(folder.iterdir())
    assert len(files) >= 14
    for path in files:
        assert pdq_distance(read(path).frames[0].pixels, original) <= 2, path.name


def test_published_hashes_come_out_of_our_pixels(shared: Path) -> None:
    folder = shared / "conformance" / "pdq"
    with (folder / "expected.csv").open() as file:
        rows = {row["file"]: row for row in csv.DictReader(file) if row["source"].startswith("pytx")}
    rows.pop("pytx-resources/letterboxed_sample-b.jpg")  # published after its borders are cut
    assert len(rows) >= 18
    for name, row in rows.items():
        bits, quality = pdqhash.compute(read(folder / name).frames[0].pixels)
        assert np.packbits(bits).tobytes().hex() == row["expected_pdq"], name
        assert quality == int(row["pdqhash_quality"]), name


def test_sixteen_bit_grey_is_also_kept_in_its_full_range(shared: Path) -> None:
    result = read(shared / "conformance" / "pdq" / "pytx-resources" / "I16.png")
    assert [frame.number for frame in result.frames] == [0, 0]
    assert pdqhash.compute(result.frames[1].pixels)[1] >= pdqhash.compute(result.frames[0].pixels)[1]


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_camera_orientation(shared: Path, orientation: int) -> None:
    path = shared / "conformance" / "pdq" / "reg-test-input" / "exif-rotn" / f"exif-rotn-{orientation}.jpg"
    facts = read(path).facts
    assert facts.orientation == orientation
    assert (facts.width, facts.height) == ((4032, 3024) if orientation < 5 else (3024, 4032))


def test_real_files_of_many_kinds(shared: Path) -> None:
    folder = shared / "corpus" / "provenance" / "c2pa-rs"
    assert read(folder / "sample1.heif").facts.width == 1440
    assert read(folder / "sample1.avif").facts.width == 1204
    assert read(folder / "MultiPage.tif").facts.frames == 5
    for path in sorted(folder.glob("*.webp")):
        assert read(path).facts.warnings == ()
    with pytest.raises(MediaError):
        read(folder / "tiff_poc.tiff")


@pytest.mark.parametrize("name", ["sample1.heif", "sample1.avif"])
@pytest.mark.parametrize("share", [0.3, 0.5, 0.9])
def test_real_files_cut_short(shared: Path, name: str, share: float) -> None:
    data = (shared / "corpus" / "provenance" / "c2pa-rs" / name).read_bytes()
    whole = decode_image(data, sniff(data), LIMITS).frames[0].pixels
    try:
        part = decode_image(data[: int(share * len(data))], sniff(data), LIMITS)
    except MediaError:
        return
    assert part.facts.truncated
    near = np.abs(part.frames[0].pixels.astype(int) - whole).max(axis=2) < 24
    assert near.mean() > share * 0.7
