"""Decoder of invisible-watermark's method `dwtDct`, by which several image models mark what they make.

The method (https://github.com/ShieldMnt/invisible-watermark, MIT) writes one bit into each 8 x 8 pixels of a chroma
channel, the message over and over in raster order. Its own decoder takes, for each bit of the message, the majority of
the blocks that should hold it. That loses many marks: where the blocks of a picture lean to 0 or 1 by themselves, as
after rounding or compression, all majorities lean with them. Here the share of ones of each bit is compared with the
message by correlation, which a common lean does not touch; docs/markers.md has what that gains.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

import numpy as np
from numpy.typing import NDArray

from safelight.detect.markers.dwt_dct_kernel import BLOCK, BYTES, FLOATS, SWAPPED, block_bits
from safelight.detect.markers.payloads import PAYLOADS, Payload

MIN_PIXELS = 256 * 256
"""The library marks nothing smaller."""

MAX_PIXELS = 2 << 20
"""Pixels that are looked at, in whole rows from the top: the message is repeated so often that more adds nothing."""

_BLOCKS_A_BIT = 4
"""A message of which each bit has fewer blocks is not looked for."""


class Writer(StrEnum):
    """How the program that embeds a mark hands its picture to the library, which leaves different marks."""

    BYTES = "bytes"  # whole numbers, as the library expects them
    FLOATS = "floats"  # fractions, whose chroma the library centres on 0.5 in place of 128
    SWAPPED = "swapped"  # fractions, red for blue: diffusers until February 2024 (its pull request 7013)


_FLAGS = {Writer.BYTES: BYTES, Writer.FLOATS: FLOATS, Writer.SWAPPED: SWAPPED}


@dataclass(frozen=True, slots=True)
class Reading:
    """How well a picture agrees with a message, by the kind of writer that it agrees best with.

    `likeness`: correlation between the bits of the message and the shares of ones in their blocks, -1 to 1.
    `bits_agree`: bits whose share of ones lies on the right side of the mean share. `library_agrees`: bits that the
    library's own decoder reads as in the message; it knows of `Writer.BYTES` only.
    """

    payload: Payload
    writer: Writer
    likeness: float
    bits_agree: int
    library_agrees: int

    @property
    def present(self) -> bool:
        """Whether the message is there."""
        return self.likeness >= self.payload.needed


def decode(pixels: NDArray[np.uint8]) -> tuple[Reading, ...]:
    """How well the picture agrees with each of `PAYLOADS`, in their order; none for pictures that are too small.

    `pixels`: uint8, shape (height, width, 3), C-contiguous RGB as stored (a mark does not survive turning). The bits of
    the blocks are those of the library (0.2.0 with OpenCV and PyWavelets) for the same picture. Raises ValueError for
    arrays that are not such.
    """
    if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] != 3 or not pixels.flags.c_contiguous:
        raise ValueError(f"pixels must be C-contiguous uint8 (height, width, 3), not {pixels.dtype} {pixels.shape}")
    height, width = pixels.shape[:2]
    if height * width < MIN_PIXELS:
        return ()
    columns = width // BLOCK
    rows = min(height // BLOCK, max(1, MAX_PIXELS // (BLOCK * width)))
    bits = block_bits(_as_row(pixels), 3 * width, rows, columns)
    ones = {writer: (bits & flag > 0).view(np.uint8) for writer, flag in _FLAGS.items()}
    return tuple(_reading(payload, ones) for payload in PAYLOADS if len(bits) >= _BLOCKS_A_BIT * len(payload.message))


def warm_up() -> None:
    """Compile the kernel, or load it from numba's cache; after this, decoding opens no file."""
    decode(np.zeros((256, 256, 3), dtype=np.uint8))


def chance(likeness: float, bits: int) -> float:
    """The share of pictures that reach a likeness without the mark, were the shares of ones independent: 0 to 1.

    `bits`: an even number. It is the upper tail of the correlation of two unrelated rows, for one kind of writer.
    """
    if likeness <= 0:
        return 1 - chance(-likeness, bits) if likeness < 0 else 0.5
    # 1 / likeness is the sum over k of C(2k, k) / 4^k (1 - likeness^2)^k; the tail is what the first terms leave of it.
    rest = 1 - likeness * likeness
    term, total, k = 1.0, 0.0, 0
    while k < bits // 2 - 1 or term > total * 1e-12:
        total += term if k >= bits // 2 - 1 else 0.0
        k += 1
        term *= (2 * k - 1) / (2 * k) * rest
    return likeness / 2 * total


def _reading(payload: Payload, ones: Mapping[Writer, NDArray[np.uint8]]) -> Reading:
    message = _bits(payload)
    shares = {writer: _shares(row, len(message)) for writer, row in ones.items()}
    likeness, writer = max((_likeness(share, message), writer) for writer, share in shares.items())
    return Reading(
        payload,
        writer,
        likeness=likeness,
        bits_agree=int(((shares[writer] > shares[writer].mean()) == message).sum()),
        library_agrees=int(((shares[Writer.BYTES] * 255 > 127) == message).sum()),
    )


def _shares(ones: NDArray[np.uint8], length: int) -> NDArray[np.float64]:
    """The share of ones among the blocks of each bit of a message."""
    whole = len(ones) // length
    counts = ones[: whole * length].reshape(whole, length).sum(axis=0, dtype=np.float64)
    left = ones[whole * length :]
    counts[: len(left)] += left
    blocks = np.full(length, whole)
    blocks[: len(left)] += 1
    shares: NDArray[np.float64] = counts / blocks
    return shares


def _likeness(shares: NDArray[np.float64], message: NDArray[np.uint8]) -> float:
    """The correlation, -1 to 1; 0 where all shares are the same."""
    left, right = shares - shares.mean(), message - message.mean()
    spread = float(np.sqrt((left @ left) * (right @ right)))
    return float(left @ right) / spread if spread > 1e-9 else 0.0


@cache
def _bits(payload: Payload) -> NDArray[np.uint8]:
    return payload.bits


def _as_row(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """All bytes, read-only: one type, so one compiled version serves every caller."""
    row = pixels.reshape(-1)
    row.flags.writeable = False
    return row
