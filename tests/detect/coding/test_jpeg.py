"""The structure of a JPEG, against what Pillow and OpenCV were told to write."""

import io

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from safelight.detect.coding.jpeg import MOST_SEGMENTS, ZIGZAG, Huffman, JpegStructure, read_structure
from tests.detect.coding.pictures import jpeg, photo

PICTURE = photo(1, 64, 48)
PLAIN = jpeg(PICTURE)


def structure(data: bytes) -> JpegStructure:
    found = read_structure(data)
    assert found is not None
    return found


def segment(marker: int, body: bytes) -> bytes:
    return bytes([0xFF, marker]) + (len(body) + 2).to_bytes(2, "big") + body


def test_what_pillow_writes_by_default() -> None:
    found = structure(PLAIN)
    assert (found.width, found.height, found.precision, found.process) == (64, 48, 8, 0)
    assert found.sampling == "4:2:0"
    assert found.huffman is Huffman.STANDARD
    assert found.jfif == (1, 1)
    assert found.adobe_transform is None
    assert found.restart_interval == 0
    assert found.markers == ("APP0", "DQT", "DQT", "SOF0", "DHT", "DHT", "DHT", "DHT", "SOS")
    assert found.table_segments == (1, 1)
    assert found.whole
    assert not found.progressive


def test_tables_are_those_that_pillow_reads() -> None:
    theirs = Image.open(io.BytesIO(PLAIN)).quantization  # type: ignore[attr-defined]  # of JpegImageFile
    assert {table.id: list(table.values) for table in structure(PLAIN).tables} == theirs


@pytest.mark.parametrize(("option", "name"), [(0, "4:4:4"), (1, "4:2:2"), (2, "4:2:0")])
def test_sampling(option: int, name: str) -> None:
    assert structure(jpeg(PICTURE, subsampling=option)).sampling == name


def test_progressive_and_optimised() -> None:
    assert structure(jpeg(PICTURE, progressive=True)).progressive
    assert structure(jpeg(PICTURE, optimize=True)).huffman is Huffman.OWN


def test_grey_restart_comment_and_adobe() -> None:
    assert structure(jpeg(PICTURE[..., 0])).sampling == "grey"
    assert structure(jpeg(PICTURE[..., 0])).chroma is None
    _, data = cv2.imencode(".jpg", PICTURE, [cv2.IMWRITE_JPEG_RST_INTERVAL, 3])
    assert structure(data.tobytes()).restart_interval == 3
    assert structure(jpeg(PICTURE, comment="made by hand")).comments == (b"made by hand",)
    cmyk = np.dstack([PICTURE, PICTURE[..., 0]])
    file = io.BytesIO()
    Image.fromarray(cmyk, "CMYK").save(file, "JPEG")
    assert structure(file.getvalue()).adobe_transform is not None


def test_digest_is_that_of_the_joined_segments() -> None:
    """The digest of ExifTool for a file with both tables in one segment, computed from the bytes themselves."""
    import hashlib

    places = [at for at in range(len(PLAIN)) if PLAIN[at : at + 2] == b"\xff\xdb"]
    joined = b"".join(PLAIN[at + 4 : at + 69] for at in places)
    assert structure(PLAIN).digest == hashlib.md5(joined).hexdigest()


def test_sixteen_bit_tables() -> None:
    steps = [300 + order for order in range(64)]
    body = b"\x12" + b"".join(step.to_bytes(2, "big") for step in steps)
    (table,) = structure(b"\xff\xd8" + segment(0xDB, body)).tables
    assert (table.id, table.bits) == (2, 16)
    assert [table.values[place] for place in ZIGZAG] == steps


def test_zigzag_is_a_walk_over_all_places() -> None:
    assert sorted(ZIGZAG) == list(range(64))
    assert ZIGZAG[:6] == (0, 1, 8, 16, 9, 2)
    assert ZIGZAG[-1] == 63


def test_fill_bytes_are_passed_over_and_too_many_end_it() -> None:
    filled = PLAIN[:2] + b"\xff" * 9 + PLAIN[2:]
    assert structure(filled).tables == structure(PLAIN).tables
    assert structure(PLAIN[:2] + b"\xff" * 100_000 + PLAIN[2:]).tables == ()


def test_endless_segments_end() -> None:
    many = b"\xff\xd8" + segment(0xE1, b"") * (MOST_SEGMENTS + 5) + PLAIN[2:]
    found = structure(many)
    assert len(found.markers) == MOST_SEGMENTS
    assert not found.whole


@pytest.mark.parametrize("data", [b"", b"\xff", b"\x89PNG\r\n\x1a\n", b"GIF89a"])
def test_other_files_are_none(data: bytes) -> None:
    assert read_structure(data) is None


@given(st.integers(0, len(PLAIN)), st.binary(max_size=40))
def test_damage_never_fails(place: int, noise: bytes) -> None:
    data = PLAIN[:place] + noise + PLAIN[place + len(noise) :]
    found = read_structure(memoryview(data))
    if found is not None:
        assert len(found.digest) == 32
        assert isinstance(found.sampling, str)
        assert all(len(table.values) == 64 for table in found.tables)
