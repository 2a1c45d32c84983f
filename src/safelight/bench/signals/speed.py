"""What reading provenance, metadata and marks of a 4 megapixel JPEG costs, beside decoding it."""

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from safelight.adapter.trust import load_trust
from safelight.bench.common import Row, at_most, informs, interleaved, shared_pictures
from safelight.demo.draw import draw
from safelight.detect.markers import read_markers
from safelight.flow.signals import SignalTools, read_signals, warm_up
from safelight.media import formats
from safelight.media.decode import decode_image
from safelight.model.media import DecodedImage, Limits
from safelight.model.signal import SignalRequest

WIDTH, HEIGHT = 2448, 1632
"""4.0 megapixels."""
BAR_MS = 40.0
CODINGS = ((95, 2), (90, 0))
"""JPEG quality and chroma subsampling (4:2:0, 4:4:4) of the files: all of them are looked at for marks."""
SIGNED = 24
"""C2PA test files, where the shared ones are at hand."""
ROUNDS, QUICK_ROUNDS = 9, 3
PICTURES, QUICK_PICTURES = 8, 2

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class _File:
    """A file in memory, and what it decodes to."""

    data: bytes
    image: DecodedImage


def run(quick: bool, say: Say) -> list[Row]:
    """CPU milliseconds, and the bar on the costliest of the files."""
    tools = SignalTools(load_trust(None))
    warm_up(tools)
    return [*_everything(tools, quick, say), *_manifests(tools, say)]


def _everything(tools: SignalTools, quick: bool, say: Say) -> list[Row]:
    files = [_file(pixels, *coding) for pixels in _pictures(quick) for coding in CODINGS]
    say(f"reading the signals of {len(files)} JPEGs of 4 megapixels")
    contestants: dict[str, Callable[[], object]] = {}
    for number, file in enumerate(files):
        contestants[f"signals {number}"] = _signals(file, tools)
        contestants[f"decode {number}"] = _decoding(file)
        contestants[f"marks {number}"] = _marks(file)
    times = interleaved(contestants, QUICK_ROUNDS if quick else ROUNDS, least=0.0)
    n = len(files)

    def of(what: str) -> list[float]:
        return [1000 * median(times[f"{what} {number}"]) for number in range(n)]

    dearest = "CPU of provenance, metadata and marks of a 4 MP JPEG, the costliest"
    return [
        at_most(dearest, max(of("signals")), "ms", BAR_MS, n),
        informs("the same, median of all", median(of("signals")), "ms", n),
        informs("of which marks, median", median(of("marks")), "ms", n),
        informs("CPU of decoding the same JPEGs, median", median(of("decode")), "ms", n),
    ]


def _manifests(tools: SignalTools, say: Say) -> list[Row]:
    """What files with a C2PA manifest cost, of the shared ones: these are small, and their manifests are not."""
    signed = [path.read_bytes() for path in shared_pictures("corpus/provenance/c2pa-rs", SIGNED)]
    if not signed:
        return []
    say(f"reading what {len(signed)} C2PA test files declare")
    alone = {str(number): _declared(data, tools) for number, data in enumerate(signed)}
    each = [1000 * median(seconds) for seconds in interleaved(alone, 3, least=0.0).values()]
    return [
        informs("CPU of provenance and metadata of C2PA test JPEGs, median", median(each), "ms", len(each)),
        informs("the same, the costliest", max(each), "ms", len(each)),
    ]


def _pictures(quick: bool) -> Iterator[NDArray[np.uint8]]:
    """Drawn ones, and mosaics of photographs where the shared ones are at hand."""
    count = QUICK_PICTURES if quick else PICTURES
    for number in range(count // 2):
        yield np.array(draw(number, WIDTH, HEIGHT))
    photographs = shared_pictures("corpus/photos", 12 * (count // 2))
    for first in range(0, len(photographs) - 11, 12):
        yield _mosaic(photographs[first : first + 12])


def _mosaic(paths: list[Path]) -> NDArray[np.uint8]:
    """Twelve pictures, each stretched to its place: 4 across, 3 down."""
    whole = Image.new("RGB", (WIDTH, HEIGHT))
    for number, path in enumerate(paths):
        with Image.open(path) as image:
            tile = image.convert("RGB").resize((WIDTH // 4, HEIGHT // 3), Image.Resampling.BICUBIC)
        whole.paste(tile, (number % 4 * (WIDTH // 4), number // 4 * (HEIGHT // 3)))
    return np.array(whole)


def _file(pixels: NDArray[np.uint8], quality: int, sampling: int) -> _File:
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "JPEG", quality=quality, subsampling=sampling)
    return _File(out.getvalue(), decode_image(out.getvalue(), formats.JPEG, Limits()))


def _signals(file: _File, tools: SignalTools) -> Callable[[], object]:
    request = SignalRequest()
    return lambda: read_signals(file.data, formats.JPEG.mime, request, tools, file.image)


def _declared(data: bytes, tools: SignalTools) -> Callable[[], object]:
    request = SignalRequest(pixels=False)
    return lambda: read_signals(data, formats.JPEG.mime, request, tools)


def _decoding(file: _File) -> Callable[[], object]:
    return lambda: decode_image(file.data, formats.JPEG, Limits())


def _marks(file: _File) -> Callable[[], object]:
    return lambda: read_markers(file.image.frames[0].pixels)
