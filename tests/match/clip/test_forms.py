"""The eight forms of a code from its bits, against those that PDQ makes of the turned and mirrored picture."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from safelight.demo.draw import draw
from safelight.fingerprint.pdq import pdq
from safelight.fingerprint.tiles import tile_hashes
from safelight.match.clip.forms import MIRRORED, dihedral_forms, mirrored_places, mirrored_tiles
from safelight.model.clip import CLIP_GRID, CLIP_TILES
from safelight.model.fingerprint import DIHEDRAL


def errors(pixels: NDArray[np.uint8]) -> NDArray[np.int64] | None:
    """Differing bits of each form from PDQ's own: (8, 8), forms made against forms meant."""
    found = pdq(np.ascontiguousarray(pixels))
    if found is None:
        return None
    meant = np.frombuffer(bytes.fromhex("".join(found.dihedral)), np.uint8).reshape(8, 32)
    made = dihedral_forms(meant[:1])[:, 0]
    return np.asarray(np.bitwise_count(made[:, np.newaxis] ^ meant).sum(axis=2, dtype=np.int64))


def test_forms_of_drawn_pictures_are_near_those_that_pdq_makes_and_far_from_the_others() -> None:
    apart = np.array([errors(np.array(draw(number, 256, 192).convert("RGB"))) for number in range(12)])
    own = apart[:, range(8), range(8)]
    assert own.mean() < 12
    assert own.max() <= 40
    assert not own[:, 0].any()
    others = apart[:, ~np.eye(8, dtype=bool)]
    assert others.mean() > 100


@pytest.mark.shared
def test_forms_of_photographs_are_within_a_few_bits(shared: Path) -> None:
    photos = sorted((shared / "corpus" / "photos").glob("*.jpg"))[::40]
    apart = [errors(np.array(Image.open(photo).convert("RGB"))) for photo in photos]
    own = np.array([one[range(8), range(8)] for one in apart if one is not None])
    assert own.mean() < 8
    assert own.max() <= 40


@given(st.binary(min_size=32, max_size=32))
def test_forms_are_a_group(raw: bytes) -> None:
    code = np.frombuffer(raw, np.uint8).reshape(1, 32)
    forms = dihedral_forms(code)
    assert (forms[0] == code).all()
    half = DIHEDRAL.index("rotate180")
    assert (dihedral_forms(forms[1])[1] == forms[half]).all()
    assert (dihedral_forms(forms[1])[DIHEDRAL.index("rotate270")] == code).all()
    for form in np.flatnonzero(MIRRORED):
        assert (dihedral_forms(forms[form])[form] == code).all()


def test_mirrored_tiles_are_those_of_the_mirror_image() -> None:
    grey = np.array(draw(3, 400, 300).convert("L"))
    own, other = tile_hashes(grey, CLIP_GRID), tile_hashes(np.ascontiguousarray(grey[:, ::-1]), CLIP_GRID)
    made = mirrored_tiles(own.codes[np.newaxis], CLIP_GRID)[0]
    judged = other.quality >= 5
    assert judged.any()
    assert np.bitwise_count(made ^ other.codes).sum(axis=1)[judged].mean() < 20
    assert (mirrored_places(own.quality[np.newaxis], CLIP_GRID)[0] == other.quality).mean() > 0.9


def test_no_codes_have_no_forms() -> None:
    assert dihedral_forms(np.empty((0, 32), np.uint8)).shape == (8, 0, 32)
    assert mirrored_tiles(np.empty((0, CLIP_TILES, 32), np.uint8), CLIP_GRID).shape == (0, CLIP_TILES, 32)
