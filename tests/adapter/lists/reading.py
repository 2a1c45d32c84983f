"""Reading a list from bytes."""

from io import BufferedReader, BytesIO
from typing import cast

from safelight.adapter.lists import read_list
from safelight.model.bank import BadRow, BankEntry, ListNote


def stream(data: bytes) -> BufferedReader:
    return cast("BufferedReader", BufferedReader(BytesIO(data), 1 << 16))


def rows(data: bytes, form: str = "auto", source: str = "") -> list[BankEntry | BadRow | ListNote]:
    return list(read_list(stream(data), "list.txt", form, source))


def entries(data: bytes, form: str = "auto", source: str = "") -> list[BankEntry]:
    """The entries of a list that has no bad row."""
    found = rows(data, form, source)
    assert not [row for row in found if isinstance(row, BadRow)], found
    return [row for row in found if isinstance(row, BankEntry)]


def bad(data: bytes, form: str = "auto") -> dict[int, str]:
    """The causes of a list's bad rows by their numbers."""
    return {row.row: row.cause for row in rows(data, form) if isinstance(row, BadRow)}
