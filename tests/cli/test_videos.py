"""Videos on the command line, in the real workers: into a bank, and found again."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from safelight.app.files import JOURNAL
from tests.cli.conftest import Run, run_in
from tests.material.clips import clip, encode

FPS, SIZE = 8, (320, 240)


def drawn(number: int, seconds: float = 10) -> list[np.ndarray[Any, np.dtype[np.uint8]]]:
    return list(clip(number, seconds, FPS, *SIZE, shot=2.5))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`known/` with two videos and a picture, in the bank "known"; `files/` to check; `home/`."""
    root = tmp_path_factory.mktemp("videos")
    known, files = root / "known", root / "files"
    known.mkdir()
    files.mkdir()
    first, second, other = drawn(1), drawn(2), drawn(3)
    (known / "first.mp4").write_bytes(encode(first, fps=FPS, gop=16))
    (known / "second.mkv").write_bytes(encode(second, "matroska", "libx264", FPS, gop=16))
    Image.fromarray(drawn(4, 0.2)[0]).save(known / "item.png")
    (files / "a-same.mp4").write_bytes((known / "first.mp4").read_bytes())
    (files / "b-part.avi").write_bytes(encode(first[20:70], "avi", "mpeg4", FPS))
    changed = [frame.copy() for frame in second]
    for frame, patch in zip(changed, other, strict=True):
        frame[60:168, 90:232] = patch[60:168, 90:232]
    (files / "c-altered.mp4").write_bytes(encode(changed, fps=FPS, gop=16))
    (files / "d-other.webm").write_bytes(encode(other[:40], "webm", "libvpx", FPS))
    (files / "e-cut.mkv").write_bytes(encode(other, "matroska", "libx264", FPS, gop=16)[:-9000])
    (files / "f-nothing.mp4").write_bytes((known / "first.mp4").read_bytes()[:500])
    Image.fromarray(first[0]).save(files / "g-still.jpg", quality=90)
    run = run_in(root / "home")
    assert run("bank", "create", "known").code == 0
    added = run("bank", "add", "known", known)
    assert added.code == 0, added.err
    return root


@pytest.fixture
def home(place: Path) -> Run:
    return run_in(place / "home")


def rows_of(out: Path) -> dict[str, dict[str, Any]]:
    lines = (out / "results.jsonl").read_text(encoding="utf-8").splitlines()
    return {Path(row["path"]).name: row for row in map(json.loads, lines)}


def test_a_folder_with_videos_is_scanned_and_goes_on_after_a_kill(place: Path, home: Run, tmp_path: Path) -> None:
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    arguments = ("scan", place / "files", "--bank", "known", "--quiet", "--thumbnails", "blurred", "--out")
    assert home(*arguments, whole).code == 1
    rows = rows_of(whole)
    assert {name: row["decision"]["outcome"] for name, row in rows.items()} == {
        "a-same.mp4": "known",
        "b-part.avi": "near",
        "c-altered.mp4": "derivative",
        "d-other.webm": "no_match",
        "e-cut.mkv": "partly_checked",
        "f-nothing.mp4": "not_checked",
        "g-still.jpg": "near",
    }
    (part,) = rows["b-part.avi"]["matches"]
    (segment,) = part["segments"]
    assert segment["source_start"] - segment["query_start"] == pytest.approx(2.5, abs=0.5)
    assert rows["b-part.avi"]["duration"] == pytest.approx(6.25, abs=0.2)
    assert 1 <= len(rows["b-part.avi"]["strip"]) <= 8
    (altered,) = rows["c-altered.mp4"]["matches"]
    assert (altered["entry"], altered["algorithm"]) == ("second.mkv", "clip")
    tracks = [at["region"]["area"] for one in altered["segments"] for at in one["track"]]
    assert np.mean(tracks) == pytest.approx(0.2, abs=0.08)
    (still,) = rows["g-still.jpg"]["matches"]
    assert (still["entry"], still["source_time"]) == ("first.mp4", 0)
    report = (whole / "report.html").read_text(encoding="utf-8")
    assert all(name in report for name in rows)

    environment = os.environ | {"SAFELIGHT_HOME": str(place / "home")}
    command = [sys.executable, "-m", "safelight", *map(str, arguments), str(killed)]
    process = subprocess.Popen(command, env=environment, start_new_session=True)
    while not (killed / JOURNAL).exists() and process.poll() is None:
        time.sleep(0.02)
    time.sleep(1)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert home(*arguments, killed).code == 1
    assert (killed / "results.jsonl").read_bytes() == (whole / "results.jsonl").read_bytes()


def test_one_video_is_looked_up(place: Path, home: Run) -> None:
    done = home("match", place / "files" / "b-part.avi", "--bank", "known", "--json")
    assert done.code == 1, done.err
    (found,) = done.rows()
    assert [(match["entry"], match["kind"]) for match in found["matches"]] == [("first.mp4", "near")]
    assert len(found["matches"][0]["segments"]) == 1


def test_one_video_is_explained_stage_by_stage_without_its_arrays(place: Path, home: Run) -> None:
    done = home("explain", place / "files" / "c-altered.mp4", "--bank", "known")
    (told,) = json.loads(done.out)["files"]
    assert told["decision"]["outcome"] == "derivative"
    examination = told["examination"]
    assert (examination["clip"], examination["key_frames"], examination["local"]) == (None, [], None)
    assert examination["facts"]["duration"] == pytest.approx(10, abs=0.1)
    assert told["matches"][0]["segments"]
    assert len(told["segments"]) == len(told["matches"][0]["segments"])
    assert told["segments"][0].startswith("known/second.mkv: ")
    assert max(map(len, done.out.splitlines())) < 2000
