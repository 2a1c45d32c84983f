"""The usual codecs are decoded in a process that is confined as workers are, on one thread, importing nothing late."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.material.clips import sample

KINDS = {
    "h264.mp4": ("mp4", "libx264"),
    "hevc.mkv": ("matroska", "libx265"),
    "vp8.webm": ("webm", "libvpx"),
    "vp9.webm": ("webm", "libvpx-vp9"),
    "av1.mkv": ("matroska", "libsvtav1"),
    "mpeg4.avi": ("avi", "mpeg4"),
    "mjpeg.avi": ("avi", "mjpeg"),
    "prores.mov": ("mov", "prores_ks"),
    "wmv2.wmv": ("asf", "wmv2"),
    "mpeg2.ts": ("mpegts", "mpeg2video"),
    "flv1.flv": ("flv", "flv"),
    "h263.3gp": ("3gp", "h263"),
    "h264.h264": ("h264", "libx264"),
    "hevc.hevc": ("hevc", "libx265"),
    "mpeg4.m4v": ("m4v", "mpeg4"),
    "vp8.ivf": ("ivf", "libvpx"),
    "mpeg4.nut": ("nut", "mpeg4"),
    "raw.y4m": ("yuv4mpegpipe", "rawvideo"),
    "av1.obu": ("obu", "libsvtav1"),
}
PROBE = """
import os, sys
from pathlib import Path
files = [(path.name, path.read_bytes()) for path in sorted(Path(sys.argv[1]).iterdir())]
from safelight.adapter.sandbox.confine import confine
from safelight.media.sniff import HEAD_BYTES, sniff
from safelight.media.video import open_video
from safelight.media.video.warm import warm_up as warm_up_videos
from safelight.media.warm import warm_up
from safelight.model.clip import Sampling
from safelight.model.errors import MediaError
from safelight.model.media import Limits
warm_up()
warm_up_videos()
tasks = sorted(os.listdir("/proc/self/task"))
watched = os.open("/proc/self/task", os.O_RDONLY)
late = []
sys.addaudithook(lambda event, args: late.append(args[0]) if event in ("import", "_thread.start_new_thread") else None)
confine(Limits(), os.getppid())
for name, data in files:
    try:
        with open_video(data, sniff(data[:HEAD_BYTES]), Limits()) as video:
            counts = [len(list(video.frames(sampling, side=64, colour=colour)))
                      for sampling in (Sampling(2.0, keys=True, least=12), Sampling(0.0)) for colour in (False, True)]
        outcome = f"{counts[1:]} {counts[0] > 7} {video.facts.warnings}"
    except MediaError as error:
        outcome = error.cause
    sys.stdout.write(f"{name}: {outcome}\\n")
sys.stdout.write(f"late: {late} threads: {len(tasks)}\\n")
sys.stdout.flush()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="confinement is in force on Linux")
def test_codecs_in_confinement(tmp_path: Path) -> None:
    for name, (container, codec) in KINDS.items():
        (tmp_path / name).write_bytes(sample(container, codec))
    environment = {"OPENBLAS_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-c", PROBE, str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""  # FFmpeg's log is silent
    lines = dict(line.split(": ", 1) for line in done.stdout.splitlines())
    assert lines.pop("late") == "[] threads: 1"
    assert lines.keys() == KINDS.keys()
    for name, line in lines.items():
        assert line.endswith("100, 100] True ()"), f"{name}: {line}"
