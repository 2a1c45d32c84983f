"""Files that were changed without any key, inside of what their signature leaves out, and that the SDK calls right."""

import json
import struct
import zlib
from collections.abc import Callable
from io import BytesIO

import pytest
from PIL import Image

from safelight.detect.provenance import read_provenance
from safelight.detect.provenance.details import Details, Told
from safelight.detect.provenance.locate import Located, locate
from safelight.model.provenance import UNCOVERED
from safelight.model.signal import Place
from safelight.policy.assess import assess
from tests.detect.provenance.signing import Authority, Maker, action, drawing, sign
from tests.detect.provenance.test_interpret import NOW

ROTATED = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"
"""EXIF that turns the picture."""


def shrink(store: bytes) -> bytes:
    """The store without the room for a time stamp, which no signature covers."""
    at = store.index(b"\x63padY")
    room = int.from_bytes(store[at + 5 : at + 7], "big")
    small = bytearray(store[:at] + b"\x63pad\x40" + store[at + 7 + room :])
    cut = len(store) - len(small)
    _shorten(small, store, 0, len(store), at, cut)
    return bytes(small)


def _shorten(small: bytearray, store: bytes, start: int, end: int, at: int, cut: int) -> None:
    while start < end:
        length, name = struct.unpack_from(">I4s", store, start)
        if start < at < start + length:
            struct.pack_into(">I", small, start, length - cut)
            if name == b"jumb":
                _shorten(small, store, start + 8, start + length, at, cut)
        start += length


def segment(marker: int, content: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(content) + 2) + content


def jpeg(signed: bytes, place: Place) -> bytes:
    """The store in two segments, between them EXIF and a comment that fills the room."""
    head, small = signed[place.start + 4 : place.start + 8], shrink(signed[place.start + 12 : place.end])
    first = segment(0xEB, head + struct.pack(">I", 1) + small[:1500])
    last = segment(0xEB, head + struct.pack(">I", 2) + small[:8] + small[1500:])
    exif = segment(0xE1, b"Exif\0\0" + ROTATED)
    room = place.end - place.start - len(first + exif + last)
    return first + exif + segment(0xFE, bytes(room - 4)) + last


def chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def png(signed: bytes, place: Place) -> bytes:
    """The store, smaller, and behind it EXIF and a chunk that fills the room."""
    own = chunk(b"caBX", shrink(signed[place.start + 8 : place.end - 4])) + chunk(b"eXIf", ROTATED)
    return own + chunk(b"teXt", bytes(place.end - place.start - len(own) - 12))


def webp(signed: bytes, place: Place) -> bytes:
    small = shrink(signed[place.start + 8 : place.end])
    own = b"C2PA" + struct.pack("<I", len(small)) + small + bytes(len(small) & 1)
    own += b"EXIF" + struct.pack("<I", len(ROTATED)) + ROTATED
    room = place.end - place.start - len(own) - 8
    return own + b"JUNK" + struct.pack("<I", room) + bytes(room)


ATTACKS: dict[str, Callable[[bytes, Place], bytes]] = {"jpeg": jpeg, "png": png, "webp": webp}


@pytest.mark.parametrize("form", ATTACKS)
def test_what_stands_between_the_parts_of_a_store(form: str, ida: Maker, root: Authority) -> None:
    mime = f"image/{form}"
    signed = sign(ida, drawing(form.upper()), action("created", "digitalCapture"), mime=mime)
    [place] = locate(signed).stores
    changed = signed[: place.start] + ATTACKS[form](signed, place) + signed[place.end :]
    assert len(changed) == len(signed)
    with Image.open(BytesIO(changed)) as after:
        assert after.getexif().get(0x112) == 6 or form == "webp"  # whose readers ask for a flag that is covered
    assert _valid(signed, mime, root)
    found = read_provenance(changed, mime, root.trust)
    assert found is not None
    assert (found.valid, found.trusted) == (False, False)
    assert found.failures[-1].code == UNCOVERED
    assert found.failures[-1].words == "bytes lie between the parts of the manifest that no signature covers"
    assert assess((), (), found, None).artificialness == "unknown"


def _valid(data: bytes, mime: str, root: Authority) -> bool | None:
    found = read_provenance(data, mime, root.trust)
    return found.valid if found else None


def details(*exclusions: object, name: str = "c2pa.hash.data") -> Details:
    hashes = {name: {"exclusions": exclusions}}
    return Details(Told("{}", json.dumps({"manifests": [{"label": "a", "assertions": hashes}]}), NOW))


def span(start: int, length: int) -> dict[str, int]:
    return {"start": start, "length": length}


class TestLeavesUncovered:
    STORE = Located((Place("PNG caBX", 33, 90),), sure=True)

    @pytest.mark.parametrize(
        ("exclusions", "uncovered"),
        [
            ((), False),
            ((span(33, 57),), False),
            ((span(40, 10), span(60, 30)), False),
            ((span(32, 58),), True),
            ((span(33, 58),), True),
            ((span(33, 57), span(200, 1)), True),
            ((span(-1, 3),), True),
            ((span(40, -3),), True),
            (("x",), True),
            (({"start": "33", "length": 57},), True),
            ((span(40, 1),) * 65, True),
        ],
    )
    def test_by_ranges(self, exclusions: tuple[object, ...], uncovered: bool) -> None:
        assert details(*exclusions).leaves_uncovered(["a"], b"", self.STORE) is uncovered

    def test_a_hash_that_is_not_told(self) -> None:
        assert details(name="c2pa.hash.boxes").leaves_uncovered(["a"], b"", self.STORE)
        assert details().leaves_uncovered(["b"], b"", self.STORE)
        assert not details(name="c2pa.hash.data__2").leaves_uncovered(["a"], b"", self.STORE)

    def test_content_bound_otherwise(self) -> None:
        assert not details().leaves_uncovered([], b"", self.STORE)
        assert details().leaves_uncovered([], b"", Located(self.STORE.stores, apart=True))

    def test_a_directory_may_say_where_the_store_is(self) -> None:
        entries = Located(self.STORE.stores, entries=(Place("TIFF entry", 14, 22),))
        assert not details(span(33, 57), span(18, 4)).leaves_uncovered(["a"], b"", entries)
        assert details(span(33, 57), span(12, 4)).leaves_uncovered(["a"], b"", entries)

    @pytest.mark.parametrize(("held", "uncovered"), [(b"QUJD\n", False), (b"<g/>A", True)])
    def test_elements_within_a_store(self, held: bytes, uncovered: bool) -> None:
        svg = b"<c2pa:manifest>" + held + b"</c2pa:manifest>"
        located = Located((Place("SVG c2pa:manifest", 0, len(svg)),))
        assert details(span(15, 5)).leaves_uncovered(["a"], svg, located) is uncovered
