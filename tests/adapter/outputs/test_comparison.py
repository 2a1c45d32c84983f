"""A comparison's folder: whole or not at all, and never over somebody else's files."""

import json
import stat
from dataclasses import replace
from pathlib import Path

import cv2
import pytest

from safelight.adapter.outputs import comparison as outputs
from safelight.adapter.outputs.comparison import FileComparison
from safelight.adapter.outputs.seal import check_seal
from safelight.adapter.signing import make_key, open_key
from safelight.model.codec import from_json
from safelight.model.comparison import ClipComparison, ComparedFrames, Comparison
from safelight.model.derivation import Verdict
from safelight.model.errors import InputError, StorageError
from safelight.model.seal import Signed
from tests.report.comparisons import (
    SUSPECT,
    clip_verdict,
    derivative,
    frames,
    of_videos,
    pictures,
    unaligned,
    without_region,
)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_everything_is_written_and_sealed(tmp_path: Path) -> None:
    make_key(tmp_path / "key", "")
    out = tmp_path / "deep" / "out"
    written = FileComparison(out).write(derivative(), pictures(), open_key(tmp_path / "key", str))
    assert sorted(written) == names(out) == sorted(set(outputs.NAMES) - set(outputs.FRAME_MASKS))
    assert from_json((out / "comparison.json").read_bytes(), Comparison) == derivative()
    assert (out / "report.html").read_bytes().startswith(b"<!doctype html>")
    assert (out / "report.pdf").read_bytes().startswith(b"%PDF-")
    for name in ("mask.png", "overlay.png"):
        mask = cv2.imread(str(out / name), cv2.IMREAD_UNCHANGED)
        assert mask is not None
        assert mask.shape == (SUSPECT.height, SUSPECT.width)
    found = check_seal(out, [tmp_path / "key.pub.pem"])
    assert (found.files, found.signed, found.is_intact) == (5, Signed.BY_NAMED_KEY, True)
    assert stat.S_IMODE(out.stat().st_mode) == 0o700


def test_masks_of_frames_are_sealed_too(tmp_path: Path) -> None:
    """Of frames that could not be laid over each other there are none, and their numbers stay free."""
    make_key(tmp_path / "key", "")
    out = tmp_path / "out"
    written = FileComparison(out).write(of_videos(), frames(), open_key(tmp_path / "key", str))
    masks = ["mask-1.png", "mask-3.png", "overlay-1.png", "overlay-3.png"]
    assert [name for name in sorted(written) if name.endswith(".png")] == masks
    assert from_json((out / "comparison.json").read_bytes(), Comparison) == of_videos()
    mask = cv2.imread(str(out / "mask-3.png"), cv2.IMREAD_UNCHANGED)
    assert mask is not None
    assert mask.shape == (720, 1280)
    assert check_seal(out, [tmp_path / "key.pub.pem"]).files == 7
    (out / "mask-3.png").write_bytes(b"other")
    assert not check_seal(out).is_intact
    FileComparison(out).write(clip_verdict(Verdict.UNDECIDED, ClipComparison()), ComparedFrames(), None)
    assert names(out) == ["comparison.json", "manifest.json", "report.html", "report.pdf"]


def test_canonical_json(tmp_path: Path) -> None:
    FileComparison(tmp_path / "a").write(derivative(), pictures(), None)
    FileComparison(tmp_path / "b").write(derivative(), pictures(), None)
    one, other = ((tmp_path / name / "comparison.json").read_bytes() for name in "ab")
    values = json.loads(one)
    assert one == other
    assert list(values) == sorted(values)
    assert (tmp_path / "a" / "manifest.json").read_bytes() == (tmp_path / "b" / "manifest.json").read_bytes()


def test_the_same_comparison_may_be_made_again(tmp_path: Path) -> None:
    """What the new one does not have is gone: an old mask or signature would lie."""
    make_key(tmp_path / "key", "")
    out = tmp_path / "out"
    FileComparison(out).write(derivative(), pictures(), open_key(tmp_path / "key", str))
    undecided = replace(without_region(Verdict.UNDECIDED), suspect=derivative().suspect)
    FileComparison(out).write(undecided, unaligned(), None)
    assert names(out) == ["comparison.json", "manifest.json", "report.html", "report.pdf"]
    assert check_seal(out).is_intact


def test_another_comparison_is_not_overwritten(tmp_path: Path) -> None:
    FileComparison(tmp_path).write(derivative(), pictures(), None)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    other = derivative(suspect=replace(SUSPECT, sha256="9" * 64))
    FileComparison(tmp_path).check()
    with pytest.raises(InputError, match=r"holds the comparison of 'holiday \(edited\).jpg' with 'IMG_2041.HEIC'"):
        FileComparison(tmp_path).write(other, pictures(), None)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


@pytest.mark.parametrize("name", ["results.jsonl", "report.html", "holiday.jpg"])
def test_a_folder_of_something_else_is_left_alone(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("mine")
    with pytest.raises(InputError, match=f"holds '{name}', which no comparison left there"):
        FileComparison(tmp_path).check()
    with pytest.raises(InputError, match="choose a new folder"):
        FileComparison(tmp_path).write(derivative(), pictures(), None)
    assert names(tmp_path) == [name]


def test_a_comparison_json_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "comparison.json").write_text('{"price": 3}')
    with pytest.raises(InputError, match="is there and is no comparison"):
        FileComparison(tmp_path).write(derivative(), pictures(), None)
    assert (tmp_path / "comparison.json").read_text() == '{"price": 3}'


def test_links_and_files_in_place_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="is a link"):
        FileComparison(tmp_path / "link").check()
    with pytest.raises(StorageError, match="Not a directory"):
        FileComparison(tmp_path / "file").check()


def test_a_failure_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    FileComparison(tmp_path).write(derivative(), pictures(), None)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    def full(self: Path, target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(StorageError, match="No space left"):
        FileComparison(tmp_path).write(derivative(version="9"), pictures(), None)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
