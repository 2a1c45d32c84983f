"""The real decoders under confinement: whatever they need must have been loaded before."""

import io
import sys
from pathlib import Path

import numpy as np
from PIL import Image

from safelight.adapter.sandbox import SandboxExaminer
from safelight.flow.examine import examine
from safelight.model.media import Limits
from safelight.model.scan import Examination, Status
from safelight.ports import ExamineJob
from tests.material.seeds import seeds
from tests.media.heic import draw_heic

COMMAND = (sys.executable, "-m", "safelight.worker.decoder")


def test_every_format_is_examined_in_confinement_as_outside_of_it(tmp_path: Path) -> None:
    grey = np.full((32, 32, 3), 120, dtype=np.uint8)
    files = {**seeds(), "grey.heic": draw_heic(grey)}
    jobs = []
    for key, (name, data) in enumerate(files.items()):
        (tmp_path / name).write_bytes(data)
        jobs.append(ExamineJob(key, str(tmp_path / name), name, thumbnail=True))
    confined: dict[str, list[Examination]] = {name: [] for name in files}
    examiner = SandboxExaminer(COMMAND, Limits(), 1)
    with examiner.run(jobs) as results:
        for result in results:
            confined[jobs[result.key].name].append(result.examination)
    for name, data in files.items():
        assert confined[name] == list(examine(name, io.BytesIO(data), Limits(), thumbnail=True)), name
        assert confined[name][-1].status is (Status.UNSUPPORTED if name == "head.mp4" else Status.OK), name


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
