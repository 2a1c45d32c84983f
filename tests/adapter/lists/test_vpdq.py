"""vPDQ's frame lists, as lines and as python-threatexchange's JSON."""

import json
from contextlib import suppress
from io import BufferedReader, BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.adapter.lists import vpdq
from safelight.adapter.lists.vpdq import read_vpdq, write_frames
from safelight.model.errors import ImportFormatError
from safelight.model.vpdq import VpdqFrame

A, B = "0f" * 32, "1e" * 32


def read(text: str | bytes) -> tuple[VpdqFrame, ...]:
    return read_vpdq(BufferedReader(BytesIO(text if isinstance(text, bytes) else text.encode())), "list.txt")


def told(text: str | bytes) -> str:
    with pytest.raises(ImportFormatError) as caught:
        read(text)
    return str(caught.value)


def test_golden() -> None:
    text = f"\ufeff0,100,{A},0.000\r\n\n 30 , 7 , {B.upper()} , 1.001 \n60,0,{A},2"
    assert read(text) == (VpdqFrame(0, 100, A, 0.0), VpdqFrame(30, 7, B, 1.001), VpdqFrame(60, 0, A, 2.0))


def test_golden_json() -> None:
    text = json.dumps([f"{A},100,0.0", f"{B},7,1e+02", f"{A},0,1.23e+03"])
    assert read("\n " + text) == (VpdqFrame(0, 100, A, 0.0), VpdqFrame(1, 7, B, 100.0), VpdqFrame(2, 0, A, 1230.0))


@pytest.mark.parametrize(
    ("line", "cause"),
    [
        (f"1,100,{A}", "has 3 fields and not the 4 of frame,quality,hash,seconds"),
        (f"1,100,{A},0.1,x", "has 5 fields and not the 4 of frame,quality,hash,seconds"),
        (f"x,100,{A},0.1", "number of the frame is not a whole number"),
        (f"-1,100,{A},0.1", "number of the frame is not a whole number"),
        (f"1,101,{A},0.1", "quality is not between 0 and 100"),
        (f"1,,{A},0.1", "quality is not a whole number"),
        (f"1,100,{A[1:]},0.1", "pdq has 64 hexadecimal digits, here are 63 characters"),
        (f"1,100,{A[1:]}g,0.1", "pdq holds characters that are not hexadecimal digits"),
        (f"1,100,{A},-0.1", "seconds are not a number from 0 to 1,000,000"),
        (f"1,100,{A},1000000.001", "seconds are not a number from 0 to 1,000,000"),
        (f"1,100,{A},nan", "seconds are not a number from 0 to 1,000,000"),
        (f"1,100,{A},", "seconds are not a number from 0 to 1,000,000"),
        (f"1,100,{A},1e", "seconds are not a number from 0 to 1,000,000"),
        (f"0,100,{A},0.1", "is not later than the frame before"),
        (f"1,100,{A},0.0", "is not later than the frame before"),
    ],
)
def test_a_bad_line_refuses_the_list_and_is_named(line: str, cause: str) -> None:
    assert told(f"0,100,{B},0.033\n{line}\n") == f"list.txt: line 2: {cause}"


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        (b"", "holds no frame"),
        (b"\n\n", "holds no frame"),
        (b"[]", "holds no frame"),
        (b"0,100,\xff\xfe,0", "line 1: holds bytes that are not UTF-8"),
        (b"0" * 1_100_000, "line 1: longer than 1048576 bytes"),
        (b'["a', "is no JSON array of texts"),
        (b"[1]", "is no JSON array of texts"),
        (b'["\xff"]', "is no JSON array of texts"),
        (b"[" * 100_000, "is no JSON array of texts"),
        (json.dumps([f"0,{A},7,0.0"]).encode(), "item 1: has 4 fields and not the 3 of hash,quality,seconds"),
        (json.dumps([f"{A},7,1.0", f"{A},7,0.5"]).encode(), "item 2: is not later than the frame before"),
    ],
)
def test_what_is_no_list_is_refused(text: bytes, cause: str) -> None:
    assert told(text) == f"list.txt: {cause}"


def test_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vpdq, "MAX_FRAMES", 2)
    monkeypatch.setattr(vpdq, "MAX_JSON", 60)
    assert told("".join(f"{n},1,{A},{n}\n" for n in range(3))) == "list.txt: line 3: is one frame too many; 2 are read"
    assert told(json.dumps([f"{A},1,0"])) == "list.txt: is longer than 60 bytes"
    assert told(json.dumps(["a", "b", "c"])) == "list.txt: holds more than 2 texts"
    assert told(json.dumps(["a", "b"])) == "list.txt: item 1: has 1 fields and not the 3 of hash,quality,seconds"


CODES = st.binary(min_size=32, max_size=32).map(bytes.hex)
MILLISECONDS = st.lists(st.integers(0, 20_000_000), min_size=1, max_size=20, unique=True).map(sorted)


@given(MILLISECONDS, st.data())
def test_what_is_written_is_read(milliseconds: list[int], data: st.DataObject) -> None:
    frames = tuple(
        VpdqFrame(3 * n, data.draw(st.integers(0, 100)), data.draw(CODES), at / 1000)
        for n, at in enumerate(milliseconds)
    )
    lines, texts = BytesIO(), BytesIO()
    write_frames(frames, lines)
    write_frames(frames, texts, as_json=True)
    assert read(lines.getvalue()) == frames
    renumbered = tuple(VpdqFrame(n, one.quality, one.code, one.time) for n, one in enumerate(frames))
    assert read(texts.getvalue()) == renumbered


def test_lines_are_those_of_vpdqs_program() -> None:
    out = BytesIO()
    write_frames([VpdqFrame(0, 100, A, 0.0), VpdqFrame(1, 5, B, 1 / 30)], out)
    assert out.getvalue().decode() == f"0,100,{A},0.000\n1,5,{B},0.033\n"


@given(st.binary(max_size=200))
def test_no_bytes_do_worse_than_be_refused(data: bytes) -> None:
    with suppress(ImportFormatError):
        assert read(data)
