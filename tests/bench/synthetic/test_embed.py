import io
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from safelight.bench.synthetic import collect
from safelight.bench.synthetic.embed import EDITS, RANDOM_VIEWS, Cache, decode, edited, random_views
from safelight.detect.hint.views import SIDE
from tests.detect.hint.heads import Sized, photograph

SHA = "00" * 32


def picture(seed: int = 0) -> bytes:
    return next(collect.drawings(range(seed, seed + 1)))


def test_embeddings_are_computed_once(tmp_path: Path) -> None:
    encoder = Sized()
    first = Cache(tmp_path, encoder, SHA).get(picture(), "clean")
    again = Cache(tmp_path, encoder, SHA).get(picture(), "clean")
    assert encoder.calls == 5
    assert np.array_equal(first, again)
    assert first.shape == (5, 512)
    assert first.dtype == np.float32


def test_another_encoder_edit_or_picture_is_another_embedding(tmp_path: Path) -> None:
    encoder = Sized()
    for sha, kind, seed in ((SHA, "clean", 0), ("11" * 32, "clean", 0), (SHA, "half", 0), (SHA, "clean", 1)):
        Cache(tmp_path, encoder, sha).get(picture(seed), kind)
    assert encoder.calls == 20


def test_a_run_that_was_broken_off_leaves_no_half_written_embedding(tmp_path: Path) -> None:
    class Failing(Sized):
        def __call__(self, view: NDArray[np.uint8]) -> NDArray[np.float32]:
            if self.calls == 3:
                raise KeyboardInterrupt
            return super().__call__(view)

    with pytest.raises(KeyboardInterrupt):
        Cache(tmp_path, Failing(), SHA).get(picture(), "clean")
    assert not list(tmp_path.rglob("*.npy"))
    assert Cache(tmp_path, Sized(), SHA).get(picture(), "clean").shape == (5, 512)


def test_random_views_depend_on_the_picture_alone() -> None:
    pixels = photograph(1)
    one, again, other = (list(random_views(pixels, digest)) for digest in ("ab" * 32, "ab" * 32, "cd" * 32))
    assert len(one) == RANDOM_VIEWS
    assert all(view.shape == (SIDE, SIDE, 3) for view in one)
    assert all(np.array_equal(a, b) for a, b in zip(one, again, strict=True))
    assert not np.array_equal(one[0], other[0])


@pytest.mark.parametrize("edit", EDITS)
def test_edits(edit: str) -> None:
    pixels = decode(picture())
    found = edited(pixels, edit)
    expected = (pixels.shape[0] // 2, pixels.shape[1] // 2, 3) if edit == "half" else pixels.shape
    assert found.shape == expected
    assert np.array_equal(found, pixels) == (edit == "clean")


def test_an_unknown_edit_is_an_error() -> None:
    with pytest.raises(ValueError, match="blur"):
        edited(photograph(1), "blur")


def test_files_are_evenly_chosen(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    for number in range(10):
        (tmp_path / "photos" / f"clothing_{number}.jpg").touch()
    origin = collect.REAL[0]
    assert len(collect.files(tmp_path, origin)) == 10
    assert [path.stem[-1] for path in collect.files(tmp_path, origin, 4)] == ["0", "3", "6", "9"]
    assert collect.files(tmp_path, collect.REAL[1], 4) == []


def test_pictures_of_people_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    origin = next(one for one in collect.REAL if one.without)
    for name in (*origin.without, "skimg_another.jpg"):
        (tmp_path / "photos" / name).touch()
    assert [path.name for path in collect.files(tmp_path, origin)] == ["skimg_another.jpg"]


def test_drawings_are_pictures_that_can_be_read_again() -> None:
    file = picture(3)
    assert decode(file).shape == (collect.DRAWN_SIZE[1], collect.DRAWN_SIZE[0], 3)
    assert file == picture(3)
    assert io.BytesIO(file).read(2) == b"\xff\xd8"


@pytest.mark.shared
def test_the_corpus_holds_every_source(shared: Path) -> None:
    for origin in (*collect.REAL, *collect.MADE, collect.SCREENSHOTS):
        names = {path.name for pattern in origin.patterns for path in (shared / "corpus").glob(pattern)}
        assert collect.files(shared / "corpus", origin), origin.name
        assert origin.without <= names


def test_no_picture_is_in_two_sources() -> None:
    names = [one.name for one in (*collect.REAL, *collect.MADE, collect.SCREENSHOTS)]
    assert len(set(names)) == len(names)
    assert all(one.licence for one in (*collect.REAL, *collect.MADE))
