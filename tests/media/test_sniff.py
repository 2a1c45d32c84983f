import io
import struct
import tarfile
import zipfile

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.media import formats as f
from safelight.media.sniff import HEAD_BYTES, name_agrees, sniff
from safelight.model.media import MediaKind, MediaType
from tests.media.draw import encode, scene
from tests.media.heic import draw_heic
from tests.media.pack import make_7z, make_rar4, make_rar5

PNG_START = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(17)


def _ftyp(major: bytes, *others: bytes) -> bytes:
    return struct.pack(">I4s4sI", 16 + 4 * len(others), b"ftyp", major, 0) + b"".join(others)


def _box(kind: bytes, size: int) -> bytes:
    return struct.pack(">I4s", size, kind) + bytes(size - 8)


def _packets(behind: int) -> bytes:
    """Twelve packets of a transport stream, so many bytes behind each."""
    return b"".join(b"\x47\x01\0" + bytes([0x10 | number]) + bytes(184 + behind) for number in range(12))


def _old_tar() -> bytes:
    header = bytearray(512)
    header[0:5] = b"a.txt"
    header[100:108] = b"0000644\0"
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    return bytes(header)


GOLDEN: list[tuple[bytes, MediaType]] = [
    (b"\xff\xd8\xff\xe0\0\x10JFIF", f.JPEG),
    (PNG_START + b"IDAT", f.PNG),
    (PNG_START + b"acTL" + bytes(12) + b"IDAT", f.APNG),
    (PNG_START + b"IDAT" + bytes(12) + b"acTL", f.PNG),
    (b"GIF87a", f.GIF),
    (b"GIF89a", f.GIF),
    (b"RIFF\0\0\0\0WEBPVP8 ", f.WEBP),
    (b"RIFF\0\0\0\0AVI LIST", f.AVI),
    (b"RIFF\0\0\0\0WAVEfmt ", f.WAV),
    (b"BM" + bytes(12) + b"\x28\0\0\0", f.BMP),
    (b"BM: a text about something", f.UNKNOWN),
    (b"II*\0\x08\0\0\0", f.TIFF),
    (b"MM\0*\0\0\0\x08", f.TIFF),
    (b"II+\0\x08\0\0\0" + bytes(8), f.TIFF),
    (b"MM\0+\0\x08\0\0" + bytes(8), f.TIFF),
    (_ftyp(b"heic", b"mif1", b"heic"), f.HEIC),
    (_ftyp(b"hevc", b"msf1"), f.HEIC),
    (_ftyp(b"mif1", b"heic"), f.HEIC),
    (_ftyp(b"mif1", b"mif1"), f.HEIF),
    (_ftyp(b"avif", b"mif1", b"miaf"), f.AVIF),
    (_ftyp(b"mif1", b"avif", b"miaf"), f.AVIF),
    (_ftyp(b"avis", b"avif"), f.AVIF),
    (_ftyp(b"crx ", b"isom"), f.CR3),
    (_ftyp(b"isom", b"mp41"), f.MP4),
    (_ftyp(b"mp42"), f.MP4),
    (_ftyp(b"qt  "), f.QUICKTIME),
    (_ftyp(b"3gp5"), f.THREEGPP),
    (_ftyp(b"M4A "), f.M4A),
    (b"\0\0\0\x18stypmsdh", f.MP4),
    (b"\0\0\x01\0moov\0\0\0\x6cmvhd", f.QUICKTIME),
    (b"\0\0\0\x08wide\0\0\0\0mdat", f.QUICKTIME),
    (b"\0\0\0\x10skip" + bytes(8) + b"\0\0\0\x08mdat", f.QUICKTIME),
    (b"\0\0\0\x08free\0\0\0\x08mdat", f.QUICKTIME),
    (b"\xff\x0a\xfa\x1f", f.JXL),
    (b"\0\0\0\x0cJXL \r\n\x87\n", f.JXL),
    (b"\0\0\0\x0cjP  \r\n\x87\n", f.JP2),
    (b"\xff\x4f\xff\x51\0\x2f", f.JP2),
    (b"8BPS\0\x01", f.PSD),
    (b"\0\0\x01\0\x01\0\x10\x10\0\0", f.ICO),
    (b"\x76\x2f\x31\x01\x02", f.EXR),
    (b"#?RADIANCE\n", f.HDR),
    (b"qoif\0\0\0\x01", f.QOI),
    (b"P6\n640 480\n255\n", f.PNM),
    (b"P7\nWIDTH 3\n", f.PNM),
    (b"DDS |\0\0\0", f.DDS),
    (b"II\xbc\x01", f.JXR),
    (b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x84webm", f.WEBM),
    (b"\x1a\x45\xdf\xa3\xa3\x42\x86\x81\x01\x42\x82\x88matroska", f.MATROSKA),
    ((b"\x47" + bytes(187)) * 5, f.MPEG_TS),
    ((bytes(4) + b"\x47" + bytes(187)) * 5, f.MPEG_TS),
    (b"\x47" + bytes(400), f.UNKNOWN),
    (b"\0\0\x01\xba\x44", f.MPEG_PS),
    (b"\0\0\x01\xb3\x14", f.MPEG_PS),
    (bytes(100) + b"\0\0\x01\xba\x44", f.MPEG_PS),
    (b"nut/multimedia container\0NM", f.NUT),
    (b"DKIF\0\0\x20\0VP80", f.IVF),
    (b"YUV4MPEG2 W320 H240", f.Y4M),
    (b"\x12\0\x0a\x0b\0\0\0", f.AV1),
    (b"\x12\0\x0a\xff", f.UNKNOWN),
    (b"\0\0\0\x01\x67\x64\0\x1e", f.H264),
    (b"\0\0\x01\x67\x42", f.H264),
    (b"\0\0\0\x01\x09\xf0\0\0\0\x01\x67\x42", f.H264),
    (b"\0\0\0\x01\x40\x01\x0c\x01", f.H265),
    (b"\0\0\0\x01\x46\x01\x10\0\0\0\x01\x40\x01\x0c\x01", f.H265),
    (b"\0\0\x01\xb0\x01\0\0\x01\xb5\x89", f.MPEG4_STREAM),
    (b"\0\0\x01\0\0\0\x01\x20\0", f.MPEG4_STREAM),
    (_box(b"uuid", 40) + _ftyp(b"isom"), f.MP4),
    (_box(b"abcd", 8) + _box(b"udta", 16) + _box(b"moov", 100), f.MP4),
    (_box(b"abcd", 8) + _ftyp(b"avif"), f.AVIF),
    (_box(b"sidx", 16) + _box(b"moof", 60), f.MP4),
    (_box(b"moof", 60), f.MP4),
    (_box(b"uuid", 20_000)[:5000], f.MP4),
    (_box(b"abcd", 20_000)[:5000], f.UNKNOWN),
    (b"    uuid of something", f.UNKNOWN),
    (_ftyp(b"M4A ") + _box(b"moov", 8) + b"\0\0\0\x20hdlr" + bytes(8) + b"vide", f.MP4),
    (_ftyp(b"M4A ") + _box(b"moov", 8) + b"\0\0\0\x20hdlr" + bytes(8) + b"soun", f.M4A),
    (b"\xff" + _packets(0), f.MPEG_TS),
    (bytes(4000) + _packets(0), f.MPEG_TS),
    (_packets(16), f.MPEG_TS),
    (b"ID3\x03" + bytes(6) + _packets(0), f.MPEG_TS),
    (_packets(0)[:376] + bytes(188) + _packets(0), f.MPEG_TS),
    (b"GATTACA" * 1000, f.UNKNOWN),
    (b"G" * 5000, f.UNKNOWN),
    (b"RIFF\0\0\0\0AVIX", f.AVI),
    (b"FLV\x02\x05\0", f.FLV),
    (b"FLV\x01\x05", f.FLV),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\x00\xaa\x00\x62\xce\x6c", f.ASF),
    (b"OggS\0\x02" + bytes(22) + b"\x01\x2a\x80theora", f.OGG_VIDEO),
    (b"OggS\0\x02" + bytes(22) + b"\x01\x1aOVP80\x01", f.OGG_VIDEO),
    (b"OggS\0\x02" + bytes(22) + b"\x01\x1eOpusHead", f.OGG),
    (b".RMF\0\0\0\x12", f.REALMEDIA),
    (b"\x06\x0e\x2b\x34\x02\x05\x01\x01\x0d\x01\x02\x01\x01\x02", f.MXF),
    (b"PK\x03\x04\x14", f.ZIP),
    (b"PK\x05\x06" + bytes(18), f.ZIP),
    (b"PK\x07\x08PK\x03\x04", f.ZIP),
    (b"PK00PK\x03\x04", f.ZIP),
    (b"7z\xbc\xaf\x27\x1c\0\x04", f.SEVEN_ZIP),
    (b"Rar!\x1a\x07\x00\xcf", f.RAR),
    (b"Rar!\x1a\x07\x01\x00", f.RAR),
    (b"\x1f\x8b\x08\0", f.GZIP),
    (b"\xfd7zXZ\0\0\x04", f.XZ),
    (b"\x28\xb5\x2f\xfd\x04", f.ZSTD),
    (b"\x53\x2a\x4d\x18\x04", f.ZSTD),
    (b"BZh91AY&SY", f.BZIP2),
    (b"BZh9\x17rE8P\x90", f.BZIP2),
    (b"BZh9 is no archive", f.UNKNOWN),
    (bytes(257) + b"ustar\x0000", f.TAR),
    (b"a.txt".ljust(257, b"\0") + b"ustar\x0000", f.TAR),
    (b"a.txt".ljust(257, b"\0") + b"ustar  \0", f.TAR),
    (_old_tar(), f.TAR),
    (_old_tar().replace(b"a.txt", b"b.txt"), f.UNKNOWN),
    (b"%PDF-1.7", f.PDF),
    (b"SQLite format 3\0", f.SQLITE),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", f.OLE),
    (b"{\\rtf1", f.RTF),
    (b"%!PS-Adobe", f.POSTSCRIPT),
    (b'<svg xmlns="x"/>', f.SVG),
    (b'\xef\xbb\xbf<?xml version="1.0"?>\n<!-- c --><SVG/>', f.SVG),
    (b"<!DOCTYPE html><p>", f.HTML),
    (b"  <html>", f.HTML),
    (b"<?xml version='1.0'?><plist/>", f.XML),
    (b"<nothing known>", f.UNKNOWN),
    (b"fLaC", f.FLAC),
    (b"ID3\x04", f.MP3),
    (b"MZ" + bytes(58) + b"\x40\0\0\0PE\0\0", f.EXE),
    (b"MZ is a beginning too", f.UNKNOWN),
    (b"\x7fELF\x02", f.ELF),
    (b"MSCF\0\0\0\0", f.CAB),
    (b"\x04\x22\x4d\x18", f.LZ4),
    (b"CWS\x0a", f.SWF),
    (b"wOF2", f.FONT),
    (b"070701", f.CPIO),
    (b"!<arch>\ndebian", f.AR),
    (b"", f.UNKNOWN),
    (b"plain text", f.UNKNOWN),
    (bytes(4096), f.UNKNOWN),
]


@pytest.mark.parametrize(("head", "expected"), GOLDEN, ids=lambda value: getattr(value, "mime", ""))
def test_golden(head: bytes, expected: MediaType) -> None:
    assert sniff(head) == expected


def test_every_known_type_has_a_golden_case() -> None:
    assert {expected for _, expected in GOLDEN} >= set(f.KNOWN)


def test_types_are_named_once() -> None:
    mimes = [known.mime for known in f.KNOWN]
    assert len(mimes) == len(set(mimes))
    assert all(suffix.startswith(".") and suffix == suffix.lower() for known in f.KNOWN for suffix in known.suffixes)


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("JPEG", f.JPEG),
        ("PNG", f.PNG),
        ("WEBP", f.WEBP),
        ("GIF", f.GIF),
        ("BMP", f.BMP),
        ("TIFF", f.TIFF),
        ("JPEG2000", f.JP2),
        ("AVIF", f.AVIF),
        ("ICO", f.ICO),
        ("PPM", f.PNM),
        ("PDF", f.PDF),
        ("QOI", f.QOI),
    ],
)
def test_real_pictures(form: str, expected: MediaType) -> None:
    assert sniff(encode(scene(48, 32), form)[:HEAD_BYTES]) == expected


def test_real_heic() -> None:
    assert sniff(draw_heic(np.asarray(scene(32, 32)))[:HEAD_BYTES]) == f.HEIC


def test_real_archives() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w"):
        pass
    assert sniff(file.getvalue()) == f.ZIP
    for form in (tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT):
        file = io.BytesIO()
        with tarfile.open(fileobj=file, mode="w", format=form) as archive:
            archive.addfile(tarfile.TarInfo("f"))
        assert sniff(file.getvalue()[:HEAD_BYTES]) == f.TAR
    assert sniff(make_7z([("a", b"b")])) == f.SEVEN_ZIP
    assert sniff(make_rar4([("a", b"b")])) == sniff(make_rar5([("a", b"b")])) == f.RAR


def test_a_polyglot_is_what_it_starts_as() -> None:
    assert sniff(encode(scene(16, 16), "JPEG") + b"PK\x03\x04") == f.JPEG


@given(st.binary(max_size=600))
def test_never_raises_and_ignores_what_lies_behind(data: bytes) -> None:
    assert isinstance(sniff(data).kind, MediaKind)
    assert sniff(data.ljust(HEAD_BYTES, b"\1")) == sniff(data.ljust(HEAD_BYTES, b"\1") + b"more")


@pytest.mark.parametrize(
    ("name", "media_type", "expected"),
    [
        ("a.jpg", f.JPEG, True),
        ("A.JPEG", f.JPEG, True),
        ("folder.png/photo.jpg", f.JPEG, True),
        ("photo.jpg", f.PNG, False),
        ("photo.jpg", f.UNKNOWN, False),
        ("photo.txt", f.JPEG, False),
        ("notes.txt", f.UNKNOWN, None),
        ("notes.txt", f.XML, None),
        ("photo", f.JPEG, None),
        ("folder.png/photo", f.JPEG, None),
        ("outer.zip!/x.png", f.PNG, True),
        ("thing.xyz", f.JPEG, None),
        ("letter.docx", f.ZIP, True),
        ("clip.mov", f.MP4, True),
        ("anim.png", f.APNG, True),
        ("backup.tar.gz", f.GZIP, True),
        ("clip.mp4", f.JPEG, False),
    ],
)
def test_name_agrees(name: str, media_type: MediaType, *, expected: bool | None) -> None:
    assert name_agrees(name, media_type) is expected
