"""Timing: turns, the least of all rounds, ratios."""

import stat
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from safelight.bench.derivative.pictures import Picture
from safelight.bench.video import speed
from safelight.bench.video.clips import Shelf, VideoClip
from safelight.bench.video.footage import Coding, encode
from safelight.bench.video.speed import DECODED, DENSE, HASHES, KEYPOINTS, KNOWN, VPDQ, Timed
from safelight.model.errors import InputError
from tests.bench.video.fakes import levels

FILES = [Timed(Path("a"), 30.0, ordinary=True), Timed(Path("b"), 90.0, ordinary=False)]
BEST = {HASHES: [0.1, 0.3], KEYPOINTS: [0.4, 0.6], DENSE: [0.8, 0.8], KNOWN: [4.0, 4.0], DECODED: [1.0, 1.0]}


def test_the_least_of_all_rounds_is_kept_and_all_take_turns() -> None:
    asked: list[tuple[str, str]] = []
    times = iter([9.0, 9.0, 5.0, 2.0, 4.0, 7.0, 3.0, 8.0, 6.0, 1.0])

    def contestant(name: str) -> Callable[[Path], float]:
        def call(path: Path) -> float:
            asked.append((name, path.name))
            return next(times)

        return call

    best = speed.measure(FILES, {"x": contestant("x"), "y": contestant("y")}, 2)
    assert asked[2:] == [("x", "a"), ("y", "a"), ("x", "b"), ("y", "b")] * 2
    assert best == {"x": [3.0, 4.0], "y": [2.0, 1.0]}


def test_ratios_are_over_all_files_and_minutes_over_ordinary_ones() -> None:
    rows = {row.what: row for row in speed.rows(FILES, BEST)}
    judged = [row for row in rows.values() if row.bar is not None]
    assert [row.value for row in judged] == pytest.approx([5, 0.2])
    assert [(row.bar, row.holds) for row in judged] == [(5, True), (0.5, True)]
    assert "was not at hand" in judged[0].what
    assert rows[
        f"CPU time of {DECODED} to ours by {HASHES}, minutes of 480p with usual key frames"
    ].value == pytest.approx(10)
    assert rows["the same, the file where it is least"].value == pytest.approx(1 / 0.3)
    assert rows[f"the same to ours, {KEYPOINTS}"].value == pytest.approx(2)
    assert rows[f"CPU time for a minute of 480p with usual key frames, {KNOWN}"].value == pytest.approx(8)
    assert rows[f"CPU time for a second of all files, {KNOWN}"].value == pytest.approx(8000 / 120)


def test_the_published_program_is_the_peer_where_it_is_at_hand() -> None:
    rows = speed.rows(FILES, BEST | {VPDQ: [2.0, 6.0]})
    assert rows[0].value == pytest.approx(20)
    assert "PyPI vpdq" in rows[0].what


def test_an_interpreter_is_asked_for_its_time(tmp_path: Path) -> None:
    video = tmp_path / "a.mp4"
    video.write_bytes(encode(levels(20), Coding()))
    (tmp_path / "vpdq.py").write_text("def computeHash(path, seconds_per_hash, thread_count):\n    return [path]\n")
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\nPYTHONPATH={tmp_path} exec {sys.executable} "$@"\n')
    python.chmod(python.stat().st_mode | stat.S_IXUSR)
    assert 0 <= speed._vpdq(python)(video) < 5
    with pytest.raises(InputError, match="cannot run PyPI vpdq"):
        speed._vpdq(tmp_path / "none")(video)
    (tmp_path / "vpdq.py").write_text("def computeHash(path, seconds_per_hash, thread_count):\n    return []\n")
    with pytest.raises(InputError, match="hashed no frame"):
        speed._vpdq(python)(video)


def test_each_contestant_fingerprints_real_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speed, "DRAWN_SIZE", (160, 120))
    monkeypatch.setattr(speed, "SECONDS", 5.0)
    clip = VideoClip("one", "one", (Picture("p", "", drawn=3), Picture("q", "", drawn=4)), seed=1)
    rows, told = speed.run(True, lambda _line: None, [clip], Shelf(tmp_path))
    assert [one["file"] for one in told] == ["one-480p.mp4"]
    assert all(float(str(told[0][name])) > 0 for name in BEST)
    assert len([row for row in rows if row.what.startswith("CPU time for a minute of 480p")]) == len(BEST)
