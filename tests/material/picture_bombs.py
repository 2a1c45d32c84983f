"""Pictures that claim, unpack to, or repeat far more than they hold."""

import struct
import zlib
from collections.abc import Callable

from PIL import Image

from safelight.demo.containers import png, png_header
from safelight.demo.variants import encode
from safelight.model.scan import Status
from tests.material.seeds import seeds

OK, DEGRADED, UNREADABLE, UNSUPPORTED = Status.OK, Status.DEGRADED, Status.UNREADABLE, Status.UNSUPPORTED


def deflated_zeros(size: int) -> bytes:
    """A zlib stream of `size` zeros (a multiple of 1 MiB), about a thousandth as long: one block, repeated."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    head = packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    adler = size % 65_521 << 16 | 1
    return b"\x78\xda" + head + block * ((size >> 20) - 1) + b"\x03\0" + struct.pack(">I", adler)


def _png_pixels() -> bytes:
    return png(png_header(60_000, 60_000), [(b"IDAT", zlib.compress(bytes(60_001)))])


def _png_tall() -> bytes:
    return png(png_header(1, 0x7FFFFFFF, 8, 0), [(b"IDAT", zlib.compress(bytes(1000)))])


def _png_text() -> bytes:
    rows = zlib.compress(bytes(16 * 49))
    text = b"Comment\0\0" + deflated_zeros(1 << 29)
    return png(png_header(16, 16), [(b"zTXt", text), (b"IDAT", rows)])


def _png_profile() -> bytes:
    rows = zlib.compress(bytes(16 * 49))
    return png(png_header(16, 16), [(b"iCCP", b"x\0\0" + deflated_zeros(1 << 29)), (b"IDAT", rows)])


def _png_surplus() -> bytes:
    """A small picture whose data go on for another 512 MiB."""
    return png(png_header(16, 16), [(b"IDAT", deflated_zeros(1 << 29))])


def _png_chunks() -> bytes:
    rows = zlib.compress(bytes(16 * 49))
    return png(png_header(16, 16), [(b"tEXt", b"a\0b")] * 20_000 + [(b"IDAT", rows)])


def _gif_pixels() -> bytes:
    frame = b"\x2c" + struct.pack("<HHHHB", 0, 0, 65535, 65535, 0) + b"\x02\x02\x4c\x01\0"
    return b"GIF89a" + struct.pack("<HHBBB", 65535, 65535, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff" + frame + b";"


def _gif_frames() -> bytes:
    """20,000 frames of 4 x 4 pixels, by turns black and white."""
    control = b"\x21\xf9\x04\x00\x01\x00\x00\x00"
    place = b"\x2c" + struct.pack("<HHHHB", 0, 0, 4, 4, 0)
    black, white = (b"\x02" + bytes([len(codes)]) + codes + b"\0" for codes in (_gif_codes(0), _gif_codes(1)))
    pair = control + place + black + control + place + white
    head = b"GIF89a" + struct.pack("<HHBBB", 4, 4, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff"
    return head + pair * 10_000 + b";"


def _gif_codes(colour: int) -> bytes:
    """LZW data of 16 pixels of one colour: 3-bit codes, the table cleared before each, so that codes never grow."""
    bits = 0
    codes = [code for _ in range(16) for code in (4, colour)] + [5]
    for place, code in enumerate(codes):
        bits |= code << 3 * place
    return bits.to_bytes((3 * len(codes) + 7) // 8, "little")


def _bmp_pixels() -> bytes:
    return (
        b"BM" + struct.pack("<IHHIIiiHHIIiiII", 0, 0, 0, 54, 40, 65_000, 65_000, 1, 24, 0, 0, 0, 0, 0, 0) + bytes(999)
    )


def _bmp_run_lengths() -> bytes:
    """60,000 x 60,000 pixels from two bytes a run."""
    header = struct.pack("<IHHIIiiHHIIiiII", 0, 0, 0, 62, 40, 60_000, 60_000, 1, 8, 1, 0, 0, 0, 2, 2)
    return b"BM" + header + b"\0\0\0\0\xff\xff\xff\0" + b"\xff\x01" * 5000


def _tiff(entries: list[tuple[int, int, int, int]], following: int = 0, tail: bytes = b"") -> bytes:
    """A little-endian TIFF of one directory at offset 8; entries are (tag, type, count, value)."""
    fields = b"".join(struct.pack("<HHII", *entry) for entry in entries)
    return b"II*\0\x08\0\0\0" + struct.pack("<H", len(entries)) + fields + struct.pack("<I", following) + tail


def _tiff_entries(width: int, height: int, data: int, size: int, packing: int = 1) -> list[tuple[int, int, int, int]]:
    numbers = [(256, width), (257, height), (258, 8), (259, packing), (262, 1), (273, data), (277, 1), (278, height)]
    return [(tag, 4, 1, value) for tag, value in [*numbers, (279, size)]]


_TIFF_DATA = 8 + 2 + 9 * 12 + 4


def _tiff_pixels() -> bytes:
    body = zlib.compress(bytes(1 << 20))
    return _tiff(_tiff_entries(100_000, 100_000, _TIFF_DATA, len(body), 8), tail=body)


def _tiff_loop() -> bytes:
    """Its directory names itself as the next one: endless pages."""
    return _tiff(_tiff_entries(8, 8, _TIFF_DATA, 64), following=8, tail=bytes(range(64)))


def _webp_pixels() -> bytes:
    still = seeds()["lossy.webp"]
    canvas = b"VP8X" + struct.pack("<I", 10) + bytes(4) + (16_383).to_bytes(3, "little") * 2
    body = b"WEBP" + canvas + still[12:]
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _jpeg_pixels() -> bytes:
    """The frame header of a sound JPEG, edited to 65,500 x 65,500."""
    data = bytearray(seeds()["baseline.jpg"])
    place = data.index(b"\xff\xc0") + 5
    data[place : place + 4] = struct.pack(">HH", 65_500, 65_500)
    return bytes(data)


def _jpeg_scans() -> bytes:
    """A progressive JPEG of 2,400 x 2,400 whose second scan comes 1,000 times: each costs a pass over the picture."""
    data = encode(Image.new("L", (2400, 2400), 90), "JPEG", quality=50, progressive=True)
    starts = [place for place in range(len(data)) if data[place : place + 2] == b"\xff\xda"]
    head = data.rindex(b"\xff\xc4", 0, starts[1])
    return data[: starts[2]] + data[head : starts[2]] * 1000 + data[starts[2] :]


def _avif_pixels() -> bytes:
    """The `ispe` box of a sound AVIF, edited to 65,535 x 65,535."""
    data = bytearray(seeds()["still.avif"])
    place = data.index(b"ispe") + 8
    data[place : place + 8] = struct.pack(">II", 65_535, 65_535)
    return bytes(data)


def _jxl_pixels() -> bytes:
    """A codestream header of 2^30 x 2^30 pixels (ISO/IEC 18181-1, SizeHeader; else defaults), then noise."""
    bits, place = 0, 0
    for value, count in ((0, 1), (3, 2), (2**30 - 1, 30), (0, 3), (3, 2), (2**30 - 1, 30), (1, 1)):
        bits |= value << place
        place += count
    return b"\xff\x0a" + bits.to_bytes((place + 7) // 8, "little") + bytes(range(256))


def _jp2_pixels() -> bytes:
    """The SIZ segment of a sound codestream, edited to 2^31 - 1 on both sides."""
    data = bytearray(seeds()["codestream.j2k"])
    place = data.index(b"\xff\x51") + 6
    data[place : place + 8] = struct.pack(">II", 0x7FFFFFFF, 0x7FFFFFFF)
    return bytes(data)


def _png_just_allowed() -> bytes:
    """14,000 x 14,000 black one-bit pixels: 196 million, a little below the default limit of 200 million."""
    return png(png_header(14_000, 14_000, 1, 0), [(b"IDAT", zlib.compress(bytes(1751 * 14_000), 9))])


Recipe = tuple[str, Callable[[], bytes], set[Status], str]
_TOO_LARGE = {UNREADABLE}
_EITHER = {OK, DEGRADED, UNREADABLE}

BOMBS: tuple[Recipe, ...] = (
    ("png-pixels.png", _png_pixels, _TOO_LARGE, "claims 3.6 billion pixels"),
    ("png-tall.png", _png_tall, _TOO_LARGE, "one pixel wide, 2^31 - 1 high"),
    ("png-text.png", _png_text, _EITHER, "a compressed comment of 512 MiB"),
    ("png-profile.png", _png_profile, _EITHER, "a compressed colour profile of 512 MiB"),
    ("png-surplus.png", _png_surplus, _EITHER, "512 MiB of picture data for 16 x 16 pixels"),
    ("png-chunks.png", _png_chunks, _EITHER, "20,000 comments"),
    ("gif-pixels.gif", _gif_pixels, _TOO_LARGE, "claims 4.3 billion pixels"),
    ("gif-frames.gif", _gif_frames, _EITHER, "20,000 frames"),
    ("bmp-pixels.bmp", _bmp_pixels, _TOO_LARGE, "claims 4.2 billion pixels"),
    ("bmp-runs.bmp", _bmp_run_lengths, _TOO_LARGE, "claims 3.6 billion pixels in run lengths"),
    ("tiff-pixels.tiff", _tiff_pixels, _TOO_LARGE, "claims 10 billion pixels"),
    ("tiff-loop.tiff", _tiff_loop, _EITHER, "its only page names itself as the next"),
    ("webp-pixels.webp", _webp_pixels, _TOO_LARGE, "a canvas of 268 million pixels"),
    ("jpeg-pixels.jpg", _jpeg_pixels, _TOO_LARGE, "claims 4.3 billion pixels"),
    ("jpeg-scans.jpg", _jpeg_scans, _EITHER, "1,000 superfluous scans"),
    ("avif-pixels.avif", _avif_pixels, _TOO_LARGE, "claims 4.3 billion pixels"),
    ("jxl-pixels.jxl", _jxl_pixels, _TOO_LARGE, "claims 2^60 pixels"),
    ("jp2-pixels.j2k", _jp2_pixels, {UNREADABLE, UNSUPPORTED}, "claims 2^62 pixels"),
)

HEAVY: tuple[Recipe, ...] = (("png-just-allowed.png", _png_just_allowed, _EITHER, "196 million pixels, from 24 kB"),)
