"""Generation data hidden in the lowest bits of pixels ("stealth pnginfo").

Written by the extension of that name for AUTOMATIC1111's web interface
(https://github.com/ashen-sensored/sd_webui_stealth_pnginfo) and by NovelAI
(https://github.com/NovelAI/novelai-image-metadata): column by column from the top left, one bit a pixel in alpha, or
three in red, green and blue; 15 characters of signature, the payload's length in bits as 32 bits, highest first, then
the payload: UTF-8 text, or gzip of it.
"""

import zlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MAX_TEXT = 1 << 18
"""Characters of the text that are kept."""

_ALPHA = (b"stealth_pnginfo", b"stealth_pngcomp")
_COLOURS = (b"stealth_rgbinfo", b"stealth_rgbcomp")
_SIGNATURE_BYTES = 15
_HEAD_BYTES = _SIGNATURE_BYTES + 4
_MOST_BYTES = 4 * MAX_TEXT  # of a payload, and of what it unpacks to: UTF-8 has at most 4 bytes a character
_GZIP = 31  # zlib's window bits for gzip


@dataclass(frozen=True, slots=True)
class Stealth:
    """What was found. `text`: raw, at most MAX_TEXT characters; bytes that are no UTF-8 became U+FFFD.

    `variant`: the signature. `cut`: not all of the text is here: it is longer, or damaged, or the picture ends first.
    """

    text: str
    variant: str
    cut: bool

    @property
    def where(self) -> str:
        """Where it is hidden, in words."""
        return "lowest bits of the " + ("colours" if "rgb" in self.variant else "alpha channel")


def read_stealth(pixels: NDArray[np.uint8], alpha: NDArray[np.uint8] | None) -> Stealth | None:
    """The text that is hidden in a picture's pixels; None when there is no signature, which is told by 120 bits.

    `pixels`: uint8, shape (height, width, 3), RGB as stored; `alpha`: uint8, shape (height, width), None where the
    picture has none. Costs nothing for pictures without; never fails, whatever is hidden.
    """
    planes = [(pixels, _COLOURS)] if alpha is None else [(alpha[:, :, None], _ALPHA), (pixels, _COLOURS)]
    for plane, signatures in planes:
        head = _hidden(plane, 0, _HEAD_BYTES)
        signature = head[:_SIGNATURE_BYTES]
        if len(head) == _HEAD_BYTES and signature in signatures:
            length = int.from_bytes(head[_SIGNATURE_BYTES:], "big") // 8
            payload = _hidden(plane, _HEAD_BYTES, min(length, _MOST_BYTES))
            text, whole = _text(payload, packed=signature.endswith(b"comp"))
            whole = whole and len(payload) == length
            return Stealth(text[:MAX_TEXT], signature.decode("ascii"), cut=not whole or len(text) > MAX_TEXT)
    return None


def _hidden(plane: NDArray[np.uint8], start: int, count: int) -> bytes:
    """Up to `count` bytes from the byte `start` on; `plane` has the shape (height, width, bits a pixel)."""
    height, width, depth = plane.shape
    if height == 0:
        return b""
    first, last = 8 * start, min(8 * (start + count), height * width * depth)
    column = first // (height * depth)
    columns = plane[:, column : -(-last // (height * depth))]
    bits = columns.transpose(1, 0, 2).reshape(-1) & 1
    skip = first - column * height * depth
    whole = max(0, last - first) // 8 * 8
    return np.packbits(bits[skip : skip + whole]).tobytes()


def _text(payload: bytes, *, packed: bool) -> tuple[str, bool]:
    """The text of a payload, and whether it is whole."""
    whole = True
    if packed:
        unpacker = zlib.decompressobj(_GZIP)
        try:
            payload = unpacker.decompress(payload, _MOST_BYTES)
            whole = unpacker.eof
        except zlib.error:
            return "", False
    return payload.decode("utf-8", errors="replace"), whole
