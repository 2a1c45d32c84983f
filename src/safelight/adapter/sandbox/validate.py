"""Looks at what a worker says before anybody believes its shape.

A worker may have been taken over by the file it decodes. It can then say what it likes of that file, but nothing that
later stages could stumble over: a hash that is no hash, a number no column holds, a text without end or with
characters that act on a terminal.
"""

import re

import numpy as np
from numpy.typing import NDArray

from safelight.adapter.sandbox.bounds import MAX_SIDE, MAX_SIZE, is_text, require
from safelight.adapter.sandbox.protocol import ProtocolError
from safelight.adapter.sandbox.validate_signals import check_signals
from safelight.model.fingerprint import DIHEDRAL, Digests, Fingerprint, PdqPrint, View
from safelight.model.local import TILES, LocalExamination, LocalFeatures, LocalRequest
from safelight.model.media import Limits, MediaFacts
from safelight.model.region import Box
from safelight.model.scan import Examination

MAX_PATH = 1 << 15
"""Characters of a path inside an archive: 4,096 bytes on the disk, each shown as up to four, and the members' names."""
MAX_ITEMS = 1000
"""Warnings about a file."""
MAX_WORDS = 64 << 10
"""Characters of all warnings about a file."""
MAX_NAME = 127
"""Characters of a decoder's names for a codec or a colour mode."""

_PRINTS_PER_FRAME = 2 * len(View)  # a frame of deep grey is hashed clipped and in full
_FULL_TURN = float(np.float32(2 * np.pi))
_MIN_DIAMETER = 1  # pixels; SIFT's finest layer is at 1.8
_ALGORITHMS = (("md5", 32), ("sha1", 40), ("sha256", 64))
_HEX = {length: re.compile(rf"[0-9a-f]{{{length}}}") for length in (32, 40, 64)}
_MIME = re.compile(r"[\x20-\x7e]{0,127}")
MOSAIC = re.compile(r"[A-Za-z0-9+/]{1024}")  # 768 bytes in base64


def check_path(path: str) -> None:
    """Raises ProtocolError."""
    require(path and is_text(path, MAX_PATH), "path")


def check_digests(digests: Digests) -> None:
    """Raises ProtocolError."""
    for name, length in _ALGORITHMS:
        require(_HEX[length].fullmatch(getattr(digests, name)), name)
    require(0 <= digests.size < MAX_SIZE, "size")


def check_examination(examination: Examination, limits: Limits) -> None:
    """Raises ProtocolError for the first field but `local`, `pixels` that no honest worker would fill like this."""
    check_path(examination.path)
    require(_MIME.fullmatch(examination.mime), "media type")
    require(examination.error is None or is_text(examination.error), "error")
    require(examination.thumbnail is None or MOSAIC.fullmatch(examination.thumbnail), "thumbnail")
    _check_words(examination)
    check_signals(examination)
    if examination.facts is not None:
        _check_facts(examination.facts)
    if examination.fingerprint is not None:
        _check_fingerprint(examination.fingerprint, limits)


def check_arrays(examination: Examination, local: LocalRequest | None, pixels: int) -> None:
    """Raises ProtocolError for a `local` or `pixels` that was not asked for like this, or is in itself impossible."""
    if examination.pixels is not None:
        shape = examination.pixels.shape
        require(len(shape) == 3 and shape[2] == 3 and is_picture(shape, pixels), "size of pixels")
    if examination.local is None:
        return
    if local is None:
        raise ProtocolError("local features that nobody asked for")
    check_local(examination.local, local)


def check_local(seen: LocalExamination, request: LocalRequest, *, look: bool = True) -> None:
    """Raises ProtocolError. `look`: with a working picture; else that has no pixels, and features say its size."""
    working, features = seen.working, seen.features
    shape = working.grey.shape if look else (features.height, features.width)
    require(look or working.grey.size == 0, "working picture")
    require(working.grey.ndim == 2 and is_picture(shape, request.side), "working picture")
    height, width = shape
    require(width <= working.width < MAX_SIDE and height <= working.height < MAX_SIDE, "size in pixels")
    require(working.width * working.height <= Limits().max_pixels, "number of pixels")
    _check_features(features, shape, request.keypoints)
    require(seen.tiles.codes.shape == (TILES, 32) and seen.tiles.quality.shape == (TILES,), "number of tiles")
    require(seen.tiles.quality.max() <= 100, "quality of a tile")


def is_picture(shape: tuple[int, ...], side: int) -> bool:
    """Whether the first two are the height and width of a picture within this side."""
    return 0 < shape[0] <= side and 0 < shape[1] <= side


def _check_features(features: LocalFeatures, shape: tuple[int, ...], keypoints: int) -> None:
    height, width = shape
    require((features.height, features.width) == shape, "size of the working picture")
    count = len(features.descriptors)
    require(features.descriptors.shape == (count, 128) and count <= keypoints, "number of keypoints")
    _check_values(features.x, count, 0, width, "keypoint")
    _check_values(features.y, count, 0, height, "keypoint")
    _check_values(features.size, count, _MIN_DIAMETER, 4 * max(shape), "keypoint's size")
    _check_values(features.angle, count, -_FULL_TURN, _FULL_TURN, "keypoint's angle")


def _check_values(values: NDArray[np.float32], count: int, low: float, high: float, what: str) -> None:
    """All of them finite and from `low` to `high`: a comparison with what is no number is False."""
    require(values.shape == (count,) and ((values >= low) & (values <= high)).all(), what)


def _check_words(examination: Examination) -> None:
    warnings = examination.facts.warnings if examination.facts else ()
    require(len(warnings) <= MAX_ITEMS, "facts")
    require(all(map(is_text, warnings)), "warning")
    require(sum(map(len, warnings)) <= MAX_WORDS, "number of words")


def _check_facts(facts: MediaFacts) -> None:
    require(_MIME.fullmatch(facts.mime), "media type")
    require(0 < facts.width < MAX_SIDE and 0 < facts.height < MAX_SIDE, "size in pixels")
    require(1 <= facts.orientation <= 8 and 0 <= facts.frames < MAX_SIDE, "facts")
    require(is_text(facts.mode, MAX_NAME) and is_text(facts.codec, MAX_NAME), "facts")


def _check_fingerprint(fingerprint: Fingerprint, limits: Limits) -> None:
    check_digests(fingerprint.digests)
    require(len(fingerprint.prints) <= _PRINTS_PER_FRAME * max(1, limits.max_frames), "number of prints")
    for item in fingerprint.prints:
        _check_print(item)


def _check_print(item: PdqPrint) -> None:
    require(len(item.pdq.dihedral) == len(DIHEDRAL), "dihedral hashes")
    require(all(_HEX[64].fullmatch(text) for text in item.pdq.dihedral), "hash")
    require(0 <= item.pdq.quality <= 100 and 0 <= item.frame < MAX_SIDE, "print")
    if item.box is not None:
        check_box(item.box)


def check_box(box: Box) -> None:
    """Raises ProtocolError."""
    left, top, right, bottom = box
    require(0 <= left < right < MAX_SIDE and 0 <= top < bottom < MAX_SIDE, "box")
