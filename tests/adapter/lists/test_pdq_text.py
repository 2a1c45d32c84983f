"""`hash[,quality]`, one a line."""

from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.adapter.lists import pdq_text
from safelight.model.bank import BadRow, BankEntry, KnownHash
from tests.adapter.lists.reading import bad, entries, rows

A, B, C = ("0f" * 32, "1e" * 32, "2d" * 32)


def test_golden() -> None:
    text = f"\ufeff# a comment\n{A}\n\n{B},87\r\n  {C.upper()} , 0 \n#{A}\n{A}"
    found = entries(text.encode(), "pdq-text", "shared list")
    assert found == [
        BankEntry(A, (KnownHash("pdq", A, 100),), source="shared list"),
        BankEntry(B, (KnownHash("pdq", B, 87),), source="shared list"),
        BankEntry(C, (KnownHash("pdq", C, 0),), source="shared list"),
        BankEntry(A, (KnownHash("pdq", A, 100),), source="shared list"),
    ]


@pytest.mark.parametrize(
    ("line", "cause"),
    [
        (A[:-1], "pdq has 64 hexadecimal digits, here are 63 characters"),
        (A + "0", "pdq has 64 hexadecimal digits, here are 65 characters"),
        (A[:-1] + "g", "pdq holds characters that are not hexadecimal digits"),
        (A[:-1] + "\u0661", "pdq holds characters that are not hexadecimal digits"),
        (f"{A},101", "quality is not between 0 and 100"),
        (f"{A},-1", "quality is not a whole number"),
        (f"{A},", "quality is not a whole number"),
        (f"{A},9,9", "quality is not a whole number"),
        (f"{A} {B}", "pdq has 64 hexadecimal digits, here are 129 characters"),
    ],
)
def test_a_bad_line_is_told_and_the_rest_is_read(line: str, cause: str) -> None:
    assert rows(f"{B}\n{line}\n{C}\n".encode(), "pdq-text") == [
        BankEntry(B, (KnownHash("pdq", B, 100),)),
        BadRow(2, cause),
        BankEntry(C, (KnownHash("pdq", C, 100),)),
    ]


def test_bytes_that_are_not_utf8_cost_their_line() -> None:
    assert bad(A.encode() + b"\n\xff\xfe\n" + B.encode(), "pdq-text") == {2: "holds bytes that are not UTF-8"}


def test_a_line_without_end_costs_itself() -> None:
    data = A.encode() + b"\n" + b"0" * 3_000_000 + b"\n" + B.encode() + b"\n"
    assert bad(data, "pdq-text") == {2: "longer than 1048576 bytes"}
    assert len(rows(data, "pdq-text")) == 3


def test_an_empty_list_is_empty() -> None:
    assert rows(b"", "pdq-text") == []
    assert rows(b"# nothing\n\n", "pdq-text") == []


@given(st.lists(st.tuples(st.binary(min_size=32, max_size=32), st.integers(0, 100))))
def test_round_trip(hashes: list[tuple[bytes, int]]) -> None:
    known = [BankEntry(code.hex(), (KnownHash("pdq", code.hex(), quality),)) for code, quality in hashes]
    out = BytesIO()
    assert pdq_text.write(known, out) == len(known)
    assert entries(out.getvalue(), "pdq-text") == known


def test_entries_without_pdq_cannot_be_written() -> None:
    out = BytesIO()
    digest = BankEntry("a", (KnownHash("md5", "0" * 32),))
    double = BankEntry("b", (KnownHash("pdq", A, 70), KnownHash("pdq", B, 50)))
    assert pdq_text.write([digest, double], out) == 1
    assert out.getvalue().decode() == f"{A},70\n{B},50\n"
