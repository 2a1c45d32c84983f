"""ThreatExchange's published vectors: see the manifest in the shared material."""

import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageOps

from safelight.fingerprint.content_box import content_box
from safelight.fingerprint.pdq import pdq
from safelight.fingerprint.pdq_reference import reference_pdq
from safelight.model.fingerprint import DIHEDRAL, Pdq

pytestmark = pytest.mark.shared

LETTERBOXED = "pytx-resources/letterboxed_sample-b.jpg"


@pytest.fixture
def vectors(shared: Path) -> Path:
    return shared / "conformance" / "pdq"


def decode(path: Path) -> NDArray[np.uint8]:
    with Image.open(path) as image:
        return np.array(image.convert("RGB"))


def hashed(path: Path) -> Pdq:
    result = pdq(decode(path))
    assert result is not None, path
    return result


def bits_apart(left: str, right: str) -> int:
    return (int(left, 16) ^ int(right, 16)).bit_count()


def rows(vectors: Path) -> Iterator[dict[str, str]]:
    with (vectors / "expected.csv").open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def test_every_published_hash(vectors: Path) -> None:
    published = [row for row in rows(vectors) if row["file"] != LETTERBOXED]
    assert len(published) == 74
    prints = {name: hashed(vectors / name) for name in {row["file"] for row in published}}
    distances = [(bits_apart(prints[row["file"]].hash, row["expected_pdq"]), row) for row in published]
    too_far = [
        (row["file"], row["source"], distance)
        for distance, row in distances
        if distance > (2 if row["source"].startswith("pytx") else 12)
    ]
    assert too_far == []


def test_the_very_bits_and_quality_of_pypi_pdqhash(vectors: Path) -> None:
    recorded = {row["file"]: (row["pdqhash028_pillow13_pdq"], int(row["pdqhash_quality"])) for row in rows(vectors)}
    got = {name: (print_.hash, print_.quality) for name in recorded for print_ in [hashed(vectors / name)]}
    assert got == recorded


def test_the_letterboxed_sample_by_its_content(vectors: Path) -> None:
    pixels = decode(vectors / LETTERBOXED)
    box = content_box(pixels)
    assert box is not None
    content = pdq(pixels, box=box)
    assert content is not None
    clean = vectors / "pytx-resources/sample-b.jpg"
    assert bits_apart(content.hash, hashed(clean).hash) <= 16
    expected = next(row["expected_pdq"] for row in rows(vectors) if row["file"] == LETTERBOXED)
    assert bits_apart(content.hash, expected) <= 16
    assert content_box(decode(clean)) is None


def test_every_colour_mode_hashes_like_the_original(vectors: Path) -> None:
    folder = vectors / "misc-images/modes"
    original = hashed(folder / "original.jpg")
    far = {path.name: bits_apart(hashed(path).hash, original.hash) for path in sorted(folder.iterdir())}
    assert len(far) == 14
    assert max(far.values()) <= 2, far


def test_dihedral_hashes_are_in_the_published_order(vectors: Path) -> None:
    folder = vectors / "reg-test-input/dih"
    files = [hashed(path).hash for path in sorted(folder.iterdir())]
    assert len(files) == len(DIHEDRAL)
    dihedral = hashed(folder / "bridge-1-original.jpg").dihedral
    for place, code in enumerate(dihedral):
        distances = [bits_apart(code, other) for other in files]
        assert distances[place] <= 8
        assert distances.index(min(distances)) == place


def test_the_faintest_vector_is_hashed_with_quality_zero(vectors: Path) -> None:
    print_ = hashed(vectors / "misc-images/small.jpg")
    assert print_.quality == 0
    assert print_.hash == "0007001f003f003f007f00ff00ff00ff01ff01ff01ff03ff03ff03ff03ff03ff"


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_upright_hash_of_real_photographs(vectors: Path, orientation: int) -> None:
    path = vectors / f"reg-test-input/exif-rotn/exif-rotn-{orientation}.jpg"
    with Image.open(path) as image:
        assert image.getexif().get(0x0112) == orientation
        turned = np.array(ImageOps.exif_transpose(image).convert("RGB"))
    assert pdq(decode(path), orientation=orientation) == pdq(turned)


@pytest.mark.parametrize("name", ["misc-images/wee.jpg", "reg-test-input/labelme-subset/q0003.jpg"])
def test_the_oracle_agrees_with_published_hashes(vectors: Path, name: str) -> None:
    print_ = reference_pdq(decode(vectors / name))
    assert print_ is not None
    assert print_ == hashed(vectors / name)
