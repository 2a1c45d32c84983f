"""From a decoded frame to pixels: made smaller, to luma or RGB, and turned as it is to be displayed."""

from typing import cast

import av
import numpy as np
from av.video.reformatter import Colorspace, Interpolation, VideoReformatter
from numpy.typing import NDArray

Turn = tuple[bool, bool, bool]
"""How a stored picture becomes the displayed one: rows and columns exchanged, then mirrored, then upside down."""

UPRIGHT: Turn = (False, False, False)


class Painter:
    """Converts frames of one reading, keeping FFmpeg's scaler set up between them."""

    def __init__(self, side: int, *, colour: bool, exact: bool = False) -> None:
        """`exact`: the very pixels that vPDQ hashes: see `VideoReader.frames`."""
        self._side = side
        self._format = "rgb24" if colour else "gray"
        self._exact = exact
        # The fast way rounds coarsely: enough to flip 22 of 256 bits of PDQ where a published frame is dark and flat.
        self._whole = Interpolation.BICUBIC | Interpolation.ACCURATE_RND if exact else Interpolation.BILINEAR
        self._matrix = Colorspace.DEFAULT if exact else None  # of BT.601; else as the frame is tagged
        self._reformatter = VideoReformatter()

    def paint(self, frame: av.VideoFrame, turn: Turn) -> NDArray[np.uint8]:
        """Pixels of a frame, C-contiguous: luma (height, width) or RGB (height, width, 3).

        Luma is brought to the full range 0-255, whichever range the video has. Pixels that are not square stay so.
        """
        width, height = self._size(frame.width, frame.height)
        smaller = (width, height) != (frame.width, frame.height)
        scaled = self._reformatter.reformat(
            frame,
            width,
            height,
            self._format,
            src_colorspace=self._matrix,
            dst_colorspace=self._matrix,
            interpolation=Interpolation.AREA if smaller else self._whole,
            threads=1,
        )
        turn = UPRIGHT if self._exact else turn
        return np.ascontiguousarray(turned(scaled.to_ndarray().astype(np.uint8, copy=False), turn))

    def _size(self, width: int, height: int) -> tuple[int, int]:
        share = self._side / max(width, height) if self._side else 1.0
        return (width, height) if share >= 1 else (max(1, round(width * share)), max(1, round(height * share)))


def turned(pixels: NDArray[np.uint8], turn: Turn) -> NDArray[np.uint8]:
    """A view of the picture as displayed."""
    exchanged, mirrored, upside_down = turn
    view = pixels.swapaxes(0, 1) if exchanged else pixels
    view = view[:, ::-1] if mirrored else view
    return view[::-1] if upside_down else view


def turn_of(frame: av.VideoFrame) -> Turn | None:
    """How a frame is to be turned, by its display matrix; None when that asks for another angle than 90, 180, 270.

    The matrix says where a stored point goes: x' = a x + c y, y' = b x + d y (ISO/IEC 14496-12, 8.2.2).
    """
    data = frame.side_data.get("DISPLAYMATRIX")
    if data is None:
        return UPRIGHT
    numbers = np.frombuffer(cast("bytes", data), np.int32)
    if len(numbers) < 9 or not numbers[[0, 1, 3, 4]].any():
        return UPRIGHT
    a, b, c, d = (int(number) for number in numbers[[0, 1, 3, 4]])
    most = max(abs(a), abs(b), abs(c), abs(d))
    straight, across = min(abs(a), abs(d)), min(abs(b), abs(c))
    if max(abs(b), abs(c)) * 100 < most and straight * 2 > most:
        return False, a < 0, d < 0
    if max(abs(a), abs(d)) * 100 < most and across * 2 > most:
        return True, c < 0, b < 0
    return None
