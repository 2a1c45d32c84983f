"""After `warm_up`, nothing needs to open a file, import a module or leave a thread behind."""

import subprocess
import sys
from pathlib import Path

import numpy as np

from safelight.media import warm
from tests.media.heic import draw_heic

PROBE = """
import io, os, resource, sys, threading
from safelight.media.warm import warm_up
warm_up()
threads = len(os.listdir("/proc/self/task")) if os.path.isdir("/proc/self/task") else threading.active_count()
sources = []
folder = sys.argv[1]
for name in sorted(os.listdir(folder)):
    with open(os.path.join(folder, name), "rb") as file:
        sources.append((name, file.read()))
from dataclasses import replace
from safelight.media.archive import members
from safelight.media.decode import decode_image
from safelight.media.sniff import HEAD_BYTES, sniff
from safelight.model.errors import MediaError
from safelight.model.media import Limits, MediaKind
imported = []
sys.addaudithook(lambda event, args: imported.append(args[0]) if event == "import" else None)
resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))
for name, data in sources:
    for content in (data, data[:-9]):
        kind = sniff(data[:HEAD_BYTES])
        outcome = ""
        try:
            if kind.kind is MediaKind.IMAGE:
                outcome = f"{len(decode_image(content, kind, Limits()).frames)} frames"
            else:
                outcome = f"{sum(1 for _ in members(io.BytesIO(content), kind, Limits()))} members"
        except MediaError as error:
            outcome = "error: " + error.cause
        if content is data:
            sys.stdout.write(f"{name}: {outcome}\\n")
sys.stdout.write(f"threads before: {threads}\\n")
sys.stdout.write(f"imported late: {imported}\\n")
"""


def test_confined_decoding(tmp_path: Path) -> None:
    """Every seed in a process that can open nothing: each gives what it gives here."""
    from tests.media.test_hostile import SEEDS

    for name, data in SEEDS.items():
        (tmp_path / name).write_bytes(data)
    environment = {"OPENBLAS_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-c", PROBE, str(tmp_path)], capture_output=True, text=True, check=False, env=environment
    )
    assert done.returncode == 0, done.stderr
    lines = dict(line.split(": ", 1) for line in done.stdout.splitlines())
    assert lines.pop("imported late") == "[]"
    assert lines.pop("threads before") == "1"
    assert lines.keys() == SEEDS.keys()
    assert [line for line in lines.values() if line.startswith("error")] == []


def test_the_heic_inside_is_the_one_the_tests_draw() -> None:
    assert draw_heic(np.full((16, 16, 3), 128, np.uint8)) == warm._HEIC


def test_it_can_be_called_again() -> None:
    warm.warm_up()
    warm.warm_up()
