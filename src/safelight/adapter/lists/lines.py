"""Lines of a list, of bounded length."""

from collections.abc import Iterator
from typing import BinaryIO

from safelight.adapter.lists.values import RowError

MAX_LINE = 1 << 20
"""Longest line in bytes; a longer one is passed over as a bad row."""

BOM = b"\xef\xbb\xbf"


def lines(stream: BinaryIO) -> Iterator[tuple[int, bytes | None]]:
    """(number from 1, line without its end) of each line; None in place of one that is too long.

    A UTF-8 byte order mark at the beginning is dropped.
    """
    number = 0
    while line := stream.readline(MAX_LINE):
        number += 1
        if number == 1:
            line = line.removeprefix(BOM)
        if len(line) == MAX_LINE and not line.endswith(b"\n"):
            while (more := stream.readline(MAX_LINE)) and not more.endswith(b"\n"):
                pass
            yield number, None
        else:
            yield number, line.rstrip(b"\r\n")


def decoded(line: bytes | None) -> str:
    """The line as text. Raises RowError when it is too long or not UTF-8."""
    if line is None:
        raise RowError(f"longer than {MAX_LINE} bytes")
    try:
        return line.decode()
    except UnicodeDecodeError:
        raise RowError("holds bytes that are not UTF-8") from None
