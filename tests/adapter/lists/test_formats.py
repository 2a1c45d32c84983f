"""Telling formats apart, and input of any kind."""

import gzip
import json
from contextlib import suppress
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.adapter.lists import READERS, WRITERS, read_list, write_list
from safelight.model.bank import BadRow, BankEntry, KnownHash, ListNote
from safelight.model.errors import ImportFormatError, UsageError
from tests.adapter.lists.reading import entries, rows, stream

MD5, PDQ, SHA256 = "0a" * 16, "0f" * 32, "2c" * 32
ENTRY = BankEntry(MD5, (KnownHash("md5", MD5), KnownHash("pdq", PDQ, 80)))


@pytest.mark.parametrize("form", sorted(WRITERS))
def test_what_is_written_is_told_by_its_content(form: str) -> None:
    out = BytesIO()
    write_list([ENTRY], out, form)
    (found,) = entries(out.getvalue())
    assert KnownHash("pdq", PDQ, 100 if form == "vics" else 80) in found.hashes
    assert entries(b"\xef\xbb\xbf" + out.getvalue()) == [found]


@pytest.mark.parametrize(
    "text",
    [f"{PDQ},87\n{SHA256}\n", f"# note\n\n{PDQ}\n{PDQ[::-1]},5\n", f" {PDQ.upper()} , 7\n"],
)
def test_bare_pdq_hashes_are_pdq_text(text: str) -> None:
    assert all(known.kind == "pdq" for entry in entries(text.encode()) for known in entry.hashes)


@pytest.mark.parametrize(
    ("data", "cause"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf \n\n", "is empty"),
        ("md5\n".encode("utf-16"), "is UTF-16; save it as UTF-8"),
        (gzip.compress(b"md5\n", mtime=0), "is compressed; unpack it first"),
        (b"PK\x03\x04....", "is compressed; unpack it first"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "is not a text file"),
        (b'{"a": 1}', "is JSON, but neither VICS nor one entry a line"),
        (b"[1, 2]", "is JSON, but neither VICS nor one entry a line"),
        (b"just words\n", "no header line"),
        (SHA256.encode(), "64 digits may be PDQ or SHA-256"),
    ],
)
def test_what_is_no_list(data: bytes, cause: str) -> None:
    with pytest.raises(ImportFormatError) as caught:
        rows(data)
    assert str(caught.value).startswith(f"list.txt: {cause}")
    assert "\n" not in str(caught.value)


def test_unknown_formats() -> None:
    with pytest.raises(UsageError, match="no list format is called 'xml'; there are auto, pdq-text, csv, vics, jsonl"):
        read_list(stream(b""), "list.txt", "xml")
    with pytest.raises(UsageError, match="no list format is called 'auto'; there are pdq-text, csv, vics, jsonl"):
        write_list([], BytesIO(), "auto")


VICS = json.dumps(
    {
        "@odata.context": "http://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml/US/$metadata#Media",
        "value": [{"MD5": MD5, "Category": 1, "Tags": ["a"], "Series": {"Name": "b"}}] * 3,
    }
).encode()
SEEDS = (
    VICS,
    f'name,pdq,quality,md5\na,{PDQ},5,{MD5}\n"b",,,{MD5}\n'.encode(),
    f"{PDQ},87\n{PDQ}\n".encode(),
    json.dumps({"name": "a", "hashes": [{"kind": "md5", "value": MD5}]}).encode(),
)


@given(
    st.sampled_from(SEEDS),
    st.lists(st.tuples(st.integers(0, 400), st.integers(0, 6), st.binary(max_size=6)), max_size=6),
    st.sampled_from(["auto", *READERS]),
)
def test_damaged_lists_give_rows_or_one_error(seed: bytes, edits: list[tuple[int, int, bytes]], form: str) -> None:
    data = bytearray(seed)
    for start, length, new in edits:
        data[start : start + length] = new
    with suppress(ImportFormatError):  # its messages are tested above
        for row in rows(bytes(data), form):
            assert isinstance(row, BankEntry | BadRow | ListNote)
            if isinstance(row, BankEntry):
                assert row.name
                assert row.hashes
                assert repr(row).encode()
                assert all(text.encode() is not None for text in (row.name, row.source, *row.metadata.values()))
            elif isinstance(row, BadRow):
                assert "\n" not in row.cause
