"""A clip comes back from its record as it was; what is no clip is refused on the way in and on the way out."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from safelight.adapter.clips import records
from safelight.adapter.clips.records import DIRECTORY
from safelight.model.clip import CLIP_TILES, Clip
from tests.clips import clip, same_clip

SECONDS = st.floats(0, 1e7, width=32)
QUALITY = st.integers(0, 100)
SIDES = st.integers(1, 60_000)


@st.composite
def any_clips(draw: st.DrawFn) -> Clip:
    rows = draw(st.integers(0, 12))
    keyed = sorted(draw(st.sets(st.integers(0, rows - 1)))) if rows else []
    width, height = draw(SIDES), draw(SIDES)
    left, top = draw(st.integers(0, width - 1)), draw(st.integers(0, height - 1))
    box = (left, top, draw(st.integers(left + 1, width)), draw(st.integers(top + 1, height)))
    times = draw(st.lists(SECONDS, min_size=rows, max_size=rows, unique_by=np.float32))
    return Clip(
        width=width,
        height=height,
        duration=draw(st.floats(0, 1e9)),
        box=draw(st.sampled_from([None, box])),
        time=np.array(sorted(times), np.float32),
        span=draw(arrays.arrays(np.float32, rows, elements=SECONDS)),
        codes=draw(arrays.arrays(np.uint8, (rows, 32))),
        quality=draw(arrays.arrays(np.uint8, rows, elements=QUALITY)),
        shot=np.sort(draw(arrays.arrays(np.uint16, rows))),
        keyed=np.array(keyed, np.int32),
        tiles=draw(arrays.arrays(np.uint8, (len(keyed), CLIP_TILES, 32))),
        tile_quality=draw(arrays.arrays(np.uint8, (len(keyed), CLIP_TILES), elements=QUALITY)),
    )


@given(any_clips())
def test_every_clip_comes_back_as_it_was(one: Clip) -> None:
    records.check(one)
    record = records.pack(one)
    assert same_clip(records.unpack(record), one)
    assert len(record) == records.length(one)
    assert records.lengths(np.array([(1, len(one.time), len(one.keyed))], DIRECTORY)).tolist() == [len(record)]


@given(st.binary(max_size=1200) | st.binary(max_size=40).map(lambda data: data + records.pack(clip(1))[len(data) :]))
def test_no_bytes_give_anything_but_a_clip_or_a_refusal(data: bytes) -> None:
    try:
        found = records.unpack(data)
    except ValueError:
        return
    assert records.pack(found) == data


def changed(**values: object) -> Callable[[Clip], Clip]:
    return lambda one: replace(one, **values)  # type: ignore[arg-type]  # wrong on purpose


def with_value(name: str, row: int, value: float) -> Callable[[Clip], Clip]:
    def change(one: Clip) -> Clip:
        array: np.ndarray[Any, np.dtype[Any]] = getattr(one, name).copy()
        array.reshape(-1)[row] = value
        return changed(**{name: array})(one)

    return change


VALUES: list[tuple[str, Callable[[Clip], Clip]]] = [
    ("duration of a clip: nan", changed(duration=float("nan"))),
    ("duration of a clip: -1", changed(duration=-1.0)),
    ("box of a clip", changed(box=(0, 0, 642, 480))),
    ("box of a clip", changed(box=(10, 20, 10, 40))),
    ("time of a clip", with_value("time", 3, np.nan)),
    ("time of a clip", with_value("time", 7, np.inf)),
    ("time of a clip", with_value("time", 0, -1)),
    ("time of a clip", with_value("time", 4, 0.75)),
    ("span of a clip", with_value("span", 2, -0.5)),
    ("span of a clip", with_value("span", 2, np.inf)),
    ("shot of a clip", with_value("shot", 0, 2)),
    ("keyed of a clip", with_value("keyed", 0, -1)),
    ("keyed of a clip", with_value("keyed", 1, 8)),
    ("keyed of a clip", with_value("keyed", 1, 0)),
    ("quality of a clip", with_value("quality", 5, 101)),
    ("tile_quality of a clip", with_value("tile_quality", 20, 255)),
]


@pytest.mark.parametrize(("cause", "how"), VALUES)
def test_impossible_values_are_refused_both_ways_by_the_name_of_their_field(
    cause: str, how: Callable[[Clip], Clip]
) -> None:
    wrong = how(clip(1))
    with pytest.raises(ValueError, match=f"^{cause}"):
        records.check(wrong)
    with pytest.raises(ValueError, match=f"^{cause}"):
        records.unpack(records.pack(wrong))


@pytest.mark.parametrize(
    ("cause", "how"),
    [
        ("width and height of a clip: -1 x 480", changed(width=-1)),
        ("width and height of a clip", changed(height=1 << 32)),
        ("time of a clip: its shape is ()", changed(time=np.float32(1))),
        ("time of a clip: is float64", changed(time=np.arange(8.0))),
        (r"time of a clip: its shape is \(65537,\), 65536 rows are the most", changed(time=np.arange(65537))),
        ("span of a clip", changed(span=np.zeros(7, np.float32))),
        ("codes of a clip", changed(codes=np.zeros((8, 31), np.uint8))),
        ("quality of a clip", changed(quality=np.zeros(8, np.int64))),
        ("shot of a clip", changed(shot=np.zeros((8, 1), np.uint16))),
        ("keyed of a clip", changed(keyed=np.zeros((2, 1), np.int32))),
        ("keyed of a clip", changed(keyed=np.array([0, 4]))),
        ("tiles of a clip", changed(tiles=np.zeros((2, 9, 32), np.uint8))),
        (
            r"tile_quality of a clip: is uint8 \(3, 16\), must be uint8 \(2, 16\)",
            changed(tile_quality=np.zeros((3, 16), np.uint8)),
        ),
    ],
)
def test_other_types_and_shapes_are_refused(cause: str, how: Callable[[Clip], Clip]) -> None:
    with pytest.raises(ValueError, match=cause.replace("()", r"\(\)")):
        records.check(how(clip(1)))


def test_records_that_are_cut_or_longer_than_they_say_are_refused() -> None:
    record = records.pack(clip(1))
    for wrong in (b"", record[:39], record[:-1], record + b"\0"):
        with pytest.raises(ValueError, match="its record is"):
            records.unpack(wrong)
