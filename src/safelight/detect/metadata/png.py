"""Text fields of PNG and APNG files.

Sources: PNG specification, third edition (W3C, 2025), sections 5 and 11.3; XMP specification part 3, section 1.1.5;
"Raw profile type" texts as ImageMagick's coders/png.c and ExifTool's documentation of PNG tags have them.
"""

import struct

from safelight.detect.metadata.blocks import MAX_TEXT, BlockKind
from safelight.detect.metadata.decode import decode, inflate
from safelight.detect.metadata.exif import read_exif
from safelight.detect.metadata.gather import Gather, Span, made
from safelight.detect.metadata.iptc import read_resources
from safelight.detect.metadata.xmp import read_xmp
from safelight.detect.text import shown

_SKIPPED = 5  # chunks stepped over in a unit of work
_UNPACKED = 12  # bytes of a compressed stream read in a unit: it may be all code tables
_KEYWORD = 80  # 79 characters and the NUL after them
_COMF = b"comf"  # ComfyUI's own chunk in animated files, in the form of tEXt
_READ = frozenset({b"tEXt", b"zTXt", b"iTXt", b"eXIf", _COMF})
_XMP_KEYWORD = "XML:com.adobe.xmp"
_RAW_PROFILE = "Raw profile type "
_head = struct.Struct(">I4s").unpack_from


def read_png(gather: Gather) -> None:
    """All text chunks, eXIf, and XMP, before and after the picture data, which is stepped over."""
    _Chunks(gather).run()


class _Chunks:
    """The chunks of one file."""

    def __init__(self, gather: Gather) -> None:
        self.gather = gather

    def run(self) -> None:
        view, at = self.gather.view, 8
        last = len(view) - 12  # where the last chunk may start
        while self.gather.work(1):
            for _ in range(_SKIPPED):
                if at > last:
                    self.gather.odd("PNG breaks off")
                    return
                size, kind = _head(view, at)
                if kind == b"IEND" or (kind in _READ and not self._chunk(kind, at + 8, at + 8 + size)):
                    return
                at += size + 12

    def _chunk(self, kind: bytes, start: int, end: int) -> bool:
        """Reads a chunk; False when no more can be."""
        if not self.gather.step():
            return False
        span = self.gather.file.part(start, end)
        if end > span.end:
            self.gather.odd(f"PNG chunk {kind.decode()} is longer than the file")
        if kind == b"eXIf":
            skip = 6 if span.head(6) == b"Exif\0\0" else 0  # some writers put JPEG's signature before
            read_exif(self.gather, span.part(start + skip, end), "PNG eXIf EXIF")
        else:
            self._text(kind, span)
        return True

    def _text(self, kind: bytes, span: Span) -> None:
        """One text chunk: a keyword, and behind a NUL what the kind prescribes."""
        keyword, mark, _ = span.head(_KEYWORD).partition(b"\0")
        if not mark and len(span) >= _KEYWORD:
            self.gather.odd("PNG text has no keyword of right length")
        key = decode(keyword)
        label = f'PNG {kind.decode()} "{shown(key)}"'
        at = span.start + len(keyword) + len(mark)
        if kind in {b"tEXt", _COMF}:
            self._value(key, label, span.part(at, span.end), packed=False)
        elif kind == b"zTXt":
            self._value(key, label, span.part(at + 1, span.end), packed=True)
        else:
            method = bytes(span.view[at : at + 2])
            names = bytes(span.view[at + 2 : min(at + 2 + 4096, span.end)]).split(b"\0", 2)  # language, keyword in it
            if len(names) < 3:
                self.gather.odd(f"{label} breaks off")
                return
            at += 2 + len(names[0]) + len(names[1]) + 2
            self._value(key, label, span.part(at, span.end), packed=method[:1] != b"\0")

    def _value(self, key: str, label: str, value: Span, *, packed: bool) -> None:
        gather, cut = self.gather, False
        plain = value
        if packed:
            plain, cut = self._unpacked(value, label)
        if key == _XMP_KEYWORD:
            read_xmp(gather, plain, label.replace(f'"{_XMP_KEYWORD}"', "XMP"))
            return
        data, longer = gather.take(plain)
        cut = cut or longer
        gather.add(BlockKind.PNG_TEXT, key, decode(data, cut=cut), value.place(label), cut=cut)
        if key.startswith(_RAW_PROFILE):
            self._profile(data, value, label)

    def _unpacked(self, value: Span, label: str) -> tuple[Span, bool]:
        most = min(len(value), MAX_TEXT)
        packed, _ = self.gather.take(value) if self.gather.work(most // _UNPACKED) else (b"", True)
        plain, more, broken = inflate(packed, MAX_TEXT)
        if broken and len(packed) < len(value):
            more = True  # it goes on behind what was taken
        elif broken:
            self.gather.odd(f"{label}: the compressed text is broken")
        return made(plain, value), more

    def _profile(self, text: bytes, value: Span, label: str) -> None:
        """A block of Exif or the like that ImageMagick wrote as lines: a name, a length, and hexadecimal digits."""
        lines = text.strip().split(b"\n", 2)
        try:
            data = bytes.fromhex(lines[2].decode("ascii")) if len(lines) == 3 else b""
        except ValueError:
            self.gather.odd(f"{label}: the digits are broken")
            return
        name = lines[0].strip()
        if data.startswith(b"Exif\0\0"):
            read_exif(self.gather, made(data[6:], value), f"{label} EXIF")
        elif name == b"xmp" or data.startswith(b"http://ns.adobe.com/xap/1.0/\0"):
            read_xmp(self.gather, made(data.removeprefix(b"http://ns.adobe.com/xap/1.0/\0"), value), f"{label} XMP")
        elif name in {b"iptc", b"8bim"}:
            read_resources(self.gather, made(data, value), label)
