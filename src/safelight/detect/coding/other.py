"""What PNG and WebP tell of their encoding. Sources: W3C PNG, third edition; RFC 1950; RFC 9649 (WebP)."""

from safelight.detect.buffer import Buffer
from safelight.model.signal import Rule, Signal, SignalKind

PNG_RULE = Rule("encoder-png", "W3C PNG (third edition), 11.2; RFC 1950, 2.2", "2026-11-22")
WEBP_RULE = Rule("encoder-webp", "RFC 9649, 2.5 to 2.7", "2026-11-22")

_MOST_CHUNKS = 1000
_COLOURS = {0: "grey", 2: "RGB", 3: "palette", 4: "grey with alpha", 6: "RGB with alpha"}
_EFFORTS = ("fastest", "fast", "default", "most")  # FLEVEL of RFC 1950


def read_png(data: Buffer) -> Signal | None:
    """Kind of pixels, interlacing, and how the compressor was set; None when it is no PNG."""
    head = bytes(data[:33])
    if head[:8] != b"\x89PNG\r\n\x1a\n" or head[12:16] != b"IHDR" or len(head) < 33:
        return None
    depth, colour, interlaced = head[24], head[25], head[28] == 1
    figures = {"bit_depth": float(depth), "colour_type": float(colour), "interlaced": float(interlaced)}
    words = f"PNG, {depth} bit {_COLOURS.get(colour, 'of unknown colours')}{', interlaced' if interlaced else ''}"
    if (first := _first_pixels(data)) is not None:
        start, length = first
        effort = int(data[start + 1]) >> 6
        words += f"; compressor at its {_EFFORTS[effort]} effort, pieces of {length} bytes"
        figures |= {"zlib_effort": float(effort), "piece_bytes": float(length)}
    return Signal("encoder", words, SignalKind.CODING, rule=PNG_RULE, figures=figures)


def _first_pixels(data: Buffer) -> tuple[int, int] | None:
    """Where the first IDAT's content begins, and how long it is."""
    place = 8
    for _ in range(_MOST_CHUNKS):
        head = bytes(data[place : place + 8])
        if len(head) < 8:
            return None
        length = int.from_bytes(head[:4], "big")
        if head[4:] == b"IDAT":
            return (place + 8, length) if length >= 2 and place + 10 <= len(data) else None
        place += 12 + length
    return None


def read_webp(data: Buffer) -> Signal | None:
    """Lossy, lossless or animated; None when it is no WebP. The quality setting is not written in a WebP."""
    head = bytes(data[:12])
    if head[:4] != b"RIFF" or head[8:] != b"WEBP":
        return None
    kinds, place = [], 12
    for _ in range(_MOST_CHUNKS):
        chunk = bytes(data[place : place + 8])
        if len(chunk) < 8:
            break
        kinds.append(chunk[:4])
        if chunk[:4] in {b"VP8 ", b"VP8L", b"ANMF"}:
            break
        length = int.from_bytes(chunk[4:], "little")
        place += 8 + length + length % 2
    lossy, lossless, moving = b"VP8 " in kinds, b"VP8L" in kinds, b"ANMF" in kinds or b"ANIM" in kinds
    how = "animated" if moving else "lossy, quality not told" if lossy else "lossless" if lossless else "without pixels"
    figures = {"lossy": float(lossy), "lossless": float(lossless), "animated": float(moving)}
    return Signal("encoder", f"WebP, {how}", SignalKind.CODING, rule=WEBP_RULE, figures=figures)
