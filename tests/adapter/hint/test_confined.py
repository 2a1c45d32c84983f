"""The encoder after a fork, in a worker that can open nothing: in a process of its own, which may have no threads."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("onnxruntime", reason="the extra `hint` is not installed")

_PARENT = """
import json, os, sys
import numpy as np
from safelight.adapter.hint.detector import HintDetector, probe
from safelight.adapter.hint.encoder import OnnxEncoder
from safelight.adapter.sandbox.confine import confine
from safelight.model.media import Limits
from tests.adapter.hint.tiny import tiny_model
from tests.detect.hint.heads import head, photograph

from safelight.detect.hint.views import fixed_views

encoder = OnnxEncoder(tiny_model())
detector = HintDetector(encoder, head(), "ab" * 32)
hint = detector.judge([photograph(1)], "image/jpeg")
read, write = os.pipe()
parent = os.getpid()
if os.fork() == 0:
    try:
        report = confine(Limits(), parent)
        same = detector.judge([photograph(1)], "image/jpeg") == hint
        answer = {"same": same, "open": report["open_file"], "seccomp": report.get("seccomp", "")}
    except BaseException as error:
        answer = {"error": repr(error)}
    os.write(write, json.dumps(answer).encode())
    os._exit(0)
os.wait()
print(os.read(read, 10_000).decode())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the layers are Linux's")
def test_a_confined_worker_gives_the_same_hint_as_its_parent() -> None:
    root = Path(__file__).parents[3]
    environment = {"PYTHONPATH": f"{root}:{root / 'src'}", "OPENBLAS_NUM_THREADS": "1"}
    command = [sys.executable, "-W", "error", "-c", _PARENT]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    answer = json.loads(done.stdout)
    assert answer.get("same") is True, answer
    assert answer["open"].startswith("refused") or "no" in answer["seccomp"]
