import hashlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from safelight.adapter.hint import encoder as module
from safelight.adapter.hint.encoder import EMBEDDING, SHA256, OnnxEncoder, find_model, read_model
from safelight.model.errors import PluginError
from safelight.ports.hinting import Encoder
from tests.adapter.hint.tiny import tiny_model, weights

pytest.importorskip("onnxruntime", reason="the extra `hint` is not installed")
MEAN, DEVIATION = (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)


def some_view(seed: int = 0) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return np.random.default_rng(seed).integers(0, 256, (224, 224, 3), dtype=np.uint8)


def test_an_embedding_is_what_the_model_computes_at_length_one() -> None:
    expected = ((some_view() / 255 - MEAN) / DEVIATION).mean(axis=(0, 1)) @ weights()
    found = OnnxEncoder(tiny_model())(some_view())
    assert found.shape == (EMBEDDING,)
    assert found.dtype == np.float32
    assert np.allclose(found, expected / np.linalg.norm(expected), atol=1e-5)


def test_it_is_deterministic_and_an_encoder() -> None:
    one, other = OnnxEncoder(tiny_model()), OnnxEncoder(tiny_model())
    assert isinstance(one, Encoder)
    assert np.array_equal(one(some_view(1)), other(some_view(1)))


def test_a_file_that_is_no_model_is_refused_in_one_line() -> None:
    with pytest.raises(PluginError, match="does not take the encoder") as caught:
        OnnxEncoder(b"no model")
    assert "\n" not in str(caught.value)


def test_only_the_pinned_bytes_are_read(tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(b"model")
    right = hashlib.sha256(b"model").hexdigest()
    assert read_model(path, right) == b"model"
    with pytest.raises(PluginError, match=f"{right}, not the pinned {SHA256}"):
        read_model(path)
    with pytest.raises(PluginError, match="cannot read the encoder"):
        read_model(tmp_path / "none", right)


def test_without_the_package_there_is_no_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PACKAGE", "no-such-package-anywhere")
    assert find_model() is None


def test_the_package_is_found_by_its_files_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    info = tmp_path / "parcel_for_test-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: parcel-for-test\nVersion: 1.0\n")
    monkeypatch.setattr(module, "PACKAGE", "parcel-for-test")
    monkeypatch.setattr(module, "MODEL", "parcel/model.onnx")
    monkeypatch.syspath_prepend(tmp_path)
    assert find_model() == tmp_path / "parcel" / "model.onnx"


_PROBE = """
import os, sys
from tests.adapter.hint.tiny import tiny_model
from safelight.adapter.hint.encoder import OnnxEncoder
import numpy as np
before = len(os.listdir("/proc/self/task"))
OnnxEncoder(tiny_model())(np.zeros((224, 224, 3), np.uint8))
print(len(os.listdir("/proc/self/task")) - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_onnx_runtime_starts_no_thread_and_writes_nothing_at_home(tmp_path: Path) -> None:
    """Unless told before it is imported, it keeps a database of usage there, and a thread that sends it."""
    root = Path(__file__).parents[3]
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "ORT_", "COV_"))}
    environment = kept | {"HOME": str(tmp_path), "OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": f"{root}:{root / 'src'}"}
    done = subprocess.run(
        [sys.executable, "-c", _PROBE], env=environment, cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "0"
    assert done.stderr == ""
    assert list(tmp_path.rglob("*")) == []
