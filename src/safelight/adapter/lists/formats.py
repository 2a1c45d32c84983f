"""The formats by name, and telling them apart by content."""

import re
from collections.abc import Callable, Iterable, Iterator
from io import BufferedReader
from typing import BinaryIO

from safelight.adapter.lists import jsonl, pdq_text, table, vics, vics_writer
from safelight.adapter.lists.lines import BOM
from safelight.adapter.lists.values import wide_kind
from safelight.model.bank import BadRow, BankEntry, ListNote
from safelight.model.errors import ImportFormatError, UsageError

Reader = Callable[[BufferedReader, str, str], Iterator[BankEntry | BadRow | ListNote]]
Writer = Callable[[Iterable[BankEntry], BinaryIO], int]

READERS: dict[str, Reader] = {"pdq-text": pdq_text.read, "csv": table.read, "vics": vics.read, "jsonl": jsonl.read}
WRITERS: dict[str, Writer] = {
    "pdq-text": pdq_text.write,
    "csv": table.write,
    "vics": vics_writer.write,
    "jsonl": jsonl.write,
}
_PDQ = re.compile(rb"[0-9A-Fa-f]{64}\s*(,\s*\d{1,3})?")
_PACKED = (b"\x1f\x8b", b"PK\x03\x04", b"7z\xbc\xaf", b"\x28\xb5\x2f\xfd", b"\xfd7zXZ", b"BZh")


def read_list(
    stream: BufferedReader, path: str, form: str = "auto", source: str = ""
) -> Iterator[BankEntry | BadRow | ListNote]:
    """Read a hash list as a stream; `path` is what errors call it.

    Args:
        stream: at its beginning; buffered with 64 KiB or more, so that the beginning can be looked at.
        path: name of the list for errors.
        form: one of READERS, or `auto` to tell it by content.
        source: the source of entries that state none.

    Raises:
        UsageError: no such format.
        ImportFormatError: the list as a whole cannot be read; also raised while reading.
    """
    if form not in {"auto", *READERS}:
        raise UsageError(detail=f"no list format is called {form!r}; there are auto, {', '.join(READERS)}")
    head = stream.peek()
    if head.startswith(_PACKED):
        raise ImportFormatError(path=path, cause="is compressed; unpack it first")
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise ImportFormatError(path=path, cause="is UTF-16; save it as UTF-8")
    if b"\0" in head:
        raise ImportFormatError(path=path, cause="is not a text file")
    return READERS[_told(head, path) if form == "auto" else form](stream, path, source)


def write_list(entries: Iterable[BankEntry], stream: BinaryIO, form: str) -> int:
    """Write entries in one of the formats WRITERS, as a stream; return how many entries the format could hold.

    Raises:
        UsageError: no such format.
    """
    if form not in WRITERS:
        raise UsageError(detail=f"no list format is called {form!r}; there are {', '.join(WRITERS)}")
    return WRITERS[form](entries, stream)


def _told(head: bytes, path: str) -> str:
    text = head.removeprefix(BOM).lstrip()
    if not text:
        raise ImportFormatError(path=path, cause="is empty")
    if text.startswith((b"{", b"[")):
        if vics.context_of(head):
            return "vics"
        if text.startswith(b'{"') and b'"hashes"' in text.partition(b"\n")[0]:
            return "jsonl"
        raise ImportFormatError(path=path, cause="is JSON, but neither VICS nor one entry a line")
    first = next((line for line in text.splitlines() if line.strip() and not line.startswith(b"#")), b"")
    if (pdq := _PDQ.fullmatch(first.strip())) and (pdq[1] or wide_kind(head) == "pdq"):
        return "pdq-text"
    return "csv"
