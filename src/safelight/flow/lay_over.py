"""One picture laid over another that it comes from, and what differs, in the terms of a report."""

from contextlib import suppress
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from safelight.flow.compare_methods import FindRegion, Rgb
from safelight.match.local.frames import enlarging
from safelight.model.comparison import ComparedPictures, Shares
from safelight.model.derivation import Affine
from safelight.model.region import AlteredRegion, Box, RegionBasis, RegionMap


@dataclass(frozen=True, slots=True)
class Side:
    """One of two pictures: as it is at hand, made smaller, and its `width` and `height` in pixels at full size."""

    pixels: Rgb
    width: int
    height: int


def laid_over(
    suspect: Side, original: Side, affine: Affine, find_region: FindRegion, mask: str
) -> tuple[ComparedPictures, Shares | None, AlteredRegion | None]:
    """What the original explains of the suspect.

    Args:
        suspect: the picture that is laid over.
        original: the one under it.
        affine: from the one to the other at full size.
        find_region: see `FindRegion`.
        mask: file of the mask in the report's folder.

    Returns:
        What a report shows, the shares, and the region with its box in the suspect's pixels at full size. Both are None
        where the pictures are stretched beyond what a region can be told in.
    """
    matrix = _between_pixels(affine, suspect, original)
    with suppress(ValueError):
        found = find_region(suspect.pixels, original.pixels, matrix)
        pictures = ComparedPictures(suspect.pixels, original.pixels, matrix, found)
        return pictures, _shares(found, matrix, original.pixels), _told(found, suspect, mask)
    return ComparedPictures(suspect.pixels, original.pixels), None, None


def _between_pixels(affine: Affine, suspect: Side, original: Side) -> NDArray[np.float64]:
    """The matrix between the pictures at hand from the one between them at full size."""
    here, there = (
        enlarging((side.pixels.shape[1], side.pixels.shape[0]), (side.width, side.height))
        for side in (suspect, original)
    )
    full = np.vstack([np.array(affine, dtype=np.float64).reshape(2, 3), [0, 0, 1]])
    matrix: NDArray[np.float64] = (np.linalg.inv(there) @ full @ here)[:2]
    return matrix


def _shares(region: RegionMap, matrix: NDArray[np.float64], original: Rgb) -> Shares:
    pixels = region.unchanged_share * region.replaced.size
    shown = pixels * abs(float(np.linalg.det(matrix[:, :2]))) / (original.shape[0] * original.shape[1])
    return Shares(
        region.unchanged_share, region.replaced_share, region.overlay_share, region.outside_share, min(shown, 1.0)
    )


def _told(region: RegionMap, suspect: Side, mask: str) -> AlteredRegion:
    """The region as results tell it, its box in pixels of the file."""
    meant = region.replaced if region.box else ~(region.overlay | region.outside)
    return AlteredRegion(
        area=region.replaced_share,
        bbox=_enlarged(region.box, region.replaced.shape, suspect) if region.box else None,
        basis=RegionBasis.PIXELS,
        overlay=region.overlay_share,
        outside=region.outside_share,
        confidence=float(region.confidence[meant].mean() / 255) if meant.any() else 0.0,
        mask=mask,
    )


def _enlarged(box: Box, shape: tuple[int, ...], side: Side) -> Box:
    """A box on the picture at hand as one on the picture at full size that holds it."""
    across, along = side.width / shape[1], side.height / shape[0]
    left, top, right, bottom = box
    return (
        int(left * across),
        int(top * along),
        min(side.width, int(np.ceil(right * across))),
        min(side.height, int(np.ceil(bottom * along))),
    )
