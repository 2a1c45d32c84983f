"""The detector that the extra `hint` brings: its files verified, its encoder loaded."""

import hashlib
import io
import json
from collections.abc import Sequence
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from safelight.adapter.hint.encoder import MODEL, NAME, NO_RUNTIME, OnnxEncoder, find_model, read_model
from safelight.detect.hint import Direction, Head, judge
from safelight.detect.hint.views import SIDE, Pixels
from safelight.model.errors import PluginError, UsageError
from safelight.model.hint import Hint
from safelight.ports.hinting import Encoder

DETECTOR = "safelight-hint 1"
HEAD, CARD = "head-1.npz", "card-1.json"
"""Package data beside this module; tools/train_hint.py and tools/write_model_card.py made them."""

LEAST_COSINE = 0.99
"""Between the embedding of the probe here and on the machine of the measurements. Another order of the same
arithmetic has given 0.97, and scores with other errors than those published."""


class HintDetector:
    """`ports.Detector` with the encoder in this process; forked processes share it."""

    def __init__(self, encoder: Encoder, head: Head, card: str) -> None:
        self.name = DETECTOR
        self.card = card
        self._encoder = encoder
        self._head = head

    def judge(self, frames: Sequence[NDArray[np.uint8]], mime: str) -> Hint:
        """What it makes of one file: see `ports.hinting.Detector`."""
        return judge(frames, mime, self._encoder, self._head, detector=self.name, card=self.card)


def load_detector() -> HintDetector | None:
    """The detector, ready to be forked; None when its encoder is not installed.

    Takes about a second of CPU time and 300 MiB of memory, which forked processes share. Starts no thread.

    Raises:
        PluginError: the encoder or the head is not the one that was measured, the processor computes other
            embeddings, ONNX Runtime is missing, or the measurements forbid its use.
    """
    path = find_model()
    return None if path is None else _load(path)


def check_detector() -> None:
    """Look whether `load_detector` can work, without loading the runtime: for the process that only starts others.

    Raises:
        UsageError: no encoder is installed.
        PluginError: it, or what goes with it, is not what was measured.
    """
    path = find_model()
    if path is None:
        raise UsageError(detail="--hint: no detector is installed (docs/hint.md)")
    refuse_unless_shipped(read_card())
    read_model(path)
    if find_spec("onnxruntime") is None:
        raise PluginError(name=NAME, cause=NO_RUNTIME)


def _load(path: Path) -> HintDetector:
    card = read_card()
    refuse_unless_shipped(card)
    model = read_model(path)
    head = read_head()
    encoder = OnnxEncoder(model)
    probe_processor(encoder, read_reference())
    return HintDetector(encoder, head, card_digest())


def read_card() -> dict[str, Any]:
    """The model card's data."""
    card: dict[str, Any] = json.loads(_data(CARD))
    return card


def card_digest() -> str:
    """SHA-256 of the model card's data, in hexadecimal."""
    return hashlib.sha256(_data(CARD)).hexdigest()


def refuse_unless_shipped(card: dict[str, Any]) -> None:
    """Raise PluginError where the card says that the detector must not be used, or names another head."""
    if not card["ships"]:
        raise PluginError(name=NAME, cause=f"not for use: {card['refused_because']}")
    found = hashlib.sha256(_data(HEAD)).hexdigest()
    if found != card["head_sha256"]:
        raise PluginError(name=NAME, cause=f"{HEAD} has SHA-256 {found}, its model card names {card['head_sha256']}")


def read_head() -> Head:
    """The packaged head."""
    with np.load(io.BytesIO(_data(HEAD))) as data:
        return Head(
            Direction(data["synthetic"], float(data["synthetic_bias"])),
            Direction(data["graphics"], float(data["graphics_bias"])),
            *(float(data[name]) for name in ("graphics_above", "likely_above", "nothing_below", "slope", "intercept")),
        )


def write_head(head: Head, reference: NDArray[np.float32]) -> bytes:
    """The head's file. `reference`: the embedding of the probe, float32, shape (512,)."""
    file = io.BytesIO()
    np.savez(
        file,
        synthetic=head.synthetic.weights,
        synthetic_bias=np.float64(head.synthetic.bias),
        graphics=head.graphics.weights,
        graphics_bias=np.float64(head.graphics.bias),
        graphics_above=np.float64(head.graphics_above),
        likely_above=np.float64(head.likely_above),
        nothing_below=np.float64(head.nothing_below),
        slope=np.float64(head.slope),
        intercept=np.float64(head.intercept),
        reference=reference,
    )
    return file.getvalue()


def read_reference() -> NDArray[np.float32]:
    """The probe's embedding on the machine of the measurements: float32, shape (512,)."""
    with np.load(io.BytesIO(_data(HEAD))) as data:
        reference: NDArray[np.float32] = data["reference"]
    return reference


def probe() -> Pixels:
    """A view that shows nothing, made of whole numbers alone: the same everywhere."""
    rows, columns = np.mgrid[0:SIDE, 0:SIDE].astype(np.int64)
    channels = (rows + columns // 2, (rows * columns) // 160, 255 - columns + (rows // 28 + columns // 28) % 2 * 40)
    return np.stack([channel.clip(0, 255) for channel in channels], axis=-1).astype(np.uint8)


def probe_processor(encoder: Encoder, reference: NDArray[np.float32]) -> None:
    """Raise PluginError where the encoder gives other embeddings than where it was measured."""
    cosine = float(encoder(probe()) @ reference)
    if cosine < LEAST_COSINE:
        cause = f"on this processor {Path(MODEL).name} gives other values than those measured (cosine {cosine:.3f})"
        raise PluginError(name=NAME, cause=cause)


def _data(name: str) -> bytes:
    return files("safelight.adapter.hint").joinpath(name).read_bytes()
