"""The stage's front: a decoded picture and its digests to everything the file is looked up by."""

from collections.abc import Iterator

from safelight.fingerprint import content_box, pdq
from safelight.fingerprint.pdq import Box
from safelight.model.fingerprint import Digests, Fingerprint, PdqPrint, View
from safelight.model.media import DecodedImage, Frame


def fingerprints(digests: Digests, image: DecodedImage) -> Fingerprint:
    """Hashes of every frame: as displayed, as stored where that differs, and inside a uniform border if there is one.

    Lists may hold either orientation, hence both. A view that is unhashable (flat, or under 5 pixels) gives no print.
    Raises ValueError for frames that are not as `Frame` says, or an orientation outside 1-8.
    """
    orientation = image.facts.orientation
    prints = tuple(found for frame in image.frames for found in _frame_prints(frame, orientation))
    return Fingerprint(digests=digests, prints=prints)


def _frame_prints(frame: Frame, orientation: int) -> Iterator[PdqPrint]:
    pixels = frame.pixels
    upright = pdq.pdq(pixels, orientation=orientation)
    if upright is None:
        return
    yield PdqPrint(frame=frame.number, view=View.UPRIGHT, pdq=upright)
    if orientation != 1 and (raw := pdq.pdq(pixels)) is not None:
        yield PdqPrint(frame=frame.number, view=View.RAW, pdq=raw)
    box = content_box.content_box(pixels)
    if box is not None and (content := pdq.pdq(pixels, orientation=orientation, box=box)) is not None:
        height, width = pixels.shape[:2]
        shown = upright_box(box, orientation, width, height)
        yield PdqPrint(frame=frame.number, view=View.CONTENT, pdq=content, box=shown)


def upright_box(box: Box, orientation: int, width: int, height: int) -> Box:
    """A box in a picture of `width` x `height` pixels as stored, in coordinates of the picture as displayed."""
    swapped, mirror_rows, mirror_columns = pdq.ORIENTATIONS[orientation]
    left, top, right, bottom = box
    if mirror_columns:
        left, right = width - right, width - left
    if mirror_rows:
        top, bottom = height - bottom, height - top
    return (top, left, bottom, right) if swapped else (left, top, right, bottom)


def warm_up() -> None:
    """Compile all kernels, or load them from numba's cache. Call it before file access is given up."""
    pdq.warm_up()
    content_box.warm_up()
