"""All maps of one picture."""

import numpy as np
from numpy.typing import NDArray

from safelight.detect.buffer import Buffer
from safelight.detect.coding.jpeg import JpegStructure, read_structure
from safelight.detect.maps.double import FREQUENCIES_CAPTION, doubling
from safelight.detect.maps.ghost import ghost_maps
from safelight.detect.maps.grid import grid_map
from safelight.detect.maps.noise import noise_map
from safelight.detect.maps.planes import planes
from safelight.model.maps import Maps


def draw_maps(data: Buffer, mime: str, pixels: NDArray[np.uint8]) -> Maps:
    """The maps of a picture; none, with a note that says why, of one that is too small.

    `data`: the file; `pixels`: its picture decoded at full size, uint8 RGB of shape (height, width, 3), as stored, not
    turned by its EXIF orientation.
    """
    height, width = pixels.shape[:2]
    structure = (read_structure(data) if mime == "image/jpeg" else None) or JpegStructure()
    notes: list[str] = []
    parts = planes(pixels)
    if parts is None:
        notes.append("The picture is too small, or too narrow, for maps by squares.")
        return Maps(width, height, (0, 0, width, height), (), (), FREQUENCIES_CAPTION, structure.tables, tuple(notes))
    left, top, right, bottom = parts.area
    if left or top:
        notes.append(
            f"Only its middle was looked at, {right - left} x {bottom - top} pixels: the picture is too large, and "
            "making it smaller would wipe out what the maps show."
        )
    luma = structure.luma
    doubled = doubling(parts, luma.values if luma else None)
    if luma is None:
        notes.append("The file has no quantisation table of its own: levels of frequencies are counted one by one.")
    if doubled.map is None:
        notes.append("No comb of an earlier JPEG stands out, so there is no map of squares off it.")
    blocks = (*ghost_maps(parts), noise_map(parts), doubled.map, grid_map(parts))
    return Maps(
        width=width,
        height=height,
        area=parts.area,
        blocks=tuple(drawn for drawn in blocks if drawn is not None),
        frequencies=doubled.frequencies,
        frequencies_caption=FREQUENCIES_CAPTION,
        tables=structure.tables,
        notes=tuple(notes),
    )
