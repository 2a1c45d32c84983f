"""The pictures of a comparison as SVG: blurred in their pixels, the replaced part outlined, overlays hatched.

What is blurred is gone from the file: a picture is averaged over `CELLS` cells along its longest side before anything
is encoded, so no viewer, style or program can bring it back. Of several frames of a video each has fewer cells,
`CELLS_OF_MANY`: where the same thing is seen at slightly different places, the averages of several could be put
together.
"""

import base64
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from safelight.model.comparison import Blur, ComparedPictures
from safelight.model.region import RegionMap

CELLS = 20
"""Cells along the longest side of a blurred picture: light from dark can be told, what is shown cannot."""
CELLS_OF_MANY = 12
"""The same where several frames of one video are shown."""

OUTLINE = "#c2410c"
HATCH = "#14577f"
_CASING = "#ffffff"
_GROUND = (226, 223, 216)  # where a picture has nothing to show
_UNCHANGED, _REPLACED, _OVERLAY = (134, 166, 156), (214, 110, 62), (116, 158, 190)
_JPEG_QUALITY = 88
_CORNER = 0.8  # pixels by which an outline may cut a corner

Rgb = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Panel:
    """One picture of a report. `alt`: what it shows, for those who do not see it. `svg`: a whole SVG file."""

    name: str
    caption: str
    alt: str
    svg: str


def panels(pictures: ComparedPictures, blur: Blur, cells: int = CELLS) -> tuple[Panel, ...]:
    """The suspect and the original, and where they were laid over each other, the map of what differs.

    `cells`: along the longest side of what is blurred.
    """
    region = pictures.region
    if pictures.matrix is None or region is None:
        said = f"{_blurred_words(blur, outlined=False)}, as it is"
        suspect, original = (_plain(picture, blur, cells) for picture in (pictures.suspect, pictures.original))
        return (
            Panel("suspect", "The suspect picture", f"The suspect picture, {said}.", suspect),
            Panel("original", "The original", f"The original picture, {said}.", original),
        )
    aligned, said = warped(pictures), f"{_blurred_words(blur, outlined=True)}, with the replaced part outlined"
    suspect, original = (_seen(picture, region, blur, cells) for picture in (pictures.suspect, aligned))
    framed = f"The original picture in the suspect's frame, {said}."
    return (
        Panel("suspect", "The suspect picture", f"The suspect picture, {said}.", suspect),
        Panel("original", "The original, laid over it", framed, original),
        Panel("map", "What differs", "A map of the suspect picture by what was found there.", _map(region)),
    )


def warped(pictures: ComparedPictures) -> Rgb:
    """The original as it lies in the suspect's frame; plain ground where it does not reach."""
    assert pictures.matrix is not None
    matrix, source = pictures.matrix, pictures.original
    height, width = pictures.suspect.shape[:2]
    step = float(np.sqrt(abs(np.linalg.det(matrix[:, :2]))))
    if step > 1:  # the original's pixels are finer than the suspect's: they are averaged first, or they would flicker
        there = max(1, round(source.shape[1] / step)), max(1, round(source.shape[0] / step))
        across, along = there[0] / source.shape[1], there[1] / source.shape[0]
        source = np.asarray(cv2.resize(source, there, interpolation=cv2.INTER_AREA), np.uint8)
        shrink = np.array([[across, 0, across / 2 - 0.5], [0, along, along / 2 - 0.5], [0, 0, 1]])
        matrix = (shrink @ np.vstack([matrix, [0, 0, 1]]))[:2]
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(source, matrix, (width, height), flags=flags, borderValue=_GROUND), np.uint8)


def blurred(rgb: Rgb, cells: int = CELLS) -> Rgb:
    """The picture with nothing left but the mean colours of at most `cells` x `cells` cells, smoothed.

    `rgb`: uint8, shape (height, width, 3); so is the result.
    """
    height, width = rgb.shape[:2]
    cell = max(height, width) / cells
    few = max(1, round(width / cell)), max(1, round(height / cell))
    means = cv2.resize(rgb, few, interpolation=cv2.INTER_AREA)
    smooth = cv2.resize(means, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.GaussianBlur(smooth, (0, 0), max(cell / 3, 0.5)), np.uint8)


def mask_png(mask: NDArray[np.bool_], size: tuple[int, int]) -> bytes:
    """A mask as a grey PNG of `size` (width, height), white where it is set."""
    grey = np.where(mask, np.uint8(255), np.uint8(0))
    return _encoded(".png", np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_NEAREST), np.uint8))


def _blurred_words(blur: Blur, *, outlined: bool) -> str:
    if blur is Blur.NONE:
        return "not blurred"
    return "blurred outside the outline" if blur is Blur.OUTSIDE and outlined else "strongly blurred"


def _plain(rgb: Rgb, blur: Blur, cells: int) -> str:
    shown = rgb if blur is Blur.NONE else blurred(rgb, cells)
    return _svg(shown.shape[1], shown.shape[0], _image(shown))


def _seen(rgb: Rgb, region: RegionMap, blur: Blur, cells: int) -> str:
    shown = rgb
    if blur is not Blur.NONE:
        shown = blurred(rgb, cells)
        if blur is Blur.OUTSIDE:
            shown = np.where(region.replaced[..., None], rgb, shown)
    height, width = region.replaced.shape
    return _svg(width, height, _image(shown) + _marks(region))


def _map(region: RegionMap) -> str:
    """Each kind in its colour, the paler the less sure."""
    height, width = region.replaced.shape
    colours: NDArray[np.float32] = np.empty((height, width, 3), np.float32)
    colours[:] = _UNCHANGED
    colours[region.replaced] = _REPLACED
    colours[region.overlay] = _OVERLAY
    sure = np.float32(0.25) + region.confidence.astype(np.float32) * np.float32(0.75 / 255)
    colours = 255 - (255 - colours) * sure[..., None]
    colours[region.outside] = _GROUND
    return _svg(width, height, _image(np.rint(colours).astype(np.uint8)) + _marks(region))


def _marks(region: RegionMap) -> str:
    """Overlays hatched, the replaced part outlined twice: seen on any ground, and in print without colour."""
    height, width = region.replaced.shape
    unit = max(height, width) / 400
    marks = ""
    if overlay := _path(region.overlay):
        marks += (
            f'<path d="{overlay}" fill="none" stroke="{_CASING}" stroke-width="{3 * unit:.2f}"/>'
            f'<path d="{overlay}" fill="none" stroke="{HATCH}" stroke-width="{1.2 * unit:.2f}"/>'
            f'<path d="{_hatching(region.overlay, 5 * unit)}" stroke="{HATCH}" stroke-width="{1.2 * unit:.2f}"/>'
        )
    if replaced := _path(region.replaced):
        round_ = 'fill="none" stroke-linecap="round" stroke-linejoin="round"'
        marks += (
            f'<path d="{replaced}" {round_} stroke="{_CASING}" stroke-width="{5 * unit:.2f}"/>'
            f'<path d="{replaced}" {round_} stroke="{OUTLINE}" stroke-width="{2.4 * unit:.2f}"/>'
        )
    return marks


def _path(mask: NDArray[np.bool_]) -> str:
    """The edges of a mask, holes included, as the data of an SVG path."""
    edges, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    parts = []
    for edge in edges:
        points = cv2.approxPolyDP(edge, _CORNER, closed=True).reshape(-1, 2)
        places = [f"{x + 0.5:g} {y + 0.5:g}" for x, y in points.tolist()]
        parts.append("M" + "L".join(places if len(places) > 1 else 2 * places) + "Z")  # a single pixel is a dot
    return "".join(parts)


def _hatching(mask: NDArray[np.bool_], gap: float) -> str:
    """Diagonal lines across a mask, `gap` pixels apart; lines, as printers draw patterns as they like."""
    height, width = mask.shape
    lines = []
    for offset in np.arange(-height, width, max(gap, 2.0) * np.sqrt(2)):
        first = max(0, round(-offset))
        y = np.arange(first, max(first, min(height, round(width - offset))))
        x = np.clip(np.rint(y + offset).astype(np.int64), 0, width - 1)
        inside = np.concatenate([[False], mask[y, x], [False]])
        starts, stops = np.flatnonzero(inside[1:] & ~inside[:-1]), np.flatnonzero(~inside[1:] & inside[:-1]) - 1
        lines += [
            f"M{x[a] + 0.5:g} {y[a] + 0.5:g}L{x[b] + 0.5:g} {y[b] + 0.5:g}"
            for a, b in zip(starts.tolist(), stops.tolist(), strict=True)
            if b > a
        ]
    return "".join(lines)


def _image(rgb: Rgb) -> str:
    height, width = rgb.shape[:2]
    data = base64.b64encode(_encoded(".jpg", rgb[..., ::-1])).decode("ascii")
    return f'<image width="{width}" height="{height}" href="data:image/jpeg;base64,{data}"/>'


def _encoded(suffix: str, pixels: NDArray[np.uint8]) -> bytes:
    flags = [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY] if suffix == ".jpg" else []
    done, data = cv2.imencode(suffix, pixels, flags)
    assert done, "an array of this shape can always be encoded"
    return data.tobytes()


def _svg(width: int, height: int, content: str) -> str:
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}">{content}</svg>'
