"""Frame lists of vPDQ: one line `frame,quality,hash,seconds` for each hashed frame of one video, as its program writes.

python-threatexchange keeps the same as a JSON array of texts `hash,quality,seconds`; both are read and written. That
program writes three significant digits of seconds where vPDQ writes three decimals: from 100 s on, its times are whole
seconds, from 1000 s on tens of them. Both are read for what they say.
"""

import re
from collections.abc import Iterable, Iterator
from io import BufferedReader
from typing import BinaryIO

import msgspec

from safelight.adapter.lists.lines import BOM, decoded, lines
from safelight.adapter.lists.values import RowError, known_hash, whole_number
from safelight.model.codec import decoder
from safelight.model.errors import ImportFormatError
from safelight.model.vpdq import VpdqFrame

MAX_FRAMES = 2_000_000
"""Frames of one list: 18 hours at 30 a second."""
MAX_SECONDS = 1_000_000.0
"""Eleven days: longer than any video."""
MAX_JSON = 1 << 26
"""Bytes of a list in JSON, which is read as a whole: 800,000 frames, seven hours at 30 a second."""

_SECONDS = re.compile(r"\d{1,12}(\.\d{1,12})?(e[+-]?\d\d?)?", re.ASCII | re.IGNORECASE)
_TEXTS = decoder(list[str])


def read_vpdq(stream: BufferedReader, path: str) -> tuple[VpdqFrame, ...]:
    """The frames of one video, in either form; told apart by the first character. Blank lines are passed over.

    A list stands for one item, so it is taken whole or not at all.

    Args:
        stream: at its beginning; buffered, so that the beginning can be looked at.
        path: name of the list for errors.

    Raises:
        ImportFormatError: it is not such a list; the cause names the line, or the item in JSON.
    """
    head = stream.peek().removeprefix(BOM).lstrip()
    rows, unit = (_texts(stream, path), "item") if head.startswith(b"[") else (_lines(stream), "line")
    frames: list[VpdqFrame] = []
    try:
        for number, row in rows:
            try:
                frames.append(_in_order(_parse_text(row, len(frames)) if unit == "item" else _parse(row), frames))
            except RowError as error:
                raise ImportFormatError(path=path, cause=f"{unit} {number}: {error}") from None
    except RowError as error:
        raise ImportFormatError(path=path, cause=str(error)) from None
    if not frames:
        raise ImportFormatError(path=path, cause="holds no frame")
    return tuple(frames)


def write_frames(frames: Iterable[VpdqFrame], stream: BinaryIO, *, as_json: bool = False) -> None:
    """Write a frame list: lines as of vPDQ's program, seconds with three decimals, or one line of JSON.

    JSON is as python-threatexchange reads it. Numbers of frames have no place in it.
    """
    if as_json:
        stream.write(msgspec.json.encode([f"{one.code},{one.quality},{one.time:.3f}" for one in frames]) + b"\n")
    else:
        stream.writelines(f"{one.frame},{one.quality},{one.code},{one.time:.3f}\n".encode() for one in frames)


def _lines(stream: BinaryIO) -> Iterator[tuple[int, str]]:
    for number, line in lines(stream):
        try:
            text = decoded(line).strip()
        except RowError as error:
            raise RowError(f"line {number}: {error}") from None
        if text:
            yield number, text


def _texts(stream: BinaryIO, path: str) -> Iterator[tuple[int, str]]:
    data = stream.read(MAX_JSON + 1)
    if len(data) > MAX_JSON:
        raise ImportFormatError(path=path, cause=f"is longer than {MAX_JSON} bytes")
    if data.count(b'"') > 2 * MAX_FRAMES:  # counted before any text is made of it
        raise ImportFormatError(path=path, cause=f"holds more than {MAX_FRAMES} texts")
    try:
        texts = _TEXTS.decode(data.removeprefix(BOM))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise ImportFormatError(path=path, cause="is no JSON array of texts") from None
    yield from enumerate(texts, 1)


def _parse(text: str) -> VpdqFrame:
    fields = text.split(",")
    if len(fields) != 4:
        raise RowError(f"has {len(fields)} fields and not the 4 of frame,quality,hash,seconds")
    frame, quality, code, seconds = map(str.strip, fields)
    return _frame(whole_number(frame, "number of the frame"), quality, code, seconds)


def _parse_text(text: str, frame: int) -> VpdqFrame:
    fields = text.split(",")
    if len(fields) != 3:
        raise RowError(f"has {len(fields)} fields and not the 3 of hash,quality,seconds")
    code, quality, seconds = map(str.strip, fields)
    return _frame(frame, quality, code, seconds)


def _frame(frame: int, quality: str, code: str, seconds: str) -> VpdqFrame:
    known = known_hash("pdq", code, whole_number(quality, "quality"))
    if not _SECONDS.fullmatch(seconds) or float(seconds) > MAX_SECONDS:
        raise RowError(f"seconds are not a number from 0 to {MAX_SECONDS:,.0f}")
    return VpdqFrame(frame, known.quality, known.value, float(seconds))


def _in_order(frame: VpdqFrame, before: list[VpdqFrame]) -> VpdqFrame:
    """The frame itself. Seconds may stay the same: they are rounded."""
    if before and not (frame.frame > before[-1].frame and frame.time >= before[-1].time):
        raise RowError("is not later than the frame before")
    if len(before) == MAX_FRAMES:
        raise RowError(f"is one frame too many; {MAX_FRAMES} are read")
    return frame
