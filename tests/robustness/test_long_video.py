"""Ninety minutes of video, as a known one and as a query: time and memory stay within bounds."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from safelight.demo.draw import draw
from tests.material.clips import Frame, encode

WIDTH, HEIGHT = 128, 96
MINUTES, FPS, SCENE = 90, 2, 10
"""A scene is a drawing over which a window moves, slowly, for so many seconds."""

WRONG = 0.15
"""Share of its time below which an unrelated video may match, as `safelight bench video` has it."""


class Spent(NamedTuple):
    """What a command took: CPU seconds of it and its workers, megabytes of the largest of them."""

    seconds: float
    megabytes: float


def frames(first: int, *, mirrored: bool = False) -> Iterator[Frame]:
    for scene in range(MINUTES * 60 // SCENE):
        picture = np.asarray(draw(first + scene, WIDTH + SCENE * FPS, HEIGHT))
        for passed in range(SCENE * FPS):
            frame = picture[:, passed : passed + WIDTH]
            yield np.ascontiguousarray(frame[:, ::-1] if mirrored else frame)


def spent(home: Path, *arguments: object, code: int) -> Spent:
    process = subprocess.Popen(
        [sys.executable, "-m", "safelight", *map(str, arguments)], env=os.environ | {"SAFELIGHT_HOME": str(home)}
    )
    _pid, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == code
    return Spent(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_ninety_minutes(tmp_path: Path) -> None:
    known, files, home = tmp_path / "known.mp4", tmp_path / "files", tmp_path / "home"
    files.mkdir()
    fast = {"preset": "ultrafast", "crf": "20"}
    known.write_bytes(encode(frames(1000), fps=FPS, gop=20, options=fast))
    (files / "a-mirrored.mp4").write_bytes(encode(frames(1000, mirrored=True), fps=FPS, gop=20, options=fast))
    (files / "b-other.mp4").write_bytes(encode(frames(2000), fps=FPS, gop=20, options=fast))
    spent(home, "bank", "create", "known", code=0)
    adding = spent(home, "bank", "add", "known", known, code=0)
    scanning = spent(home, "scan", files, "--bank", "known", "--out", tmp_path / "out", "--quiet", code=1)
    lines = (tmp_path / "out" / "results.jsonl").read_text(encoding="utf-8").splitlines()
    found: dict[str, Any] = {Path(row["path"]).name: row for row in map(json.loads, lines)}
    (match,) = found["a-mirrored.mp4"]["matches"]
    assert (match["kind"], match["mirrored"]) == ("near", True)
    assert match["share"] > 0.95
    for segment in match["segments"]:
        assert segment["speed"] == pytest.approx(1, abs=0.01)
        assert segment["source_start"] == pytest.approx(segment["query_start"], abs=1.5)
    assert sum(other["share"] for other in found["b-other.mp4"]["matches"]) < WRONG
    assert adding.seconds < MINUTES  # a second a minute; it took a tenth of that when this was written
    assert scanning.seconds < 2 * MINUTES
    assert max(adding.megabytes, scanning.megabytes) < 800
