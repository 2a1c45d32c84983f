"""What a bank keeps of a picture, made from what was seen of it; and the units it is kept in."""

import numpy as np
from numpy.typing import NDArray

from safelight.match.local.quantise import Quantiser
from safelight.model.local import (
    COARSE_TILES,
    WORDS,
    InvertedLists,
    LocalExamination,
    LocalFeatures,
    Sketch,
    WorkingPicture,
)
from safelight.model.tiles import TileHashes

PLACE_UNIT = 64
"""Steps in which a place is kept, for each working pixel."""
SIZE_UNIT = 32
"""Steps in which a size is kept, for each doubling."""
ANGLE_UNIT = 256 / (2 * np.pi)
"""Steps in which an angle is kept, for each radian."""


def make_sketch(examination: LocalExamination, quantiser: Quantiser) -> Sketch:
    """The sketch of a known picture."""
    return sketch_of(examination.working, examination.features, examination.tiles, quantiser)


def sketch_of(working: WorkingPicture, features: LocalFeatures, tiles: TileHashes, quantiser: Quantiser) -> Sketch:
    """The sketch of a picture from its parts. Raises ValueError when its working picture is above 1,023 pixels."""
    if max(features.width, features.height) * PLACE_UNIT > np.iinfo(np.uint16).max:
        raise ValueError(f"a working picture of {features.width}x{features.height} pixels cannot be kept")
    words = quantiser.words(features.descriptors)
    order = np.argsort(words[:, 0], kind="stable")
    signature = quantiser.signatures(quantiser.rotated(features.descriptors[order]), words[order])[:, 0, :]
    return Sketch(
        width=working.width,
        height=working.height,
        work_width=features.width,
        work_height=features.height,
        x=_place_steps(features.x[order]),
        y=_place_steps(features.y[order]),
        size=size_steps(features.size[order]),
        angle=angle_steps(features.angle[order]),
        word=words[order, 0].astype(np.uint16),
        signature=np.ascontiguousarray(signature),
        tiles=tiles,
    )


def size_steps(size: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Diameters in pixels, as a sketch keeps them: uint8."""
    return np.asarray(np.clip(np.rint(np.log2(np.maximum(size, 1)) * SIZE_UNIT), 0, 255), dtype=np.uint8)


def angle_steps(angle: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Angles in radians, as a sketch keeps them: uint8, 256ths of a turn."""
    return np.asarray(np.rint(angle * ANGLE_UNIT).astype(np.int64) % 256, dtype=np.uint8)


def sizes_of(steps: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Diameters in pixels."""
    return np.exp2(steps / SIZE_UNIT)


def angles_of(steps: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Angles in radians, 0 to 2 pi."""
    return steps / ANGLE_UNIT


def places_of(sketch: Sketch) -> NDArray[np.float64]:
    """Places of the keypoints in the known picture's working pixels: float64, shape (n, 2)."""
    return np.stack((sketch.x, sketch.y), axis=1) / PLACE_UNIT


def table_of(sketch: Sketch) -> NDArray[np.float64]:
    """Its keypoints as rows of x, y, size, angle in working pixels and radians: float64, shape (n, 4)."""
    return np.column_stack((places_of(sketch), sizes_of(sketch.size), angles_of(sketch.angle)))


def lists_of(sketches: list[Sketch]) -> InvertedLists:
    """Inverted lists of a few sketches, in memory."""
    words = np.concatenate([s.word for s in sketches] or [np.zeros(0, np.uint16)])
    pictures = np.repeat(np.arange(len(sketches), dtype=np.uint32), [len(s.word) for s in sketches])
    order = np.argsort(words, kind="stable")
    size, angle, signature = (
        np.concatenate([getattr(s, name) for s in sketches] or [empty])[order]
        for name, empty in (
            ("size", np.zeros(0, np.uint8)),
            ("angle", np.zeros(0, np.uint8)),
            ("signature", np.zeros((0, 2), np.uint64)),
        )
    )
    return InvertedLists(
        starts=np.searchsorted(words[order], np.arange(WORDS + 1)).astype(np.uint32),
        signature=signature,
        picture=pictures[order],
        size=size,
        angle=angle,
        tiles=np.array([s.tiles.codes[:COARSE_TILES] for s in sketches], np.uint8).reshape(-1, COARSE_TILES, 32),
        tile_quality=np.array([s.tiles.quality[:COARSE_TILES] for s in sketches], np.uint8).reshape(-1, COARSE_TILES),
        live=np.ones(len(sketches), dtype=np.bool_),
    )


def _place_steps(values: NDArray[np.float32]) -> NDArray[np.uint16]:
    return np.asarray(np.clip(np.rint(values * PLACE_UNIT), 0, 65535), dtype=np.uint16)
