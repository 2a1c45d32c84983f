"""Where manifest stores lie: a look at the container alone, against what the SDK finds, and against hostile files."""

import random
import struct
import time
import zlib
from collections.abc import Callable
from contextlib import suppress

import c2pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.detect.provenance.locate import MOST_PARTS, Located, locate
from safelight.detect.provenance.stream import BufferStream
from safelight.model.signal import Place
from tests.detect.provenance.signing import MP3, SVG, Maker, action, avi, box, drawing, jxl, sign, video

C2PA_USER = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")
XMP_USER = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
STORE = b"\0\0\0\x40jumb\0\0\0\x20jumdc2pa" + bytes(44)
ADDRESS = "https://example.org/a.c2pa"
XMP = f'<x:xmpmeta><rdf:Description dcterms:provenance="{ADDRESS}"/></x:xmpmeta>'.encode()
NOTHING = Located()


def segment(marker: int, content: bytes) -> bytes:
    return bytes([0xFF, marker]) + (len(content) + 2).to_bytes(2, "big") + content


def jumbf(content: bytes = STORE, number: int = 0x0211, sequence: int = 1) -> bytes:
    return segment(0xEB, b"JP" + struct.pack(">HI", number, sequence) + content)


def jpeg(*segments: bytes) -> bytes:
    plain = drawing()
    return plain[:2] + b"".join(segments) + plain[2:]


def chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def png(*chunks: bytes) -> bytes:
    plain = drawing("PNG")
    return plain[:33] + b"".join(chunks) + plain[33:]


def riff(form: bytes, *chunks: bytes) -> bytes:
    return b"RIFF" + struct.pack("<I", 4 + sum(map(len, chunks))) + form + b"".join(chunks)


def riff_chunk(name: bytes, content: bytes) -> bytes:
    return name + struct.pack("<I", len(content)) + content + bytes(len(content) & 1)


def tiff(*entries: tuple[int, bytes], order: str = "<", big: bool = False) -> bytes:
    """One directory after the header, the values after it."""
    head = (b"II" if order == "<" else b"MM") + struct.pack(f"{order}H", 43 if big else 42)
    head += struct.pack(f"{order}HHQ", 8, 0, 16) if big else struct.pack(f"{order}I", 8)
    size = 20 if big else 12
    at = len(head) + (8 if big else 2) + size * len(entries) + (8 if big else 4)
    table, values = b"", b""
    for tag, value in entries:
        table += struct.pack(f"{order}{'HHQQ' if big else 'HHII'}", tag, 7, len(value), at + len(values))
        values += value
    count = struct.pack(f"{order}{'Q' if big else 'H'}", len(entries))
    return head + count + table + bytes(8 if big else 4) + values


def manifest_box(purpose: bytes = b"manifest") -> bytes:
    return box(b"uuid", C2PA_USER + bytes(4) + purpose + b"\0" + bytes(8) + STORE)


GIF = drawing("GIF")
GIF_AT = 13 + (3 << (GIF[10] & 7) + 1)


def gif(extension: bytes) -> bytes:
    return GIF[:GIF_AT] + extension + GIF[GIF_AT:]


FOUND: dict[str, tuple[bytes, str]] = {
    "jpeg": (jpeg(jumbf()), "JPEG APP11 C2PA"),
    "jpeg, fill bytes": (jpeg(b"\xff\xff\xff", jumbf()), "JPEG APP11 C2PA"),
    "jpeg, after coded data": (drawing()[:-2] + jumbf() + b"\xff\xd9", "JPEG APP11 C2PA"),
    "png": (png(chunk(b"caBX", STORE)), "PNG caBX"),
    "webp": (riff(b"WEBP", riff_chunk(b"VP8 ", b"odd"), riff_chunk(b"C2PA", STORE)), "RIFF WebP C2PA"),
    "wav": (riff(b"WAVE", riff_chunk(b"C2PA", STORE)), "RIFF WAVE C2PA"),
    "gif": (gif(b"\x21\xff\x0bC2PA_GIF\x01\0\0\x05hello\0"), "GIF C2PA"),
    "tiff": (tiff((256, b"x"), (0xCD41, STORE)), "TIFF tag 0xCD41"),
    "tiff, big-endian": (tiff((0xCD41, STORE), order=">"), "TIFF tag 0xCD41"),
    "bigtiff": (tiff((0xCD41, STORE), big=True), "TIFF tag 0xCD41"),
    "mp4": (video() + manifest_box(), "BMFF uuid C2PA"),
    "mp4, update": (video() + manifest_box(b"update"), "BMFF uuid C2PA"),
    "jxl": (jxl() + box(b"jumb", STORE[8:]), "JPEG XL jumb C2PA"),
    "jxl, compressed": (jxl() + box(b"brob", b"jumb" + bytes(9)), "JPEG XL brob jumb"),
    "svg": (
        SVG.replace(b"<rect", b"<metadata><c2pa:manifest>QQ==</c2pa:manifest></metadata><rect"),
        "SVG c2pa:manifest",
    ),
    "pdf": (b"%PDF-1.7\n1 0 obj <</AFRelationship /C2PA_Manifest>>", "PDF C2PA_Manifest"),
    "id3": (b"ID3\x04\0\0\0\0\0\x40GEOB\0\0\0\x30\0\0\0application/x-c2pa-manifest-store\0" + bytes(40), "ID3 GEOB"),
}

NAMED: dict[str, bytes] = {
    "jpeg": jpeg(segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + XMP)),
    "png": png(chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + XMP)),
    "webp": riff(b"WEBP", riff_chunk(b"XMP ", XMP)),
    "gif": gif(b"\x21\xff\x0bXMP DataXMP" + bytes([len(XMP)]) + XMP + b"\0"),
    "tiff": tiff((700, XMP)),
    "mp4": video() + box(b"uuid", XMP_USER + XMP),
    "jxl": jxl() + box(b"xml ", XMP),
    "svg": SVG.replace(b"<rect", XMP + b"<rect"),
}


class TestStores:
    @pytest.mark.parametrize("name", FOUND)
    def test_found(self, name: str) -> None:
        data, label = FOUND[name]
        [place] = locate(data).stores
        assert place.label == label
        assert 0 < place.start < place.end <= len(data)
        assert locate(data).sure is (name not in {"jxl, compressed", "pdf"})
        assert locate(memoryview(data)) == locate(bytearray(data)) == locate(data)

    @pytest.mark.parametrize("name", FOUND)
    def test_not_found_in_another_container(self, name: str) -> None:
        assert locate(b"XXXX" * 2000 + FOUND[name][0]) == NOTHING

    def test_segments_that_go_on_are_one_place(self) -> None:
        more = (jumbf(b"\0\0\0\x40jumb" + bytes(30), sequence=2), jumbf(b"\0\0\0\x40jumb" + bytes(30), sequence=3))
        data = jpeg(segment(0xE0, b"JFIF"), jumbf(), *more, jumbf(bytes(40), number=7))
        start = 2 + 8
        assert locate(data).stores == (Place("JPEG APP11 C2PA", start, start + sum(map(len, (jumbf(), *more)))),)

    @pytest.mark.parametrize(
        "data",
        [
            b"",
            b"\xff",
            b"\xff\xd8",
            b"\xff\xd8\xff\xeb",
            b"RIFF",
            b"GIF89a",
            b"II*\0",
            b"MM\0+\0\x08",
            b"ID3",
            b"\0\0\0\0ftyp",
            jpeg(segment(0xEB, b"JP" + bytes(40))),
            jpeg(jumbf(STORE.replace(b"c2pa", b"xxxx"))),
            png(chunk(b"iTXt", b"Comment\0\0\0\0\0" + XMP)),
            video() + box(b"moov", manifest_box()),
            video() + manifest_box(b"merkle"),
            video() + box(b"uuid", bytes(16) + STORE),
            tiff((0xCD41, b"")),
            b"plain text <c2pa:manifest>",
        ],
    )
    def test_nothing(self, data: bytes) -> None:
        assert locate(data) == NOTHING

    def test_one_behind_another(self) -> None:
        """Parts of one store lie directly one after another; of ISO base media, additions have boxes of their own."""
        apart = [
            jpeg(jumbf(), segment(0xFE, b"x"), jumbf(sequence=2)),
            png(chunk(b"caBX", STORE), chunk(b"tEXt", b"x"), chunk(b"caBX", STORE)),
            riff(b"WEBP", riff_chunk(b"C2PA", STORE), riff_chunk(b"JUNK", b"xx"), riff_chunk(b"C2PA", STORE)),
            tiff((0xCD41, STORE), (256, b"x"), (0xCD41, STORE)),
        ]
        assert all(locate(data).apart for data in apart)
        assert not any(locate(data).apart for data, _ in FOUND.values())
        assert not locate(video() + manifest_box(b"original") + box(b"free") + manifest_box(b"update")).apart

    def test_an_entry_that_names_a_store(self) -> None:
        data = tiff((256, b"x"), (0xCD41, STORE))
        [entry] = locate(data).entries
        assert struct.unpack("<II", data[entry.start : entry.end]) == (len(STORE), locate(data).stores[0].start)


class TestAddresses:
    @pytest.mark.parametrize("name", NAMED)
    def test_found(self, name: str) -> None:
        assert locate(NAMED[name]) == Located(remote=ADDRESS)

    @pytest.mark.parametrize(
        ("written", "remote"),
        [
            ("dcterms:provenance='http://a/b'", "http://a/b"),
            ('dcterms:provenance = "HTTPS://a/?x=1&amp;y=2"', "HTTPS://a/?x=1&y=2"),
            ("<dcterms:provenance> https://a/b </dcterms:provenance>", "https://a/b"),
            ('dcterms:provenance="self#jumbf=c2pa/x"', ""),
            ('dcterms:provenance="file:///etc/passwd"', ""),
            ('dcterms:provenance="https://a/\u202eb\x07"', "https://a/ b"),
            ('dc:provenance="https://a/b"', ""),
            ('dcterms:provenance="https://a/' + "b" * 2000 + '"', "https://a/" + "b" * 501 + "…"),
            ('dcterms:provenance="https://a/' + "b" * 3000 + '"', ""),
        ],
    )
    def test_every_form(self, written: str, remote: str) -> None:
        assert locate(SVG.replace(b"<rect", written.encode() + b"<rect")).remote == remote


@pytest.fixture(scope="module")
def signed(ida: Maker) -> dict[str, bytes]:
    plain = {f"image/{form}": drawing(form.upper()) for form in ("jpeg", "png", "webp", "gif", "tiff", "avif")}
    plain |= {"video/mp4": video(), "image/svg+xml": SVG, "audio/mpeg": MP3, "image/jxl": jxl(), "video/avi": avi()}
    return {mime: sign(ida, data, action("created", "digitalCreation"), mime=mime) for mime, data in plain.items()}


def test_whatever_the_sdk_reads_is_found(signed: dict[str, bytes]) -> None:
    """The SDK is asked only about what was found here, so no file that it reads may be missed."""
    settings = {"verify": {"remote_manifest_fetch": False, "verify_after_reading": False}}
    context = c2pa.Context.from_dict(settings)
    chance, read = random.Random(11), 0
    for _ in range(1000):
        mime = chance.choice(sorted(signed))
        file = bytearray(signed[mime])
        for _ in range(chance.randrange(4)):
            file[chance.randrange(400)] = chance.randrange(256)
        with suppress(c2pa.C2paError):
            reader = c2pa.Reader.try_create(mime, BufferStream(file), context=context)
            if reader is not None:
                reader.close()
                read += 1
                assert locate(file).stores
    assert read > 300


@given(st.sampled_from([b"\xff\xd8", *(data for data, _ in FOUND.values()), *NAMED.values()]), st.data())
def test_nothing_is_raised_and_places_lie_in_the_file(seed: bytes, data: st.DataObject) -> None:
    cut = seed[: data.draw(st.integers(0, len(seed)))] + data.draw(st.binary(max_size=200))
    for place in locate(cut).stores:
        assert 0 <= place.start < place.end <= len(cut)


def _boxes(size: int) -> bytes:
    return b"\0\0\0\x18ftypisom\0\0\0\0isomiso2" + struct.pack(">I4s", size, b"free") * 500_000


_PACKET = segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + b"dcterms:provenance>" * 3400)


PACKETS = (
    b"II*\0\x08\0\0\0"
    + struct.pack("<H", 16_000)
    + struct.pack("<HHII", 700, 7, 16 << 20, 14 + 12 * 16_000) * 16_000
    + bytes(4)
)
"""A directory of 16,000 entries, each of which gives out the same 16 megabytes behind it for XMP."""

HOSTILE: dict[str, Callable[[], bytes]] = {
    "half a million empty boxes": lambda: _boxes(8),
    "boxes of length 0": lambda: _boxes(0),
    "boxes of length 1": lambda: _boxes(1),
    "boxes of length 2": lambda: _boxes(2),
    "boxes of enormous length": lambda: _boxes(0xFFFFFFFF),
    "large boxes of length 16": lambda: b"\0\0\0\x08ftyp" + struct.pack(">I4sQ", 1, b"free", 16) * 500_000,
    "large boxes of length 2**64 - 1": lambda: b"\0\0\0\x08ftyp" + struct.pack(">I4sQ", 1, b"free", 2**64 - 1) * 9,
    "boxes in boxes": lambda: (
        b"\0\0\0\x08ftyp" + b"".join(struct.pack(">I4s", 8 * n, b"moov") for n in range(9**6, 0, -1))
    ),
    "a million segments": lambda: b"\xff\xd8" + b"\xff\xe5\0\x02" * 1_000_000,
    "a million continued segments": lambda: b"\xff\xd8" + jumbf() + jumbf(b"", sequence=2) * 1_000_000,
    "stores without end": lambda: b"\xff\xd8" + jumbf() * 200_000,
    "stores apart without end": lambda: b"\xff\xd8" + (jumbf() + b"\xff\xe5\0\x02") * 100_000,
    "fill bytes": lambda: b"\xff\xd8" + b"\xff" * 20_000_000,
    "coded data full of markers": lambda: drawing()[:-2] + b"\xff\xeb\0\x10JP" * 2_000_000,
    "a million chunks": lambda: b"\x89PNG\r\n\x1a\n" + bytes(4) + (b"teXt" + bytes(8)) * 1_000_000,
    "a million riff chunks": lambda: b"RIFF\0\0\0\0WEBP" + b"JUNK\0\0\0\0" * 1_000_000,
    "a million gif blocks": lambda: GIF[:GIF_AT] + b"\x21\xfe" + b"\x01x" * 3_000_000,
    "a million gif extensions": lambda: GIF[:GIF_AT] + b"\x21\xfe\0" * 1_000_000,
    "a directory that is its own next": lambda: tiff((256, b""))[:-4] + struct.pack("<I", 8),
    "directories without end": lambda: b"II*\0" + b"".join(struct.pack("<IH", 8 + 6 * n, 0) for n in range(10**6)),
    "a directory of 65,535 entries": lambda: b"II*\0\x08\0\0\0\xff\xff" + bytes(12 * 65_535),
    "elements without end": lambda: b"<svg>" + b"<c2pa:manifes " * 2_000_000,
    "a comment without end": lambda: b"<!--" + b"<svg" * 2_000_000,
    "xmp without end": lambda: SVG + b'dcterms:provenance="' * 1_000_000,
    "xmp of spaces": lambda: SVG + (b"dcterms:provenance" + b" " * 15) * 500_000,
    "entries that name one packet": lambda: PACKETS + b"x" * (16 << 20),
    "links without end": lambda: SVG + b"dcterms:provenance>" * 900_000,
    "links of spaces": lambda: SVG + (b"dcterms:provenance>" + b" " * 64) * 200_000,
    "packets without end": lambda: b"\xff\xd8" + _PACKET * 600,
    "late stores": lambda: b"\xff\xd8\xff\xda" + jumbf() * 300_000,
    "markers behind coded data": lambda: b"\xff\xd8\xff\xda" + b"\xff\xeb" * 16_000_000,
    "gif blocks of a byte": lambda: GIF[:GIF_AT] + (b"\x21\xfe" + b"\x01x" * 260_000 + b"\0") * 40,
    "pdf of names": lambda: b"%PDF-" + b"/C2PA_Manifest " * 1_000_000,
    "id3 of frames": lambda: b"ID3\x04\0\0\x7f\x7f\x7f\x7f" + b"GEOB" * 2_000_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_structure_costs_little(name: str) -> None:
    data = HOSTILE[name]()
    costs = []
    for _ in range(3):
        start = time.process_time()
        found = locate(data)
        costs.append(time.process_time() - start)
    assert min(costs) < 0.15  # measured: at most 0.05
    assert len(found.stores) <= 64


def test_an_ordinary_picture_costs_next_to_nothing() -> None:
    """4 megapixels of noise, a megabyte of coded data: the look must stay under a millisecond."""
    head, tail = drawing()[:-2], b"\xff\xd9"
    coded = bytes(range(255)) * 6000
    data = memoryview(head + coded + tail)
    costs = []
    for _ in range(20):
        start = time.process_time()
        assert locate(data) == NOTHING
        costs.append(time.process_time() - start)
    assert min(costs) < 0.001


def test_what_lies_behind_the_bound_is_not_looked_for() -> None:
    head = b"\xff\xd8" + b"\xff\xe5\0\x02" * (MOST_PARTS + 1)
    assert locate(head) == NOTHING


class TestBufferStream:
    def test_reads_like_a_file(self) -> None:
        stream = BufferStream(memoryview(b"0123456789")[1:])
        assert (stream.read(3), stream.tell(), stream.seek(-2, 2), stream.read()) == (b"123", 3, 7, b"89")
        assert (stream.seek(1, 1), stream.read(5), stream.seek(0), stream.read(1)) == (10, b"", 0, b"1")
        assert stream.readable()
        assert stream.seekable()
        assert not stream.writable()

    def test_no_place_before_the_start(self) -> None:
        with pytest.raises(ValueError, match="before the start"):
            BufferStream(b"abc").seek(-4, 2)
