"""Sharpens a rough alignment: a robust Lucas-Kanade fit of the affine matrix, coarse to fine.

Both pictures are brought to local zero mean and unit spread first, so tone curves, lost colour and uneven light do not
matter. Each pixel counts by how well its neighbourhood correlates, so replaced content pulls little; where a picture
says little, a prior keeps the matrix near the one given. Steps follow Baker and Matthews, "Lucas-Kanade 20 Years On"
(IJCV 2004), the forward compositional form.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from safelight.match.region.frame import Mask, Matrix, Plane, after, inverse, scaling, shrunk

_LEVELS = ((96, 5), (192, 4), (384, 2))  # longest side of a level, steps on it
_SHIFTS = (0.0, -2.5, 2.5)  # pixels of the first level, tried across and along
_WINDOW = 9  # pixels, side of the neighbourhood
_FLAT = 3.0  # levels of spread below which a neighbourhood counts as flat
_LEAST_SIDE = 16  # pixels; less than two neighbourhoods say nothing about an alignment
_CELLS = 24  # cells per side over which the sums of a step are gathered
_PRIOR = 1 / 120  # of the longest side: how far off a corner of the given alignment usually is
_ALIKE = 40.0  # neighbouring pixels that carry the evidence of one


def normalised(plane: Plane, window: int = _WINDOW) -> Plane:
    """Local zero mean and unit spread; flat neighbourhoods stay near 0."""
    mean = cv2.blur(plane, (window, window))
    spread = cv2.blur(plane * plane, (window, window)) - mean * mean
    return np.asarray((plane - mean) / np.sqrt(np.maximum(spread, 0) + _FLAT**2), np.float32)


def correlation(one: Plane, other: Plane, window: int = _WINDOW) -> Plane:
    """Local correlation of two normalised planes, -1 to 1; near 0 where either is flat."""
    both = cv2.blur(one * other, (window, window))
    ours, theirs = cv2.blur(one * one, (window, window)), cv2.blur(other * other, (window, window))
    return np.asarray(both / np.sqrt(np.maximum(ours, 0.1) * np.maximum(theirs, 0.1)), np.float32)


def agreement(one: Plane, other: Plane, window: int = 15) -> Plane:
    """How surely two lumas on one grid show the same at each place, 0 to 1; 0 where either is flat."""
    return np.maximum(correlation(normalised(one), normalised(other), window), 0)


def _warped(source: Plane, matrix: Matrix, size: tuple[int, int]) -> Plane:
    """The source as seen on a grid of that size, by an affine matrix from the grid to the source."""
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(source, matrix, size, flags=flags, borderMode=cv2.BORDER_REPLICATE), np.float32)


@dataclass(frozen=True, slots=True)
class _Level:
    """One size of the pyramid. `up`: from its grid to the full one. `down`: from the source to the shrunk source."""

    suspect: Plane
    source: Plane
    inside: Plane
    up: Matrix
    down: Matrix

    def agreement(self, matrix: Matrix) -> tuple[Plane, Plane, float]:
        """The source on this grid, how much each pixel counts, and the mean of that (0 to 1)."""
        height, width = self.suspect.shape
        moved = normalised(_warped(self.source, after(self.down, after(matrix, self.up)), (width, height)))
        weight = np.maximum(correlation(self.suspect, moved), 0) * self.inside
        return moved, weight, float(weight.sum() / max(1.0, float(self.inside.sum())))

    def best_start(self, matrix: Matrix) -> Matrix:
        """The shift of the full grid, among nine, after which the pictures agree best; none unless it helps."""
        scale = self.up[0, 0], self.up[1, 1]
        shifts = [np.array([[1, 0, x * scale[0]], [0, 1, y * scale[1]]]) for y in _SHIFTS for x in _SHIFTS]
        return max(shifts, key=lambda shift: self.agreement(after(matrix, shift))[2])

    def step(self, moved: Plane, weight: Plane, so_far: Matrix) -> Matrix:
        """One Gauss-Newton step: a map of the full grid to itself, to go before the matrix.

        `so_far`: the map by which earlier steps moved the grid; the prior pulls it back.
        """
        height, width = self.suspect.shape
        half = max(width, height) / 2
        error = self.suspect - moved
        weight = weight * weight
        slope_x = cv2.Sobel(moved, cv2.CV_32F, 1, 0, scale=1 / 8)
        slope_y = cv2.Sobel(moved, cv2.CV_32F, 0, 1, scale=1 / 8)
        cells = min(_CELLS, width), min(_CELLS, height)
        planes = [slope_x * slope_x, slope_x * slope_y, slope_y * slope_y, slope_x * error, slope_y * error]
        sums = np.stack([shrunk(plane * weight, cells).ravel() for plane in planes]).astype(np.float64)
        sums *= width * height / (cells[0] * cells[1])
        x = ((np.arange(cells[0]) + 0.5) * width / cells[0] - width / 2) / half
        y = ((np.arange(cells[1]) + 0.5) * height / cells[1] - height / 2) / half
        place = np.stack([np.tile(x, cells[1]), np.repeat(y, cells[0]), np.ones(cells[0] * cells[1])])
        # einsum, not a matrix product: its order of summation is the same for any number of threads.
        blocks = np.einsum("kn,in,jn->kij", sums[:3], place, place)
        noise = _ALIKE * (float((error * error * weight).sum()) / max(1.0, float(weight.sum())) + 1e-3)
        normal = np.block([[blocks[0], blocks[1]], [blocks[1], blocks[2]]]) / noise
        right = np.einsum("kn,in->ki", sums[3:], place).ravel() / noise
        trust = (2 * half * _PRIOR) ** -2
        normal[np.diag_indices(6)] += trust
        right -= trust * _parameters(after(inverse(self.up), after(so_far, self.up)), width, height).ravel()
        found = np.linalg.solve(normal, right).reshape(2, 3)
        linear = found[:, :2] / half
        shift = found[:, 2] - linear @ [(width - 1) / 2, (height - 1) / 2]
        return after(after(self.up, np.column_stack([np.eye(2) + linear, shift])), inverse(self.up))


def _parameters(move: Matrix, width: int, height: int) -> NDArray[np.float64]:
    """The six parameters of a map of the grid to itself: pixels at a distance of half the longest side, and shift."""
    linear = move[:, :2] - np.eye(2)
    shift = move[:, 2] + linear @ [(width - 1) / 2, (height - 1) / 2]
    return np.column_stack([linear * max(width, height) / 2, shift])


def _level(suspect: Plane, source: Plane, matrix: Matrix, inside: Mask, side: int) -> _Level:
    size = suspect.shape[1], suspect.shape[0]
    factor = min(1.0, side / max(size))
    small = max(1, round(size[0] * factor)), max(1, round(size[1] * factor))
    up = scaling(size[0] / small[0], size[1] / small[1])
    step = max(1.0, float(np.sqrt(abs(np.linalg.det(after(matrix, up)[:, :2])))))
    there = max(1, round(source.shape[1] / step)), max(1, round(source.shape[0] / step))
    return _Level(
        suspect=normalised(np.asarray(shrunk(suspect, small), np.float32)),
        source=np.asarray(shrunk(source, there), np.float32),
        inside=np.asarray(shrunk(inside.astype(np.float32), small), np.float32),
        up=up,
        down=scaling(there[0] / source.shape[1], there[1] / source.shape[0]),
    )


def refine(suspect: Plane, source: Plane, matrix: Matrix, inside: Mask) -> Matrix:
    """A better matrix from the suspect's grid to the source; the one given where no better is found.

    `suspect`, `source`: luma. `inside`: where on the suspect's grid the source may be looked for.
    """
    move = np.eye(2, 3)
    if min(suspect.shape) < _LEAST_SIDE:
        return matrix
    for number, (side, steps) in enumerate(_LEVELS):
        level = _level(suspect, source, matrix, inside, side)
        if number == 0:
            move = level.best_start(matrix)
        best, most = move, -1.0
        for left in range(steps, -1, -1):
            moved, weight, agreement = level.agreement(after(matrix, move))
            if agreement > most:
                best, most = move, agreement
            if left:
                move = after(move, level.step(moved, weight, move))
        move = best
    return after(matrix, move)
