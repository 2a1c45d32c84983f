"""The pull reader gives what the standard library gives, wherever its input is cut."""

import json
from io import BytesIO, RawIOBase
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.adapter.lists.json_stream import JsonStream
from safelight.adapter.lists.values import NOT_UTF8

TEXTS = st.text('ab"\\[]{},: \n\u00fc\U0001f5bc', max_size=6)
VALUES: st.SearchStrategy[Any] = st.recursive(
    TEXTS | st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=12,
)


class Cut(RawIOBase):
    """Gives a text in pieces of the sizes asked for."""

    def __init__(self, data: bytes, sizes: list[int]) -> None:
        self._data, self._sizes = BytesIO(data), iter(sizes)

    def read(self, size: int = -1) -> bytes:
        return self._data.read(min(size, next(self._sizes, size)))


def walk(text: JsonStream, levels: int) -> Any:
    """The next value: member by member down to some level, whole below it."""
    character = text.next_character()
    if levels and character == "{":
        return {key: walk(text, levels - 1) for key in text.keys()}  # noqa: SIM118 (a stream)
    if levels and character == "[":
        return [walk(text, levels - 1) for _ in text.items()]
    return text.value()


def numbers_as_text(text: str) -> Any:
    return json.loads(text, parse_int=str, parse_float=str, strict=False)


@given(VALUES, st.booleans(), st.sampled_from([None, 1]), st.lists(st.integers(1, 9)), st.integers(0, 4))
def test_equals_the_standard_library(
    value: Any, ascii_only: bool, indent: int | None, sizes: list[int], levels: int
) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only, indent=indent)
    stream = JsonStream(Cut(b"\xef\xbb\xbf" + text.encode(), sizes))  # type: ignore[arg-type] # a raw stream reads bytes too
    assert walk(stream, levels) == numbers_as_text(text)
    assert stream.next_character() == ""


@given(VALUES, st.lists(st.integers(1, 9)), st.integers(0, 4), st.data())
def test_what_is_cut_off_is_an_error_of_one_line(
    value: Any, sizes: list[int], levels: int, data: st.DataObject
) -> None:
    text = json.dumps([value]).encode()
    kept = text[: data.draw(st.integers(0, len(text) - 1))]
    with pytest.raises(ValueError, match=r"\A.+\Z"):
        walk(JsonStream(Cut(kept, sizes)), levels)  # type: ignore[arg-type] # as above


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("[1 2]", "expected ','"),
        ("[1,]", "Expecting value"),
        ("[", "ends too early"),
        ("[1", "ends too early"),
        ('["a', "ends too early"),
        ("[tru", "Expecting value"),
        ("[trux, 5555555555555555]", "Expecting value"),
        ('{"a" 1}', "expected ':'"),
        ("{1: 2}", "expected a key"),
        ("[" * 50_000, "nested too deep"),
        ("", "ends too early"),
    ],
)
def test_errors(text: str, cause: str) -> None:
    stream = JsonStream(BytesIO(text.encode()))
    with pytest.raises(ValueError, match=cause):
        walk(stream, 1)


def test_bytes_that_are_not_utf8_are_marked() -> None:
    assert JsonStream(BytesIO(b'["a\xff", "\xc3"]')).value() == [f"a{NOT_UTF8}", NOT_UTF8]


def test_a_large_value_is_read_without_reading_it_over_and_over() -> None:
    """Twenty megabytes in small pieces: linear, or this would take minutes."""
    value = json.dumps(["x" * 1000] * 20_000)
    stream = JsonStream(Cut(f"[{value}, 1]".encode(), []))  # type: ignore[arg-type] # as above
    assert [stream.value() for _ in stream.items()] == [json.loads(value), "1"]
