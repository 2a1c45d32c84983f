"""Whatever the bytes: no exception, bounds hold, places lie in the file and hold what they say."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.detect.metadata import Block, BlockKind, Blocks, read_blocks
from safelight.detect.metadata.blocks import MAX_ALL, MAX_BLOCKS, MAX_TEXT
from safelight.detect.metadata.decode import decode
from safelight.detect.metadata.gather import MAX_KEY, MAX_ODDITIES
from safelight.detect.metadata.reader import READERS
from safelight.media import formats
from safelight.media.archives.names import is_safe
from tests.detect.metadata.samples import SAMPLES
from tests.material.mutate import MUTATIONS

AS_IT_IS = ("JPEG COM", "JPEG APP1 EXIF", "TIFF ", "WebP EXIF", "PNG eXIf", "Matroska", "AVI INFO", "PSD IPTC")
EXTREMES = [b"\xff" * 4, bytes(4), b"\0\0\0\1", b"\1\0\0\0", b"\x7f\xff\xff\xff", b"\xff\xff\xff\x7f"]
IN_UTF16 = {"UserComment", "GPSProcessingMethod", "GPSAreaInformation", "MakerNote"}


def is_plain(block: Block) -> bool:
    """Whether the block's text is in the file as it is, in UTF-8 or Latin-1."""
    if block.kind is BlockKind.PNG_TEXT:
        return block.place.label.startswith("PNG tEXt")
    special = block.key in IN_UTF16 or block.key.startswith("XP") or block.kind is BlockKind.XMP
    return not special and block.place.label.startswith(AS_IT_IS)


def check(blocks: Blocks, data: bytes) -> None:
    assert len(blocks.blocks) <= MAX_BLOCKS
    assert sum(len(block.text) for block in blocks.blocks) <= MAX_ALL
    assert len(blocks.oddities) <= MAX_ODDITIES
    assert all(is_safe(line) and len(line) < 200 for line in blocks.oddities), blocks.oddities
    starts = [block.place.start for block in blocks.blocks]
    assert starts == sorted(starts)
    for block in blocks.blocks:
        assert len(block.text) <= MAX_TEXT
        assert len(block.key) <= MAX_KEY
        assert is_safe(block.place.label)
        assert len(block.place.label) < 200
        assert 0 <= block.place.start <= block.place.end <= len(data)
        if is_plain(block):
            held = data[block.place.start : block.place.end]
            assert decode(held) == block.text, block
    if blocks.thumbnail:
        start, end = blocks.thumbnail
        assert data[start : start + 2] == b"\xff\xd8"
        assert start < end <= len(data)


@pytest.mark.parametrize("mime", SAMPLES)
def test_samples_are_whole(mime: str) -> None:
    blocks = read_blocks(SAMPLES[mime], mime)
    check(blocks, SAMPLES[mime])
    assert blocks.blocks
    assert [line for line in blocks.oddities if "thumbnail" not in line and "Brotli" not in line] == []


@pytest.mark.parametrize("mime", SAMPLES)
@pytest.mark.parametrize("kind", MUTATIONS)
def test_mutants(mime: str, kind: str) -> None:
    others = list(SAMPLES.values())
    for number in range(30):
        rng = np.random.default_rng([len(kind), sum(mime.encode()), number])
        data = SAMPLES[mime]
        for _ in range(int(rng.integers(1, 4))):
            data = MUTATIONS[kind](rng, data if len(data) > 1 else bytes(2), others[rng.integers(len(others))])
        check(read_blocks(data, mime), data)


@pytest.mark.parametrize("mime", SAMPLES)
def test_every_truncation(mime: str) -> None:
    data = SAMPLES[mime]
    for size in range(0, len(data), 3):
        check(read_blocks(data[:size], mime), data[:size])


@given(st.sampled_from(sorted(READERS)), st.binary(max_size=600), st.integers(0, 40))
def test_any_bytes(mime: str, data: bytes, kept: int) -> None:
    start = SAMPLES.get(mime, b"")[:kept]
    check(read_blocks(start + data, mime), start + data)


@given(st.data())
def test_pieces_of_samples(draw: st.DataObject) -> None:
    mime = draw.draw(st.sampled_from(sorted(SAMPLES)))
    data = bytearray(SAMPLES[mime])
    for _ in range(draw.draw(st.integers(1, 6))):
        at = draw.draw(st.integers(0, len(data) - 1))
        piece = draw.draw(
            st.binary(max_size=8) | st.sampled_from([b"\xff" * 4, bytes(4), b"\0\0\0\1", b"\x7f\xff\xff\xff"])
        )
        data[at : at + len(piece)] = piece
    check(read_blocks(bytes(data), mime), bytes(data))


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_however_the_bytes_are_held(kind: type[bytes] | type[bytearray] | type[memoryview]) -> None:
    for mime, data in SAMPLES.items():
        assert read_blocks(kind(data), mime) == read_blocks(data, mime)


def test_every_reader_has_a_known_type() -> None:
    assert {known.mime for known in formats.KNOWN} >= set(READERS)


@pytest.mark.parametrize("mime", ["image/bmp", "application/zip", "image/svg+xml", "no such thing", ""])
def test_other_types_have_no_fields(mime: str) -> None:
    assert read_blocks(SAMPLES["image/png"], mime) == Blocks()
