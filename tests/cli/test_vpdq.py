"""`safelight vpdq` as people run it: a drawn clip through the confined decoder, lists in and out of a bank."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run, run_in
from tests.cli.test_errors import assert_refused
from tests.material.clips import clip, encode

FPS = 10


@pytest.fixture(scope="session")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a clip of three seconds, the same to be turned, another one, and their frame lists; and a stump."""
    root = tmp_path_factory.mktemp("vpdq")
    (root / "one.mp4").write_bytes(encode(clip(1, 3, FPS), fps=FPS))
    (root / "turned.mp4").write_bytes(encode(clip(1, 3, FPS), fps=FPS, rotate=90))
    (root / "other.mkv").write_bytes(encode(clip(2, 3, FPS), "matroska", fps=FPS))
    whole = (root / "other.mkv").read_bytes()
    (root / "cut.mkv").write_bytes(whole[: len(whole) * 2 // 3])
    for name in ("one.mp4", "turned.mp4", "other.mkv"):
        done = run_in(root / "home")("vpdq", "hash", root / name)
        assert (done.code, done.err) == (0, "")
        (root / name).with_suffix(".txt").write_text(done.out)
    return root


def fields(listed: str) -> list[tuple[int, float]]:
    """(number, seconds) of each line."""
    rows = [line.split(",") for line in listed.splitlines()]
    assert {len(row[2]) for row in rows} == {64}
    return [(int(row[0]), float(row[3])) for row in rows]


def test_each_frame_is_a_line(clips: Path, fresh: Run) -> None:
    assert fields((clips / "one.txt").read_text()) == [(n, n / FPS) for n in range(30)]
    sampled = fresh("vpdq", "hash", clips / "one.mp4", "--every", 1)
    assert fields(sampled.out) == [(0, 0.0), (10, 1.0), (20, 2.0)]


def test_json_is_that_of_threatexchange(clips: Path, fresh: Run) -> None:
    done = fresh("vpdq", "hash", clips / "one.mp4", "--every", 1, "--json")
    texts = json.loads(done.out)
    assert [text.split(",")[2] for text in texts] == ["0.000", "1.000", "2.000"]
    path = clips / "one.json"
    path.write_text(done.out)
    compared = fresh("vpdq", "compare", path, clips / "one.txt", "--json")
    assert compared.code == 1
    assert json.loads(compared.out)["query_percent"] == 100.0


def test_frames_are_hashed_as_stored_since_vpdq_turns_none(clips: Path, fresh: Run) -> None:
    done = fresh("vpdq", "compare", clips / "turned.txt", clips / "one.txt")
    assert (done.code, done.out.splitlines()[0]) == (1, "100.0 % of the query's frames are in the known video")


def test_other_clips_do_not_match(clips: Path, fresh: Run) -> None:
    done = fresh("vpdq", "compare", clips / "one.txt", clips / "other.txt")
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines()[0].startswith("0.0 %")


def test_a_list_goes_into_a_bank_and_out_again(clips: Path, fresh: Run) -> None:
    assert fresh("bank", "create", "known").code == 0
    done = fresh("vpdq", "add", "known", clips / "one.txt", clips / "other.txt", clips / "one.mp4")
    assert done.out == "added 2 entries to known; 0 were there already\n"
    assert done.err.count("\n") == 1
    assert "one.mp4: not added: line 1" in done.err
    assert fresh("vpdq", "add", "known", clips / "one.txt").out == "added 0 entries to known; 1 were there already\n"
    exported = fresh("vpdq", "export", "known", "one.txt", "--every", 0.5)
    assert fields(exported.out) == [(n, n / 2) for n in range(6)]
    (clips / "exported.txt").write_text(exported.out)
    assert fresh("vpdq", "compare", clips / "exported.txt", clips / "one.txt").code == 1
    code = (clips / "one.txt").read_text().splitlines()[0].split(",")[2]
    assert fresh("match", code).code == 1


def test_errors_are_one_line(clips: Path, fresh: Run) -> None:
    assert_refused(fresh, 13, "no such file", "vpdq", "hash", clips / "missing.mp4")
    assert_refused(fresh, 13, "no video (application/octet-stream)", "vpdq", "hash", clips / "one.txt")
    assert_refused(fresh, 14, "one.mp4: ", "vpdq", "compare", clips / "one.mp4", clips / "one.txt")
    assert_refused(fresh, 10, "no bank is called 'known'", "vpdq", "export", "known", "nothing")
    assert_refused(fresh, 2, "seconds apart", "vpdq", "hash", clips / "one.mp4", "--every", "nan")


def test_what_is_odd_about_a_video_is_noted_beside_its_frames(clips: Path, fresh: Run) -> None:
    done = fresh("vpdq", "hash", clips / "cut.mkv")
    assert (done.code, done.err) == (0, "note: cut short: what could be read is used\n")
    assert 0 < len(fields(done.out)) < 30
