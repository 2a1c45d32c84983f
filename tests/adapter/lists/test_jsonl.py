"""One entry a line, with everything the store keeps."""

import json
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.adapter.lists import jsonl
from safelight.model.bank import BankEntry, KnownHash
from tests.adapter.lists.reading import bad, entries, rows
from tests.adapter.lists.test_table import bank_entries

MD5, PDQ = "0a" * 16, "0f" * 32


def line(**changes: Any) -> str:
    return json.dumps({"name": "a", "hashes": [{"kind": "md5", "value": MD5}], **changes})


def test_golden() -> None:
    out = BytesIO()
    hashes = (KnownHash("md5", MD5, id=7), KnownHash("pdq", PDQ, 87, id=8))
    entry = BankEntry("a", hashes, "vics:US:1", "list", datetime(2030, 1, 2, tzinfo=UTC), {"series": "x"}, id=6)
    assert jsonl.write([entry], out) == 1
    assert json.loads(out.getvalue()) == {
        "name": "a",
        "hashes": [{"kind": "md5", "value": MD5, "quality": 0}, {"kind": "pdq", "value": PDQ, "quality": 87}],
        "classification": "vics:US:1",
        "source": "list",
        "expires": "2030-01-02T00:00:00Z",
        "metadata": {"series": "x"},
    }


@given(st.lists(bank_entries(), max_size=5))
def test_round_trip(known: list[BankEntry]) -> None:
    out = BytesIO()
    assert jsonl.write(known, out) == len(known)
    assert entries(out.getvalue(), "jsonl") == known


def test_what_is_left_out_has_its_usual_value() -> None:
    (found,) = entries(f"\ufeff\n{line(id=5)}\n\n".encode(), "jsonl", "list")
    assert found == BankEntry("a", (KnownHash("md5", MD5),), source="list")


def test_moments_without_offset_are_utc() -> None:
    (found,) = entries(line(expires="2030-01-02T03:04:05").encode(), "jsonl")
    assert found.expires == datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("{", "Input data was truncated"),
        ("[]", "Expected `object`, got `array`"),
        (line(name=""), "has no name"),
        (line(name=None), "Expected `str`, got `null` - at `$.name`"),
        (line(name="a\0"), "holds a NUL character"),
        (line(hashes=[{"kind": "md5", "value": "0"}]), "md5 has 32 hexadecimal digits, here are 1 characters"),
        (line(hashes=[{"kind": "phash", "value": "0"}]), "a hash is of a kind that is not compared"),
        (line(hashes=[{"kind": "pdq", "value": PDQ, "quality": 101}]), "quality is not between 0 and 100"),
        (line(hashes=[]), "holds no hash"),
        (line(metadata={"a": 1}), "Expected `str`, got `int` - at `$.metadata[...]`"),
        (line(odd="DEEP").replace('"DEEP"', "[" * 200_000 + "]" * 200_000), "nested too deep"),
        (line(expires="soon"), "Invalid RFC3339 encoded datetime - at `$.expires`"),
    ],
)
def test_a_bad_line_is_told_and_the_rest_is_read(text: str, cause: str) -> None:
    data = f"{line()}\n{text}\n{line()}\n".encode()
    assert list(bad(data, "jsonl")) == [2]
    assert cause in bad(data, "jsonl")[2]
    assert len(rows(data, "jsonl")) == 3


def test_bytes_that_are_not_utf8() -> None:
    assert bad(line(name="x").encode().replace(b"x", b"\xff"), "jsonl") == {1: "holds bytes that are not UTF-8"}


def test_half_a_surrogate_pair() -> None:
    assert list(bad(line(name="\ud800").encode(), "jsonl")) == [1]
