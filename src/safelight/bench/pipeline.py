"""From a JPEG file's bytes to what it is looked up by, beside ThreatExchange's own path.

Ours: full-size decode by simplejpeg, PDQ with quality and eight dihedral hashes, MD5, SHA-1 and SHA-256. Theirs:
`threatexchange.signal_type.pdq.pdq_hasher.pdq_from_bytes`: full-size decode by Pillow, PDQ and quality by `pdqhash`;
no digests.
"""

import io
from collections.abc import Callable, Iterator
from functools import partial
from statistics import median

import numpy as np
import simplejpeg
from PIL import Image

from safelight.bench.common import (
    Row,
    at_least,
    at_most,
    bits_apart,
    informs,
    interleaved,
    median_ratio,
    require,
    shared_pictures,
    texture,
)
from safelight.fingerprint.digests import digest
from safelight.fingerprint.pdq import pdq, warm_up
from safelight.model.fingerprint import Digests, Pdq

DRAWN = (
    (1152, 864, 0, 75),
    (1152, 864, 40, 95),
    (1632, 1224, 12, 90),
    (2304, 1728, 0, 85),
    (2304, 1728, 40, 95),
    (3264, 2448, 12, 80),
    (4000, 3000, 4, 85),
    (4000, 3000, 40, 95),
)
"""Width, height, grain in levels, JPEG quality: 1 to 12 megapixels, 0.03 to 1.1 bytes a pixel."""


def run(quick: bool, say: Callable[[str], None]) -> list[Row]:
    """Measure; `quick` takes fewer rounds and files."""
    theirs = require("threatexchange.signal_type.pdq.pdq_hasher", "threatexchange").pdq_from_bytes
    require("pdqhash")
    warm_up()
    rounds = 3 if quick else 5
    rows: list[Row] = []
    for name, files in _file_sets(quick):
        if files:
            say(f"{len(files)} {name}, {rounds} rounds")
            rows += _compare(name, files, theirs, rounds)
    return rows


def _file_sets(quick: bool) -> Iterator[tuple[str, list[bytes]]]:
    yield "drawn JPEG files", [_encoded(*each, seed) for seed, each in enumerate(DRAWN)]
    large = shared_pictures("conformance/pdq/reg-test-input/exif-rotn", 1 if quick else 4)
    small = shared_pictures("corpus", 20 if quick else 100)
    yield "photographs and synthetic pictures", [path.read_bytes() for path in (*large, *small)]


def _encoded(width: int, height: int, grain: int, quality: int, seed: int) -> bytes:
    file = io.BytesIO()
    Image.fromarray(texture(width, height, seed, grain)).save(file, "JPEG", quality=quality)
    return file.getvalue()


def _ours(data: bytes) -> tuple[Digests, Pdq | None]:
    return digest(data), pdq(simplejpeg.decode_jpeg(data, colorspace="RGB"))


def _compare(name: str, files: list[bytes], theirs: Callable[[bytes], tuple[str, int]], rounds: int) -> list[Row]:
    ours_total = np.zeros(rounds)
    theirs_total = np.zeros(rounds)
    ratios, pixels, worst = [], 0, 0
    for data in files:
        with Image.open(io.BytesIO(data)) as image:
            pixels += image.width * image.height
        times = interleaved({"ours": partial(_ours, data), "theirs": partial(theirs, data)}, rounds, least=0.01)
        ours_total += times["ours"]
        theirs_total += times["theirs"]
        ratios.append(median_ratio(times["theirs"], times["ours"]))
        print_ = _ours(data)[1]
        if print_ is not None:
            worst = max(worst, bits_apart(print_.hash, theirs(data)[0]))
    n = len(files)
    total = median_ratio(list(theirs_total), list(ours_total))
    return [
        at_least(f"bytes to PDQ and 3 digests / threatexchange, all pixels, {name}", total, "x", 6, n),
        at_least(f"the same, worst file, {name}", min(ratios), "x", 2, n),
        informs(f"the same, median file, {name}", median(ratios), "x", n),
        informs(f"bytes to PDQ and 3 digests, {name}", median(ours_total) / pixels * 1e9, "ns/pixel", n),
        at_most(f"largest distance between the two hashes, {name}", worst, "bits", 2, n),
    ]
