"""The real decoders under confinement: whatever they need must have been loaded before."""

import contextlib
import io
import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from safelight.adapter.sandbox import SandboxExaminer
from safelight.adapter.sandbox.protocol import CLIP_FLAG, LOCAL_FLAG, SIGNALS_FLAG, frame
from safelight.adapter.trust import load_trust
from safelight.demo.declared import declared
from safelight.demo.draw import draw
from safelight.demo.folder import picture
from safelight.demo.variants import encode, stored_turned
from safelight.flow.examine import examine
from safelight.flow.signals import SignalTools
from safelight.model.errors import SandboxError
from safelight.model.local import OF_QUERY
from safelight.model.media import Limits
from safelight.model.scan import Examination, Status
from safelight.model.signal import SignalRequest
from safelight.ports import ExamineJob
from tests.material.seeds import seeds
from tests.media.heic import draw_heic

COMMAND = (sys.executable, "-m", "safelight.worker.decoder")


def examined(
    folder: Path, examiner: SandboxExaminer, files: dict[str, bytes], **options: Any
) -> dict[str, list[Examination]]:
    """What a confined worker says of each file. `options`: of the jobs."""
    jobs = []
    for key, (name, data) in enumerate(files.items()):
        (folder / name).write_bytes(data)
        jobs.append(ExamineJob(key, str(folder / name), name, **options))
    said: dict[str, list[Examination]] = {name: [] for name in files}
    with examiner.run(jobs) as results:
        for result in results:
            said[jobs[result.key].name].append(result.examination)
    return said


def test_every_format_is_examined_in_confinement_as_outside_of_it(tmp_path: Path) -> None:
    grey = np.full((32, 32, 3), 120, dtype=np.uint8)
    files = {**seeds(), "grey.heic": draw_heic(grey)}
    confined = examined(tmp_path, SandboxExaminer(COMMAND, Limits(), 1), files, thumbnail=True)
    for name, data in files.items():
        assert confined[name] == list(examine(name, io.BytesIO(data), Limits(), thumbnail=True)), name
        assert confined[name][-1].status is (Status.UNSUPPORTED if name == "head.mp4" else Status.OK), name


def test_pictures_are_looked_at_in_confinement_as_outside_of_it(tmp_path: Path) -> None:
    noise = np.random.default_rng(5).integers(0, 256, (480, 480, 3), dtype=np.uint8)  # no photograph has more keypoints
    files = {
        "turned.jpg": stored_turned(draw(4, 1200, 800), 6),
        "noise.png": encode(Image.fromarray(noise), "PNG"),
        **{name: data for name, data in seeds().items() if name in {"animated.png", "deflated.zip", "cmyk.jpg"}},
    }
    examiner = SandboxExaminer(COMMAND, Limits(), 1, local=True)
    confined = examined(tmp_path, examiner, files, local=OF_QUERY, pixels=320)
    looked_at = 0
    for name, data in files.items():
        outside = examine(name, io.BytesIO(data), Limits(), local=OF_QUERY, pixels=320)
        for here, there in zip(confined[name], outside, strict=True):
            assert frame(here) == frame(there), name
            looked_at += here.local is not None and here.pixels is not None
    assert looked_at >= len(files)


def test_signals_are_read_in_confinement_as_outside_of_it(tmp_path: Path) -> None:
    files = {made.path.replace("/", "-"): made.data for made in declared(picture)} | seeds()
    assert_same_signals(tmp_path, files, lost=0)


@pytest.mark.shared
def test_manifests_are_read_in_confinement_as_outside_of_it(tmp_path: Path, shared: Path) -> None:
    folder = shared / "corpus" / "provenance" / "c2pa-rs"
    found = assert_same_signals(tmp_path, {path.name: path.read_bytes() for path in folder.iterdir()}, lost=0)
    assert sum(examination.provenance is not None for examination in found) >= 23


def assert_same_signals(folder: Path, files: dict[str, bytes], lost: int) -> list[Examination]:
    request = SignalRequest(lossy=True, maps=True)
    confined = examined(folder, SandboxExaminer(COMMAND, Limits(), 1, signals=True), files, signals=request)
    tools, found = SignalTools(load_trust(None)), []
    for name, data in files.items():
        outside = examine(name, io.BytesIO(data), Limits(), signals=request, tools=tools)
        for here, there in zip(confined[name], outside, strict=True):
            assert frame(here) == frame(there), name
            found.append(here)
    assert sum(signal.name == "signals_lost" for one in found for signal in one.signals) == lost
    return found


@pytest.mark.parametrize(
    ("arguments", "opencv", "ffmpeg"),
    [([], False, False), ([LOCAL_FLAG], True, False), ([SIGNALS_FLAG], True, False), ([CLIP_FLAG], True, True)],
)
def test_libraries_are_loaded_when_they_are_needed_and_start_no_threads(
    arguments: list[str], opencv: bool, ffmpeg: bool
) -> None:
    script = """
        import os, sys
        from safelight.worker.decoder import Decoder
        Decoder(sys.argv[1:]).warm_up()
        print("cv2" in sys.modules, "av" in sys.modules, len(os.listdir("/proc/self/task")))
    """
    command = [sys.executable, "-c", textwrap.dedent(script), *arguments]
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    assert done.stdout == f"{opencv} {ffmpeg} 1\n"


def test_a_picture_beyond_the_memory_limit_costs_that_file_only(tmp_path: Path) -> None:
    Image.new("1", (8000, 8000), 1).save(tmp_path / "large.png")
    (tmp_path / "small.png").write_bytes(seeds()["rgb.png"])
    names = ["large.png", "small.png"]
    jobs = [ExamineJob(key, str(tmp_path / name), name) for key, name in enumerate(names)]
    with SandboxExaminer(COMMAND, Limits(memory_bytes=64 << 20), 1).run(jobs) as results:
        large, small = (result.examination for result in results)
    assert large.status is Status.UNREADABLE
    assert large.error is not None
    assert "memory" in large.error
    assert large.fingerprint is not None
    assert small.status is Status.OK


def test_a_scan_judges_by_one_trust_list(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(seeds()["rgb.png"])
    job = ExamineJob(0, str(tmp_path / "a.png"), "a.png", signals=SignalRequest())
    for digest, works in ((load_trust(None).sha256, True), ("0" * 64, False)):
        examiner = SandboxExaminer((*COMMAND, f"--trusted={digest}"), Limits(), 1, signals=True)
        refused = contextlib.nullcontext() if works else pytest.raises(SandboxError, match="was changed meanwhile")
        with refused, examiner.run([job]) as results:
            assert [result.examination.status for result in results] == [Status.OK]
