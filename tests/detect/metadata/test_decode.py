"""Text of doubtful encodings, and compressed text."""

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.detect.metadata.decode import decode, decode_user_comment, decode_utf16, inflate, utf16_order

SENTENCES = [
    "a cat, watercolour",
    "一只猫坐在窗台上看着外面的雨",
    "кошка на окне, акварель",
    "猫、水彩画。窓辺に座る",
    "ü",
]
UNICODE = b"UNICODE\0"


@pytest.mark.parametrize("text", SENTENCES)
@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("told", ["<", ">"])
def test_utf16_in_either_order_whatever_the_file_says(text: str, order: str, told: str) -> None:
    raw = text.encode("utf-16-le" if order == "<" else "utf-16-be")
    assert utf16_order(raw, told) == order
    assert decode_user_comment(UNICODE + raw, told) == text


@pytest.mark.parametrize("text", SENTENCES)
def test_utf16_with_a_mark(text: str) -> None:
    assert decode_utf16(b"\xff\xfe" + text.encode("utf-16-le"), ">") == text
    assert decode_utf16(b"\xfe\xff" + text.encode("utf-16-be"), "<") == text


def test_utf16_without_a_sign() -> None:
    assert utf16_order(b"", "<") == "<"
    assert utf16_order(b"aaaa", ">") == ">"


def test_utf16_that_is_broken() -> None:
    assert decode_utf16(b"a\0b\0\x00\xd8c\0d", "<") == "ab\ufffdc"


UNITS = st.sampled_from(["61", "d83d", "de00", "dbff", "dc00", "ffff", "0000"])


@given(st.lists(UNITS, max_size=12).filter(lambda units: not units or units[-1] != "0000"))
def test_utf16_as_the_codec_replaces(units: list[str]) -> None:
    raw = b"".join(bytes.fromhex(unit.zfill(4)) for unit in ["0061", *units])
    assert decode_utf16(raw, ">") == raw.decode("utf-16-be", "replace")


def test_user_comment_by_its_charset() -> None:
    assert decode_user_comment(b"ASCII\0\0\0Steps: 20\0\0", "<") == "Steps: 20"
    assert decode_user_comment(b"ASCII   Steps: 20", "<") == "Steps: 20"
    assert decode_user_comment(b"JIS\0\0\0\0\0" + "漫画".encode("iso2022_jp"), "<") == "漫画"
    assert decode_user_comment(bytes(8) + "猫 cat".encode(), "<") == "猫 cat"
    assert decode_user_comment(bytes(8) + "Steps: 20".encode("utf-16-be"), "<") == "Steps: 20"
    assert decode_user_comment(b"Steps: 20, no charset", "<") == "Steps: 20, no charset"
    assert decode_user_comment(b"", "<") == ""
    assert decode_user_comment(bytes(300), "<") == ""


def test_utf8_or_else_latin_1() -> None:
    assert decode("Größe 猫".encode()) == "Größe 猫"
    assert decode("Größe".encode("latin-1")) == "Größe"
    assert decode(b"end\0\0") == "end"


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])), st.integers(0, 3))
def test_a_cut_never_breaks_a_character(text: str, less: int) -> None:
    raw = text.encode()
    assert text.startswith(decode(raw[: len(raw) - less], cut=True))


@given(st.binary(max_size=5000), st.integers(0, 6000))
def test_inflate_agrees_with_zlib(data: bytes, most: int) -> None:
    plain, more, broken = inflate(zlib.compress(data), most)
    assert plain == data[:most]
    assert more == (len(data) > most)
    assert not broken


@given(st.binary(max_size=3000), st.data())
def test_inflate_keeps_what_comes_before_the_break(data: bytes, draw: st.DataObject) -> None:
    packed = zlib.compress(data)
    kept = draw.draw(st.integers(0, len(packed) - 5))
    plain, more, broken = inflate(packed[:kept], 5000)
    assert data.startswith(plain)
    assert not more
    assert broken


@given(st.binary(max_size=2000))
def test_inflate_of_anything(data: bytes) -> None:
    plain, _, _ = inflate(data, 1000)
    assert len(plain) <= 1000


def test_inflate_of_a_stream_with_a_fault() -> None:
    packed = zlib.compress(bytes(range(256)) * 40, 0)  # stored blocks
    assert inflate(packed[:5000] + b"\xff" * 9, 20_000)[0] == (bytes(range(256)) * 40)[: 5000 - 7] + b"\xff" * 9
    plain, more, broken = inflate(packed[:2] + b"\xff\xff", 100)  # a kind of block that is none
    assert (plain, more, broken) == (b"", False, True)


def test_a_wrong_checksum_is_no_matter() -> None:
    assert inflate(zlib.compress(b"text")[:-4] + b"oops", 10) == (b"text", False, False)
    assert inflate(b"PK\x03\x04", 10) == (b"", False, True)
