import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from safelight.adapter.hint import detector as module
from safelight.adapter.hint.detector import (
    CARD,
    HEAD,
    HintDetector,
    card_digest,
    load_detector,
    probe,
    probe_processor,
    read_card,
    read_head,
    read_reference,
    refuse_unless_shipped,
    write_head,
)
from safelight.adapter.hint.encoder import SHA256, find_model
from safelight.model.errors import PluginError
from safelight.model.hint import HintVerdict
from safelight.ports.hinting import Detector
from tests.detect.hint.heads import Sized, head, photograph


def test_it_is_a_detector_and_names_itself_and_its_card() -> None:
    detector = HintDetector(Sized(), head(), "cd" * 32)
    hint = detector.judge([photograph(1, 150)], "image/jpeg")
    assert isinstance(detector, Detector)
    assert (hint.detector, hint.card, hint.verdict) == (detector.name, "cd" * 32, HintVerdict.LIKELY_AI)


def test_without_the_encoder_there_is_no_detector(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "find_model", lambda: None)
    assert load_detector() is None


def test_a_tampered_encoder_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "model.onnx").write_bytes(b"another model")
    monkeypatch.setattr(module, "find_model", lambda: tmp_path / "model.onnx")
    monkeypatch.setattr(module, "refuse_unless_shipped", lambda _card: None)
    with pytest.raises(PluginError, match="not the pinned"):
        load_detector()


def test_a_card_that_forbids_use_is_obeyed() -> None:
    card = read_card() | {"ships": False, "refused_because": "the worst source's false alarms"}
    with pytest.raises(PluginError, match=r"not for use: the worst source's false alarms"):
        refuse_unless_shipped(card)


def test_a_head_that_the_card_does_not_name_is_refused() -> None:
    with pytest.raises(PluginError, match="its model card names"):
        refuse_unless_shipped(read_card() | {"ships": True, "head_sha256": "00" * 32})


def test_a_processor_that_computes_otherwise_is_refused() -> None:
    reference = np.zeros(512, np.float32)
    reference[0] = 1
    probe_processor(lambda _view: reference, reference)
    with pytest.raises(PluginError, match=r"on this processor .* \(cosine 0\.800\)"):
        probe_processor(lambda _view: np.float32(0.8) * reference, reference)


def test_a_head_survives_writing(monkeypatch: pytest.MonkeyPatch) -> None:
    reference = np.arange(512, dtype=np.float32)
    written = write_head(head(), reference)
    assert written == write_head(head(), reference)
    monkeypatch.setattr(module, "_data", lambda _name: written)
    found = read_head()
    assert np.array_equal(found.synthetic.weights, head().synthetic.weights)
    assert np.array_equal(found.graphics.weights, head().graphics.weights)
    assert (found.likely_above, found.nothing_below, found.slope) == (2.0, -2.0, 0.5)
    assert np.array_equal(read_reference(), reference)


def test_the_probe_is_the_same_everywhere() -> None:
    assert hashlib.sha256(probe().tobytes()).hexdigest() == (
        "59dd27b30bde4bb0e7116b2f4bb1277c3e8bd4998b49f183437cfa95783f32a6"
    )


def test_the_packaged_files_belong_together() -> None:
    card: dict[str, Any] = read_card()
    folder = Path(module.__file__).parent
    assert card["head_sha256"] == hashlib.sha256((folder / HEAD).read_bytes()).hexdigest()
    assert card["encoder_sha256"] == SHA256
    assert card_digest() == hashlib.sha256((folder / CARD).read_bytes()).hexdigest()
    decisive = next(row for row in card["figures"] if row["what"].startswith("worst real source's FPR"))
    assert card["ships"] is decisive["holds"] is (decisive["value"] <= decisive["bar"])


def test_the_packaged_head_is_sound() -> None:
    found = read_head()
    for direction in (found.synthetic, found.graphics):
        assert direction.weights.shape == (512,)
        assert direction.weights.dtype == np.float32
        assert np.isfinite(direction.weights).all()
    assert found.nothing_below < found.likely_above
    assert found.slope > 0
    assert found.calibrated(found.nothing_below) < 0.5 < found.calibrated(found.likely_above)
    assert np.linalg.norm(read_reference()) == pytest.approx(1, abs=1e-5)


def test_the_page_of_the_card_is_the_one_that_is_packaged() -> None:
    page = Path(__file__).parents[3] / "docs" / "model-card-hint-1.md"
    text = page.read_text(encoding="utf-8")
    assert card_digest() in text
    assert all(row["what"] in text for row in read_card()["figures"])
    assert json.dumps(read_card()["head_sha256"]).strip('"') in text


@pytest.mark.skipif(find_model() is None, reason="the encoder is not installed: requirements/hint.txt")
def test_the_real_detector_loads_and_judges() -> None:
    detector = load_detector()
    assert detector is not None
    hint = detector.judge([photograph(1)], "image/png")
    assert hint == detector.judge([photograph(1)], "image/png")
    assert hint.verdict is not HintVerdict.LIKELY_AI
