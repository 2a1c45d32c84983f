"""What is read of one file, by what was asked for."""

import io
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageOps

from safelight.demo.declared import declared
from safelight.demo.draw import draw
from safelight.demo.folder import picture
from safelight.demo.variants import encode
from safelight.flow.signals import FoundSignals, SignalTools, oriented, read_signals
from safelight.media.decode import decode_image
from safelight.media.sniff import HEAD_BYTES, sniff
from safelight.model.hint import Hint, HintVerdict
from safelight.model.media import Limits
from safelight.model.signal import Signal, SignalKind, SignalRequest

FILES = {Path(made.path).name: made.data for made in declared(picture)}
ALL = SignalRequest(lossy=True)


def read(data: bytes, request: SignalRequest = ALL, tools: SignalTools | None = None) -> FoundSignals:
    media_type = sniff(data[:HEAD_BYTES])
    image = decode_image(data, media_type, Limits())
    return read_signals(data, media_type.mime, request, tools or SignalTools(), image)


def names(found: FoundSignals) -> set[str]:
    return {signal.name for signal in found.signals}


@pytest.mark.parametrize("orientation", range(1, 9))
def test_oriented_is_what_a_viewer_shows(orientation: int) -> None:
    stored = np.asarray(draw(3, 40, 30))
    image = Image.fromarray(stored)
    image.getexif()[0x0112] = orientation
    shown = ImageOps.exif_transpose(image)
    assert np.array_equal(oriented(stored, orientation), np.asarray(shown))


def test_each_kind_is_read_only_when_it_is_asked_for() -> None:
    declared_only = read(FILES["old-thumbnail.jpg"], replace(ALL, pixels=False))
    assert "thumbnail_differs_in_part" not in names(declared_only)
    assert "thumbnail_differs_in_part" in names(read(FILES["old-thumbnail.jpg"]))
    pixels_only = read(FILES["graph.png"], replace(ALL, declared=False))
    assert SignalKind.METADATA not in {signal.kind for signal in pixels_only.signals}
    assert not pixels_only.prompts
    assert read(FILES["graph.png"]).prompts
    assert read(FILES["graph.png"]).maps is None
    assert read(FILES["graph.png"], replace(ALL, maps=True)).maps is not None


def test_what_is_not_decoded_is_read_for_what_it_declares() -> None:
    data = FILES["graph.png"]
    found = read_signals(data, "image/png", ALL, SignalTools())
    assert "generator_comfyui" in names(found)


def test_text_hidden_in_alpha_is_found() -> None:
    text = "a lighthouse\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1, Size: 64x64"
    payload = b"stealth_pnginfo" + (8 * len(text)).to_bytes(4, "big") + text.encode()
    bits = np.unpackbits(np.frombuffer(payload, np.uint8))
    pixels = np.dstack([np.asarray(draw(5, 64, 64)), np.full((64, 64), 255, np.uint8)])
    alpha = pixels[..., 3].T.ravel() & 0xFE
    alpha[: len(bits)] |= bits
    pixels[..., 3] = alpha.reshape(64, 64).T
    out = io.BytesIO()
    Image.fromarray(pixels, "RGBA").save(out, "PNG")
    found = read(out.getvalue())
    (signal,) = [signal for signal in found.signals if signal.kind is SignalKind.MARKER]
    assert signal.withheld is not None
    assert [prompt.text for prompt in found.prompts] == [text]
    assert "lighthouse" not in signal.detail


class _Grey:
    name, card = "grey 1", "0" * 64

    def __init__(self) -> None:
        self.shapes: list[tuple[int, ...]] = []

    def judge(self, frames: Sequence[NDArray[np.uint8]], mime: str) -> Hint:
        self.shapes += [frame.shape for frame in frames]
        return Hint(self.name, self.card, HintVerdict.INCONCLUSIVE, None, mime)


def test_a_detector_is_asked_only_for_a_hint_and_shown_what_a_viewer_shows() -> None:
    image = Image.fromarray(np.asarray(draw(3, 80, 60)))
    exif = Image.Exif()
    exif[0x0112] = 6
    data, detector = encode(image, "JPEG", quality=90, exif=exif), _Grey()
    tools = SignalTools(detector=detector, lacking=(Signal("marker_failed", "x", SignalKind.MARKER),))
    assert read(data, ALL, tools).hint is None
    hint = read(data, replace(ALL, hint=True), tools).hint
    assert hint is not None
    assert (hint.reason, detector.shapes) == ("image/jpeg", [(80, 60, 3)])
    assert "marker_failed" in names(read(data, ALL, tools))


@pytest.mark.parametrize("start", [0, 5])
def test_a_thumbnail_that_cannot_be_decoded_says_nothing(start: int) -> None:
    data = FILES["old-thumbnail.jpg"]
    at = data.index(b"\xff\xd8", 4) + 2 + start
    broken = data[:at] + bytes(400) + data[at + 400 :]
    assert not {name for name in names(read(broken)) if name.startswith("thumbnail_")}
