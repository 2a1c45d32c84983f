"""How a file was made: what it declares, what is marked in its pixels. Runs inside the confined worker.

`read_signals` never raises for what a file holds, MemoryError aside. What it cannot survive costs the worker, and then
the file's signals, not its match: see `adapter.sandbox.task`.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from safelight.detect import markers, provenance
from safelight.detect.buffer import Buffer
from safelight.detect.coding import read_coding
from safelight.detect.coding.thumbnail import compare_thumbnail
from safelight.detect.generators import read_generators, stealth_signals
from safelight.detect.maps import draw_maps
from safelight.detect.metadata import read_blocks
from safelight.media import formats
from safelight.media.decode import decode_image
from safelight.model.errors import MediaError
from safelight.model.hint import Hint
from safelight.model.maps import Maps
from safelight.model.media import DecodedImage, Limits
from safelight.model.provenance import Provenance, TrustList
from safelight.model.signal import Place, Prompt, Signal, SignalRequest
from safelight.ports import Detector, MarkerReader

_THUMBNAIL = Limits(max_pixels=1 << 20, max_frames=1)
"""EXIF thumbnails are 160 x 120; some cameras embed previews of twice that."""


@dataclass(frozen=True, slots=True)
class SignalTools:
    """What reading signals takes besides the file: whom to trust, a detector if there is one, plug-ins' decoders.

    `lacking`: what is to be told of every picture, as a plug-in that was asked for does not work.
    """

    trust: TrustList | None = None
    detector: Detector | None = None
    readers: tuple[MarkerReader, ...] = ()
    lacking: tuple[Signal, ...] = ()


@dataclass(frozen=True, slots=True)
class FoundSignals:
    """What was found."""

    signals: tuple[Signal, ...] = ()
    provenance: Provenance | None = None
    prompts: tuple[Prompt, ...] = ()
    hint: Hint | None = None
    maps: Maps | None = None


def read_signals(
    data: Buffer, mime: str, request: SignalRequest, tools: SignalTools, image: DecodedImage | None = None
) -> FoundSignals:
    """All that is asked for of one file.

    Args:
        data: the file's bytes.
        mime: its type, as sniffed.
        request: what to look for.
        tools: the trust list, which `declared` takes, and the detector, which `hint` takes.
        image: the decoded picture; None for what is not decoded, of which only declarations are read. Of a video: some
            of its frames, which a detector is shown; marks and maps are of pictures alone.
    """
    picture = None if mime.startswith("video/") else image
    declared, thumbnail = _declared(data, mime, tools) if request.declared else (FoundSignals(), None)
    signals, prompts = declared.signals, declared.prompts
    if request.pixels and picture is not None:
        more, more_prompts = _in_pixels(data, mime, picture, thumbnail, lossy=request.lossy)
        others = (reader.read(picture.frames[0].pixels) for reader in tools.readers)
        signals += (*more, *tools.lacking, *filter(None, others))
        prompts += more_prompts
    hint = None
    if request.hint and image is not None and tools.detector is not None:
        hint = tools.detector.judge([oriented(frame.pixels, image.facts.orientation) for frame in image.frames], mime)
    maps = draw_maps(data, mime, picture.frames[0].pixels) if request.maps and picture is not None else None
    return FoundSignals(signals, declared.provenance, prompts, hint, maps)


def warm_up(tools: SignalTools) -> None:
    """Load and compile whatever reading signals can need: no file can be opened later."""
    grey = np.add.outer(np.arange(64, dtype=np.uint8), np.arange(64, dtype=np.uint8))
    pixels = np.ascontiguousarray(np.repeat(grey[..., np.newaxis], 3, axis=2))
    markers.warm_up()
    provenance.warm_up()
    compare_thumbnail(pixels, pixels)
    for reader in tools.readers:
        reader.read(pixels)
    if tools.detector is not None:
        tools.detector.judge([pixels], formats.PNG.mime)


def _declared(data: Buffer, mime: str, tools: SignalTools) -> tuple[FoundSignals, tuple[int, int] | None]:
    """What the bytes say, and where EXIF holds a thumbnail."""
    manifest = provenance.read_provenance(data, mime, tools.trust) if tools.trust is not None else None
    blocks = read_blocks(data, mime)
    signals, prompts = read_generators(blocks)
    oddities = tuple(Signal("metadata_oddity", text) for text in blocks.oddities)
    return FoundSignals(signals + read_coding(data, mime) + oddities, manifest, prompts), blocks.thumbnail


def _in_pixels(
    data: Buffer, mime: str, image: DecodedImage, thumbnail: tuple[int, int] | None, *, lossy: bool
) -> tuple[tuple[Signal, ...], tuple[Prompt, ...]]:
    first = image.frames[0]
    signals: tuple[Signal, ...] = ()
    prompts: tuple[Prompt, ...] = ()
    if lossy or markers.worth_decoding(data, mime):
        signals += markers.read_markers(first.pixels)
        if stealth := markers.read_stealth(first.pixels, first.alpha):
            more, prompts = stealth_signals(stealth)
            signals += more
    if thumbnail is not None and (small := _decoded(data, thumbnail)) is not None:
        signals += compare_thumbnail(small, first.pixels, Place("EXIF thumbnail", *thumbnail))
    return signals, prompts


def _decoded(data: Buffer, span: tuple[int, int]) -> NDArray[np.uint8] | None:
    """The pixels of an embedded thumbnail; None when it cannot be decoded."""
    start, end = span
    try:
        return decode_image(bytes(data[start:end]), formats.JPEG, _THUMBNAIL).frames[0].pixels
    except MediaError:
        return None


def oriented(pixels: NDArray[np.uint8], orientation: int) -> NDArray[np.uint8]:
    """A stored picture as it is displayed: a view, shape (height, width, 3). `orientation`: the EXIF value, 1-8."""
    turned = np.rot90(pixels, {3: 2, 4: 2, 5: 3, 6: 3, 7: 1, 8: 1}.get(orientation, 0))
    return turned[:, ::-1] if orientation in {2, 4, 5, 7} else turned
