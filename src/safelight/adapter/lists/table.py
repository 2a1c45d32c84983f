"""`csv`: a table with a header line, or one bare column of hashes."""

import csv
import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BufferedReader
from typing import BinaryIO

import msgspec

from safelight.adapter.lists.lines import decoded, lines
from safelight.adapter.lists.values import (
    DIGITS,
    KIND_OF,
    MARKED,
    RowError,
    clean_text,
    known_hash,
    moment,
    name_from,
    whole_number,
    wide_kind,
)
from safelight.model.bank import BadRow, BankEntry, KnownHash
from safelight.model.codec import decoder
from safelight.model.errors import ImportFormatError

COLUMNS = ("name", "pdq", "pdq_quality", "md5", "sha1", "sha256", "classification", "source", "expires", "metadata")
"""The header that `write` writes. A cell may hold several hashes, and as many qualities, with spaces between."""

_ALIASES = {
    "name": ("name", "entry", "entryname", "contentid", "id", "filename", "file", "path"),
    "pdq": ("pdq", "pdqhash", "hashpdq"),
    "quality": ("pdqquality", "quality"),
    "md5": ("md5", "md5hash", "hashmd5", "videomd5"),
    "sha1": ("sha1", "sha1hash", "hashsha1"),
    "sha256": ("sha256", "sha256hash", "hashsha256", "videosha256"),
    "value": ("hash", "signalstr", "signal", "signalvalue", "indicator", "value"),
    "kind": ("signaltype", "hashtype", "indicatortype", "algorithm", "type"),
    "classification": ("classification", "category", "label"),
    "source": ("source", "collab"),
    "expires": ("expires", "expiry", "expiresat", "expirationdate", "validuntil"),
    "metadata": ("metadata",),
}
"""Our field: headers that mean it, the most telling first, in lower case without space, `-`, `_`. Among them are those
of ThreatExchange's `dataset --csv`. All other columns, such as those of INTERPOL's ICSE, go into the metadata."""

_HASH_FIELDS = frozenset({*DIGITS, "value"})
_METADATA_NAMES = {"series_name": "series"}
_MAX_JOINED = 64
_METADATA = decoder(dict[str, str])


@dataclass(frozen=True, slots=True)
class _Layout:
    """Which column holds what. `wide`: the kind of 64-digit values where a row does not say, if that is sure."""

    delimiter: str
    width: int
    fields: Mapping[str, int]
    others: Mapping[str, int]
    wide: str | None


def read(stream: BufferedReader, path: str, source: str) -> Iterator[BankEntry | BadRow]:
    """The entries of a table; an entry without a name is named by its strongest hash.

    Raises:
        ImportFormatError: no header, or a column of 64-digit values that may be PDQ or SHA-256.
    """
    head = stream.peek()
    rows = _Rows(stream)
    layout: _Layout | None = None
    for number, line in rows:
        try:
            text = decoded(line)
            if not text.strip() or (layout is None and text.startswith("#")):
                continue
            if layout is None:
                layout, is_header = _layout(text, head, path)
                if is_header:
                    continue
            cells = rows.cells(text, layout.delimiter)
            if any(cells):
                yield _entry(cells, layout, source)
        except RowError as error:
            yield BadRow(number, str(error))


def write(entries: Iterable[BankEntry], stream: BinaryIO) -> int:
    """Write a table with the columns COLUMNS; return the number of entries."""
    written = 0
    writer = csv.writer(_Encoded(stream), lineterminator="\n")
    writer.writerow(COLUMNS)
    for entry in entries:
        values = {kind: " ".join(known.value for known in entry.hashes if known.kind == kind) for kind in DIGITS}
        qualities = " ".join(str(known.quality) for known in entry.hashes if known.kind == "pdq")
        writer.writerow(
            (
                entry.name,
                values["pdq"],
                qualities,
                values["md5"],
                values["sha1"],
                values["sha256"],
                entry.classification,
                entry.source,
                entry.expires.isoformat() if entry.expires else "",
                msgspec.json.encode(entry.metadata).decode() if entry.metadata else "",
            )
        )
        written += 1
    return written


class _Rows:
    """Lines, and the lines that belong to a quoted cell which goes on after the end of its line.

    A quote that is never closed must not swallow the rest of the list: when it is not closed within some lines, they
    are given out again as rows of their own.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._lines = lines(stream)
        self._ahead: deque[tuple[int, bytes | None]] = deque()

    def __iter__(self) -> Iterator[tuple[int, bytes | None]]:
        while (item := self._next()) is not None:
            yield item

    def cells(self, text: str, delimiter: str) -> list[str]:
        """The cells of the row that begins with the line `text`. Raises RowError."""
        joined = [text]
        taken: list[tuple[int, bytes | None]] = []
        problem = "a quote is not closed"
        for _ in range(_MAX_JOINED):
            try:
                return next(csv.reader(joined, delimiter=delimiter, strict=True))
            except csv.Error as error:
                if str(error) != "unexpected end of data":
                    problem = f"not a row of a table: {error}"
                    break
            if (item := self._next()) is None:
                break
            taken.append(item)
            if item[1] is None:
                break
            joined = [*joined[:-1], joined[-1] + "\n", item[1].decode("utf-8", MARKED)]
        self._ahead.extendleft(reversed(taken))
        raise RowError(problem)

    def _next(self) -> tuple[int, bytes | None] | None:
        return self._ahead.popleft() if self._ahead else next(self._lines, None)


class _Encoded:
    """What `csv.writer` writes to: text in, UTF-8 out."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        return self._stream.write(text.encode())


def _layout(first: str, head: bytes, path: str) -> tuple[_Layout, bool]:
    """The layout of a table by its first line, and whether that line is a header."""
    delimiter = max(",;\t", key=first.count)
    try:
        cells = next(csv.reader([first], delimiter=delimiter))
    except csv.Error as error:
        raise ImportFormatError(path=path, cause=f"its first line is not a row of a table: {error}") from error
    plain = [re.sub(r"[\s_-]", "", cell.lower()) for cell in cells]
    fields = {
        field: plain.index(alias)
        for field, aliases in _ALIASES.items()
        if (alias := next((alias for alias in aliases if alias in plain), None)) is not None
    }
    is_header = bool(fields.keys() & _HASH_FIELDS)
    if not is_header:
        if not re.fullmatch(r"[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}", cells[0].strip().lower()) or len(cells) > 2:
            raise ImportFormatError(
                path=path, cause="no header line with one of the columns pdq, md5, sha1, sha256, hash"
            )
        fields = {"value": 0, "quality": 1} if len(cells) == 2 else {"value": 0}
    wide = "pdq" if "quality" in fields else wide_kind(head)
    if "value" in fields and "kind" not in fields and wide == "unknown":
        raise ImportFormatError(
            path=path,
            cause="64 digits may be PDQ or SHA-256: choose --format pdq-text, or name the column `pdq` or `sha256`",
        )
    others = {
        _snake(cell): n for n, cell in enumerate(cells) if is_header and n not in fields.values() and cell.strip()
    }
    return _Layout(delimiter, len(cells), fields, others, "pdq" if wide == "pdq" else None), is_header


def _snake(header: str) -> str:
    name = re.sub(r"\W+", "_", header.strip().lower())
    return _METADATA_NAMES.get(name, name)


def _entry(cells: Sequence[str], layout: _Layout, source: str) -> BankEntry:
    if len(cells) > layout.width:
        raise RowError(f"has {len(cells)} cells, more than the {layout.width} of the first line")
    texts = {field: clean_text(cells[n]) for field, n in layout.fields.items() if n < len(cells)}
    hashes = tuple(_hashes(texts, layout.wide))
    if not hashes:
        raise RowError("holds no hash")
    expires = texts.get("expires")
    metadata = {name: text for name, n in layout.others.items() if n < len(cells) and (text := clean_text(cells[n]))}
    if kept := texts.get("metadata"):
        try:
            metadata |= _METADATA.decode(kept)
        except msgspec.DecodeError:
            raise RowError("metadata is not a JSON object of texts") from None
    return BankEntry(
        name=texts.get("name") or name_from(hashes),
        hashes=hashes,
        classification=texts.get("classification", ""),
        source=texts.get("source") or source,
        expires=moment(expires, "expires") if expires else None,
        metadata=metadata,
    )


def _hashes(texts: Mapping[str, str], wide: str | None) -> Iterator[KnownHash]:
    qualities = [whole_number(text, "quality") for text in texts.get("quality", "").split()]
    for kind in DIGITS:
        values = texts.get(kind, "").split()
        if kind == "pdq" and qualities and len(values) not in {0, len(qualities)}:
            raise RowError("has not as many qualities as PDQ hashes")
        for n, value in enumerate(values):
            yield known_hash(kind, value, qualities[n] if kind == "pdq" and qualities else None)
    if mixed := texts.get("value"):
        kind = _kind(texts.get("kind", ""), mixed, wide)
        yield known_hash(kind, mixed, qualities[0] if kind == "pdq" and qualities else None)


def _kind(stated: str, value: str, wide: str | None) -> str:
    """The kind of a hash in a column of mixed kinds: as stated beside it, else by its number of digits."""
    if stated:
        kind = re.sub(r"[\s_-]|hash|video", "", stated.lower())
        if kind not in DIGITS:
            raise RowError("is of a type that is not compared (pdq, md5, sha1, sha256 are)")
        return kind
    by_length = KIND_OF.get(len(value)) or (wide if len(value) == 64 else None)
    if by_length is not None:
        return by_length
    raise RowError(
        "64 digits may be PDQ or SHA-256, and nothing says which"
        if len(value) == 64
        else f"no hash has {len(value)} digits (md5 32, sha1 40, sha256 and pdq 64)"
    )
