"""The pictures of a run: read, reduced, and each of them once."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from safelight.bench.common import bits_apart, texture
from safelight.bench.derivative.pictures import (
    LONGEST,
    LOW_TEXTURE,
    SAME_PICTURE,
    Picture,
    distinct,
    drawings,
    fine_detail,
    photographs,
    reduced,
)
from safelight.fingerprint import pdq
from safelight.model.errors import InputError


def save(folder: Path, name: str, pixels: np.ndarray, **options: object) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path, **options)  # type: ignore[arg-type]


def test_pictures_come_by_name_upright_and_reduced(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    save(tmp_path, "b/large.jpg", texture(1000, 400, 1))
    save(tmp_path, "a.png", texture(80, 60, 2))
    save(tmp_path, "turned.jpg", texture(120, 80, 3), exif=exif)
    (tmp_path / "notes.txt").write_text("no picture")
    pictures = photographs(tmp_path)
    assert [one.key for one in pictures] == ["a.png", "b/large.jpg", "turned.jpg"]
    assert [one.load().shape[:2] for one in pictures] == [(60, 80), (307, LONGEST), (120, 80)]
    assert len({one.digest for one in pictures}) == 3
    assert not pictures[0].load().flags.writeable


def test_a_limit_chooses_by_digest_not_by_name(tmp_path: Path) -> None:
    for number in range(12):
        save(tmp_path, f"{number:02}.png", texture(64, 64, number))
    every, some = photographs(tmp_path), photographs(tmp_path, 5)
    assert len(some) == 5
    assert max(one.digest for one in some) < min(one.digest for one in every if one not in some)
    assert [one.key for one in some] == sorted(one.key for one in some)


def test_folders_that_cannot_be_used_are_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nowhere: there is no such folder"):
        photographs(tmp_path / "nowhere")
    with pytest.raises(InputError, match="holds no pictures"):
        photographs(tmp_path)


def test_copies_count_once_and_the_first_stays(tmp_path: Path) -> None:
    picture = texture(320, 240, 7)
    save(tmp_path, "2-first.png", picture)
    save(tmp_path, "3-copy.jpg", picture, quality=60)
    save(tmp_path, "4-mirrored.png", np.ascontiguousarray(picture[:, ::-1]))
    save(tmp_path, "5-other.png", texture(320, 240, 8))
    save(tmp_path, "6-turned.png", np.ascontiguousarray(np.rot90(texture(320, 240, 8))))
    said: list[str] = []
    assert [one.key for one in distinct(photographs(tmp_path), said.append)] == ["2-first.png", "5-other.png"]
    assert said == []


def test_what_cannot_be_used_is_left_out_and_named(tmp_path: Path) -> None:
    (tmp_path / "broken.jpg").write_bytes(b"no picture at all")
    save(tmp_path, "even.png", np.full((100, 100, 3), 90, np.uint8))
    save(tmp_path, "small.png", texture(200, 30, 1))
    save(tmp_path, "well.png", texture(100, 100, 1))
    said: list[str] = []
    assert [one.key for one in distinct(photographs(tmp_path), said.append)] == ["well.png"]
    assert len(said) == 3
    assert all(
        "left out" in line and name in line for line, name in zip(said, ("broken", "even", "small"), strict=True)
    )


def test_groups_hang_together_by_chains() -> None:
    """The slow way: join until nothing changes."""
    pictures = drawings(40)
    pixels = [one.load() for one in pictures]
    hashes = [found for one in pixels if (found := pdq.pdq(one))]
    assert len(hashes) == len(pictures)
    groups = [{row} for row in range(len(pictures))]
    for row, first in enumerate(hashes):
        for other, second in enumerate(hashes[:row]):
            if min(bits_apart(first.hash, form) for form in second.dihedral) <= SAME_PICTURE:
                joined = groups[row] | groups[other]
                for member in joined:
                    groups[member] = joined
    firsts = [pictures[row].key for row, group in enumerate(groups) if row == min(group)]
    assert [one.key for one in distinct(pictures, print)] == firsts


def test_drawings_are_the_same_every_time() -> None:
    first, again = drawings(3), drawings(3)
    assert first == again
    assert len({one.digest for one in first}) == 3
    assert max(first[0].load().shape) == LONGEST


def test_small_pictures_are_not_enlarged() -> None:
    small = texture(300, 200, 1)
    assert reduced(small) is small
    assert reduced(texture(200, 1536, 1)).shape == (768, 100, 3)


def test_fine_detail_tells_texture_from_sky() -> None:
    ramp = np.repeat(np.linspace(0, 255, 300)[None, :, None], 200, axis=0).repeat(3, axis=2).astype(np.uint8)
    half = ramp.copy()
    half[:, :150] = texture(150, 200, 1, grain=30)
    assert fine_detail(ramp) < LOW_TEXTURE / 2
    assert fine_detail(half) == pytest.approx(0.5, abs=0.1)
    assert fine_detail(texture(300, 200, 1, grain=30)) > 0.99


def test_a_missing_file_is_an_error_of_its_own(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not a picture that can be read"):
        Picture("gone.jpg", "", tmp_path / "gone.jpg").load()
