"""What was done to the tones of the source: curves per channel, and a mix of channels or uneven light where they help.

The fit leaves out, step by step, the pixels that disagree (iteratively reweighted least squares with the weights of
Geman and McClure), so a replaced region does not bend the curves.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from safelight.match.region.frame import Plane

_KNOTS = 33  # of a curve over 0 to 255: one every 8 levels
_SCALES = (60.0, 40.0, 25.0, 16.0, 12.0, 10.0)  # levels off at which a pixel counts a quarter, step by step
_STIFF = (1e4, 3e3, 1e3, 300.0, 100.0, 30.0)  # how stiff the curves are in each step, in pixels
_GAIN = 0.85  # what is added must bring the disagreement below this share of what is left without it
_ENOUGH = 0.01  # disagreement at which nothing needs adding
_ROUNDS = 2  # of curves and light in turn
_MOST_PIXELS = 6_000

Pixels = NDArray[np.float64]
"""float64 of shape (n, 3): levels of n pixels."""


@dataclass(frozen=True, slots=True)
class Tone:
    """`mix`: float32 (3, 4), a linear map of the channels; then `curves`, float32 (256, 3); then `light`, a factor.

    `light` holds the coefficients of 1, x, y, x^2, xy and y^2, with x and y from -1 to 1 over the grid.
    """

    mix: NDArray[np.float32] | None
    curves: NDArray[np.float32]
    light: NDArray[np.float64] | None

    def applied(self, picture: NDArray[np.uint8]) -> NDArray[np.float32]:
        """The picture in the suspect's tones: float32 of the same shape, 0 to 255."""
        if self.mix is not None:
            picture = np.asarray(cv2.transform(picture, self.mix), np.uint8)
        toned = np.asarray(cv2.LUT(picture, self.curves[None]), np.float32)
        if self.light is not None:
            factor = np.einsum("kij,k->ij", _terms(picture.shape[0], picture.shape[1]), self.light)
            toned = np.minimum(toned * factor[..., None].astype(np.float32), np.float32(255))
        return toned


def _terms(height: int, width: int) -> NDArray[np.float64]:
    """1, x, y, x^2, xy, y^2 over the grid."""
    x = np.broadcast_to((np.arange(width) * 2 + 1) / width - 1, (height, width))
    y = np.broadcast_to(((np.arange(height) * 2 + 1) / height - 1)[:, None], (height, width))
    return np.stack([np.ones((height, width)), x, y, x * x, x * y, y * y])


def _stiffness() -> NDArray[np.float64]:
    """The quadratic form that sums the squared second differences of the knots."""
    rows = np.zeros((_KNOTS - 2, _KNOTS))
    for row in range(_KNOTS - 2):
        rows[row, row : row + 3] = 1, -2, 1
    return np.asarray(np.einsum("ki,kj->ij", rows, rows), dtype=np.float64)


_BEND = _stiffness()
_AT = np.arange(256) / 255 * (_KNOTS - 1)
_BELOW = np.minimum(_AT.astype(np.int64), _KNOTS - 2)
_PART = _AT - _BELOW
_ANCHOR = 1e-3  # pixels at which a level that no pixel has keeps its value


def _curve(counts: NDArray[np.float64], sums: NDArray[np.float64], stiff: float) -> NDArray[np.float64]:
    """The smooth curve nearest to the means `sums / counts` of 256 levels."""
    normal = stiff * _BEND
    knots = np.arange(_KNOTS)
    near = np.bincount(_BELOW, counts * (1 - _PART) ** 2, _KNOTS)
    far = np.bincount(_BELOW + 1, counts * _PART**2, _KNOTS)
    shared = np.bincount(_BELOW, counts * _PART * (1 - _PART), _KNOTS)[:-1]
    normal[knots, knots] += near + far + _ANCHOR
    normal[knots[:-1], knots[1:]] += shared
    normal[knots[1:], knots[:-1]] += shared
    right = np.bincount(_BELOW, sums * (1 - _PART), _KNOTS) + np.bincount(_BELOW + 1, sums * _PART, _KNOTS)
    solved = np.linalg.solve(normal, right + _ANCHOR * np.linspace(0, 255, _KNOTS))
    return np.asarray(np.interp(_AT, knots, solved), dtype=np.float64)


def _rising(curve: NDArray[np.float64], counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """The never falling curve nearest to it by weighted least squares (pool adjacent violators)."""
    values: list[float] = []
    weights: list[float] = []
    lengths: list[int] = []
    for value, weight in zip(curve.tolist(), (counts + _ANCHOR).tolist(), strict=True):
        values.append(value)
        weights.append(weight)
        lengths.append(1)
        while len(values) > 1 and values[-2] > values[-1]:
            total = weights[-2] + weights[-1]
            values[-2:] = [(values[-2] * weights[-2] + values[-1] * weights[-1]) / total]
            weights[-2:] = [total]
            lengths[-2:] = [lengths[-2] + lengths[-1]]
    return np.repeat(values, lengths)


def _fit_curves(
    source: NDArray[np.uint8], suspect: Pixels, trust: NDArray[np.float64]
) -> tuple[NDArray[np.float64], float]:
    """Curves (256, 3), and the mean disagreement of those trusted (0 to 1)."""
    weight = trust
    curves, agreeing = np.zeros((256, 3)), np.ones(len(source))
    for scale, stiff in zip(_SCALES, _STIFF, strict=True):
        square = np.zeros(len(source))
        for channel in range(3):
            values = source[:, channel]
            counts = np.asarray(np.bincount(values, weight, 256), dtype=np.float64)
            sums = np.asarray(np.bincount(values, weight * suspect[:, channel], 256), dtype=np.float64)
            curve = _curve(counts, sums, stiff)
            curves[:, channel] = np.clip(_rising(curve, counts) if scale == _SCALES[-1] else curve, 0, 255)
            square += (suspect[:, channel] - curves[source[:, channel], channel]) ** 2
        agreeing = 1 / (1 + square / (3 * scale**2))
        weight = trust * agreeing * agreeing
    return curves, float((trust * (1 - agreeing)).sum()) / max(float(trust.sum()), 1e-9)


def _fit_mix(source: NDArray[np.uint8], suspect: Pixels, trust: NDArray[np.float64]) -> NDArray[np.float32]:
    """The linear map of channels (3, 4) that takes most of the source's pixels to the suspect's."""
    design = np.column_stack([source, np.full(len(source), 255)]) / 255.0
    weight, mix = trust, np.eye(3, 4)
    for scale in _SCALES:
        normal = np.einsum("n,ni,nj->ij", weight, design, design)
        right = np.einsum("n,ni,nj->ij", weight, design, suspect / 255)
        ridge = 1e-5 * max(1.0, float(weight.sum()))
        mix = np.linalg.solve(normal + ridge * np.eye(4), right + ridge * np.eye(4, 3)).T
        square = ((suspect / 255 - np.einsum("ni,ji->nj", design, mix)) ** 2).sum(axis=1)
        weight = trust / (1 + square / (3 * (scale / 255) ** 2)) ** 2
    mix[:, 3] *= 255
    return mix.astype(np.float32)


def _fit_light(
    toned: Pixels, suspect: Pixels, trust: NDArray[np.float64], terms: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Coefficients of the factor that takes most of `toned` to `suspect`."""
    ours, theirs = suspect.mean(axis=1), toned.mean(axis=1)
    design = terms * theirs
    coefficients, weight = np.eye(6)[0], trust
    for scale in _SCALES:
        normal = np.einsum("n,in,jn->ij", weight, design, design)
        right = np.einsum("n,in,n->i", weight, design, ours - theirs)
        normal[np.diag_indices(6)] *= 1.001
        coefficients = np.eye(6)[0] + np.linalg.solve(normal + 1e-3 * np.eye(6), right)
        weight = trust / (1 + ((ours - np.einsum("in,i->n", design, coefficients)) / scale) ** 2) ** 2
    return np.asarray(coefficients, dtype=np.float64)


def fit(source: NDArray[np.uint8], suspect: NDArray[np.uint8], trust: Plane) -> Tone:
    """How the tones of the source became those of the suspect.

    `source`, `suspect`: uint8 RGB on one grid. `trust`: how surely a pixel of both shows the same, 0 to 1.
    """
    stride = max(1, round(float(np.sqrt(trust.size / _MOST_PIXELS))))
    some = np.s_[stride // 2 :: stride, stride // 2 :: stride] if min(trust.shape) > stride else np.s_[:, :]
    theirs, ours = source[some].reshape(-1, 3), suspect[some].reshape(-1, 3).astype(np.float64)
    weight = trust[some].ravel().astype(np.float64)
    curves, lost = _fit_curves(theirs, ours, weight)
    best = Tone(None, curves.astype(np.float32), None)
    if lost > _ENOUGH:
        mix = _fit_mix(theirs, ours, weight)
        mixed = np.asarray(cv2.transform(theirs[None], mix), np.uint8)[0]
        mixed_curves, mixed_lost = _fit_curves(mixed, ours, weight)
        if mixed_lost < _GAIN * lost:
            theirs, curves, lost = mixed, mixed_curves, mixed_lost
            best = Tone(mix, curves.astype(np.float32), None)
    if lost > _ENOUGH:
        terms = _terms(*trust.shape)[:, *some].reshape(6, -1)
        toned = theirs.astype(np.float64)
        for _ in range(_ROUNDS):
            light = _fit_light(toned, ours, weight, terms)
            factor = np.maximum(np.einsum("kn,k->n", terms, light), 0.05)
            curves, lit_lost = _fit_curves(theirs, ours / factor[:, None], weight)
            toned = np.stack([curves[theirs[:, channel], channel] for channel in range(3)], axis=1)
        if lit_lost < _GAIN * lost:
            best = Tone(best.mix, curves.astype(np.float32), light)
    return best
