"""Draws HEIC files: a picture stored as raw HEVC blocks (I_PCM, ITU-T H.265 clause 7.3.8.7) in a HEIF container.

There is no HEVC encoder here, and none is needed: the samples of each 16 x 16 block stand uncompressed after two
arithmetic-coded bins. Boxes: ISO/IEC 14496-12, 23008-12 and 14496-15 (`hvcC`).
"""

import struct

import numpy as np
from numpy.typing import NDArray
from PIL import Image

_BLOCK = 16
_VPS, _SPS, _PPS, _IDR = 32, 33, 34, 19


class _Bits:
    """A bit string with the syntax elements of clause 7.2: u(n), ue(v), and trailing bits."""

    def __init__(self) -> None:
        self.text = ""

    def u(self, width: int, value: int) -> "_Bits":
        self.text += format(value, f"0{width}b") if width else ""
        return self

    def ue(self, *values: int) -> "_Bits":
        for value in values:
            digits = format(value + 1, "b")
            self.text += "0" * (len(digits) - 1) + digits
        return self

    def align(self, first: str) -> bytes:
        text = self.text + first
        text += "0" * (-len(text) % 8)
        return int(text, 2).to_bytes(len(text) // 8, "big")


# Column 3 of rangeTabLps (table 9-46): the least probable symbol's share of a full range, by state.
_LEAST_PROBABLE = (
    240, 227, 216, 205, 195, 185, 175, 166, 158, 150, 142, 135, 128, 122, 116, 110, 104, 99, 94, 89, 85, 80, 76, 72, 69,
    65, 62, 59, 56, 53, 50, 48, 45, 43, 41, 39, 37, 35, 33, 31, 30, 28, 27, 25, 24, 23, 22, 21, 20, 19, 18, 17, 16, 15,
    14, 14, 13, 12, 12, 11, 11, 10, 9,
)  # fmt: skip


class _Arithmetic:
    """The arithmetic encoder of clause 9.3.4, as far as the bins of raw blocks need it."""

    def __init__(self) -> None:
        self.low, self.range, self.first, self.outstanding, self.text = 0, 510, True, 0, ""

    def most_probable(self, state: int) -> "_Arithmetic":
        self.range -= _LEAST_PROBABLE[min(state, 62)]
        return self._renormalise()

    def go_on(self) -> "_Arithmetic":
        """A terminating bin of 0."""
        self.range -= 2
        return self._renormalise()

    def terminate(self) -> str:
        self.low, self.range = self.low + self.range - 2, 2
        self._renormalise()._put(self.low >> 9 & 1)
        return self.text + format(self.low >> 7 & 3 | 1, "02b")

    def _put(self, bit: int) -> None:
        self.text += "" if self.first else str(bit)
        self.first = False
        self.text += str(1 - bit) * self.outstanding
        self.outstanding = 0

    def _renormalise(self) -> "_Arithmetic":
        while self.range < 256:
            if self.low < 256:
                self._put(0)
            elif self.low >= 512:
                self.low -= 512
                self._put(1)
            else:
                self.low -= 256
                self.outstanding += 1
            self.range, self.low = self.range << 1, self.low << 1
        return self


def _nal(kind: int, payload: bytes) -> bytes:
    out, zeros = bytearray(), 0
    for byte in payload:
        if zeros >= 2 and byte <= 3:
            out.append(3)  # emulation prevention
            zeros = 0
        zeros = zeros + 1 if byte == 0 else 0
        out.append(byte)
    return bytes((kind << 1, 1)) + bytes(out)


_PROFILE = bytes([3]) + struct.pack(">I", 0x7000_0000) + bytes([0x90, 0, 0, 0, 0, 0]) + bytes([93])


def _parameter_sets(width: int, height: int) -> list[tuple[int, bytes]]:
    profile = (8 * len(_PROFILE), int.from_bytes(_PROFILE, "big"))
    vps = _Bits().u(4, 0).u(2, 3).u(6, 0).u(3, 0).u(1, 1).u(16, 0xFFFF).u(*profile)
    vps.u(1, 1).ue(0, 0, 0).u(6, 0).ue(0).u(1, 0).u(1, 0)
    sps = _Bits().u(4, 0).u(3, 0).u(1, 1).u(*profile).ue(0, 1, width, height).u(1, 0).ue(0, 0, 0).u(1, 1).ue(0, 0, 0)
    sps.ue(1, 0, 0, 2, 0, 0).u(3, 0)  # 16 x 16 blocks, transforms 4-16; no scaling lists, no AMP, no SAO
    sps.u(1, 1).u(4, 7).u(4, 7).ue(1, 0).u(1, 1)  # raw blocks of 16 x 16, 8 bits, never filtered
    sps.ue(0).u(1, 0).u(1, 0).u(1, 0).u(1, 0).u(1, 0)
    pps = _Bits().ue(0, 0).u(1, 0).u(1, 0).u(3, 0).u(1, 0).u(1, 0).ue(0, 0, 0).u(3, 0).ue(0, 0).u(7, 0)
    pps.u(1, 1).u(1, 0).u(1, 1).u(1, 0).u(1, 0).ue(0).u(1, 0).u(1, 0)  # deblocking off
    return [(kind, _nal(kind, bits.align("1"))) for kind, bits in ((_VPS, vps), (_SPS, sps), (_PPS, pps))]


def _slice(blocks: list[bytes]) -> bytes:
    """All blocks in one slice. Each begins with part_mode 2Nx2N (always the probable value) and pcm_flag."""
    whole = _Bits().u(1, 1).u(1, 0).ue(0, 2, 0).align("1")
    for number, samples in enumerate(blocks):
        coder = _Arithmetic().go_on() if number else _Arithmetic()
        whole += _from_text(coder.most_probable(number).terminate()) + samples
    return _nal(_IDR, whole + _from_text(_Arithmetic().terminate()))  # end_of_slice_segment_flag


def _from_text(text: str) -> bytes:
    bits = _Bits()
    bits.text = text
    return bits.align("")


def _box(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I4s", 8 + len(body), kind) + body


def _full(kind: bytes, version: int, *parts: bytes) -> bytes:
    return _box(kind, bytes([version, 0, 0, 0]), *parts)


def draw_heic(
    pixels: NDArray[np.uint8], *, rotate: int | None = None, mirror: int | None = None, exif: bytes | None = None
) -> bytes:
    """A HEIC file of `pixels` (height and width multiples of 16, RGB); chroma is halved, nothing else is lost.

    `rotate`: `irot` quarter turns anticlockwise. `mirror`: `imir` axis. `exif`: a TIFF structure.
    """
    height, width, _ = pixels.shape
    nal = _slice(_samples(pixels))
    picture = struct.pack(">I", len(nal)) + nal
    sets = _parameter_sets(width, height)
    items = [picture]
    if exif is not None:
        items.append(struct.pack(">I", 0) + exif)
    config = _box(
        b"hvcC",
        b"\x01" + _PROFILE + b"\xf0\x00\xfc\xfd\xf8\xf8\x00\x00\x0f" + bytes([len(sets)]),
        *(struct.pack(">BHH", 0x80 | kind, 1, len(nal)) + nal for kind, nal in sets),
    )
    properties = [config, _full(b"ispe", 0, struct.pack(">II", width, height))]
    properties.append(_box(b"colr", b"nclx", struct.pack(">HHHB", 1, 13, 6, 0x80)))
    if rotate is not None:
        properties.append(_box(b"irot", bytes([rotate])))
    if mirror is not None:
        properties.append(_box(b"imir", bytes([mirror])))
    head = _box(b"ftyp", b"heic", bytes(4), b"mif1heic")
    meta = _meta(items, properties, 0)
    meta = _meta(items, properties, len(head) + len(meta) + 8)
    return head + meta + _box(b"mdat", *items)


def _samples(pixels: NDArray[np.uint8]) -> list[bytes]:
    """The 4:2:0 samples of each block, in raster order: 256 luma, 64 + 64 chroma."""
    height, width, _ = pixels.shape
    full = np.asarray(Image.fromarray(pixels).convert("YCbCr"))
    half = full.reshape(height // 2, 2, width // 2, 2, 3).mean(axis=(1, 3)).round().astype(np.uint8)
    return [
        full[y : y + 16, x : x + 16, 0].tobytes()
        + b"".join(half[y // 2 : y // 2 + 8, x // 2 : x // 2 + 8, channel].tobytes() for channel in (1, 2))
        for y in range(0, height, _BLOCK)
        for x in range(0, width, _BLOCK)
    ]


def _meta(items: list[bytes], properties: list[bytes], start: int) -> bytes:
    kinds = (b"hvc1", b"Exif")
    places, at = b"", start
    for number, item in enumerate(items, 1):
        places += struct.pack(">HHHII", number, 0, 1, at, len(item))
        at += len(item)
    infos = [_full(b"infe", 2, struct.pack(">HH4sB", n, 0, kinds[n - 1], 0)) for n in range(1, len(items) + 1)]
    parts = [
        _full(b"hdlr", 0, bytes(4), b"pict", bytes(13)),
        _full(b"pitm", 0, struct.pack(">H", 1)),
        _full(b"iloc", 0, struct.pack(">BBH", 0x44, 0, len(items)), places),
        _full(b"iinf", 0, struct.pack(">H", len(items)), *infos),
    ]
    if len(items) > 1:
        parts.append(_full(b"iref", 0, _box(b"cdsc", struct.pack(">HHH", 2, 1, 1))))
    uses = bytes([len(properties)]) + bytes(0x80 | n for n in range(1, len(properties) + 1))
    association = _full(b"ipma", 0, struct.pack(">IH", 1, 1), uses)
    parts.append(_box(b"iprp", _box(b"ipco", *properties), association))
    return _full(b"meta", 0, *parts)
