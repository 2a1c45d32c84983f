"""`safelight compare` of two videos as people run it: real decoders, real evidence, real files."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.cli.conftest import Run, run_in
from tests.cli.test_errors import assert_refused
from tests.material.clips import clip, encode

SIZE = (320, 240)
FPS = 10
PATCH = (slice(60, 170), slice(110, 220))
"""Rows and columns of the suspect's frames that show another video."""
START, END = 3.0, 11.0
"""Seconds of the original that the suspect shows."""


@pytest.fixture(scope="session")
def videos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an original, a stretch of it with a replaced part, another video, and a picture."""
    root = tmp_path_factory.mktemp("videos")
    original, other = (list(clip(number, 14.0, FPS, *SIZE, shot=4.0)) for number in (11, 12))
    altered = [frame.copy() for frame in original[int(START * FPS) : int(END * FPS)]]
    for frame, stranger in zip(altered, other, strict=False):
        frame[PATCH] = stranger[PATCH]
    (root / "original.mkv").write_bytes(encode(original, "matroska", "libx264", FPS, 20))
    (root / "altered.mp4").write_bytes(encode(altered, fps=FPS, gop=20, options={"crf": "26"}))
    (root / "other.mp4").write_bytes(encode(other, fps=FPS, gop=20))
    (root / "cut.mp4").write_bytes((root / "other.mp4").read_bytes()[:40])
    Image.fromarray(original[40]).save(root / "still.png")
    return root


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return run_in(tmp_path / "home")


def test_a_stretch_with_a_replaced_part(videos: Path, run: Run, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = run("compare", videos / "altered.mp4", videos / "original.mkv", "--out", out)
    assert (done.code, done.err) == (1, "")
    assert "The suspect video derives from the original" in done.out
    told = json.loads((out / "comparison.json").read_bytes())
    (segment,) = told["clips"]["segments"]
    assert segment["query_end"] - segment["query_start"] > 6
    assert segment["source_start"] - segment["query_start"] == pytest.approx(START, abs=0.5)
    assert segment["speed"] == pytest.approx(1.0, abs=0.05)
    instants = told["clips"]["instants"]
    assert 2 <= len(instants) <= 6
    truth = 110 * 110 / (320 * 240)
    shares = [one["region"]["area"] for one in instants if one["region"]]
    assert np.median(shares) == pytest.approx(truth, abs=0.08)
    assert all(one["source_time"] - one["time"] == pytest.approx(START, abs=0.15) for one in instants)
    mask = np.asarray(Image.open(out / "mask-1.png")) > 0
    real = np.zeros(SIZE[::-1], bool)
    real[PATCH] = True
    assert (mask & real).sum() / (mask | real).sum() > 0.5
    verified = run("verify", out)
    assert (verified.code, verified.out.startswith("INTACT")) == (3, True)
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "Frames side by side" in page
    assert (out / "report.pdf").read_bytes().startswith(b"%PDF-")


def test_an_unrelated_video_is_not_derived(videos: Path, run: Run, tmp_path: Path) -> None:
    done = run("compare", videos / "other.mp4", videos / "original.mkv", "--out", tmp_path / "out")
    assert (done.code, "no stretch of the original was found" in done.out) == (0, True)


def test_what_cannot_be_compared_is_named(videos: Path, run: Run, tmp_path: Path) -> None:
    def refused(says: str, suspect: str, original: str) -> None:
        assert_refused(run, 13, says, "compare", videos / suspect, videos / original, "--out", tmp_path / "out")
        assert not (tmp_path / "out").exists()

    refused("original.mkv: is a video, and the other file is none", "still.png", "original.mkv")
    refused("altered.mp4: is a video, and the other file is none", "altered.mp4", "still.png")
    refused("cut.mp4: video/mp4: ", "cut.mp4", "original.mkv")
