"""`pdq-text`: one PDQ hash a line, `hash[,quality]`, as ThreatExchange's tools write it."""

import re
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from safelight.adapter.lists.lines import decoded, lines
from safelight.adapter.lists.values import ASSUMED_QUALITY, RowError, known_hash, whole_number
from safelight.model.bank import BadRow, BankEntry, KnownHash

_LINE = re.compile(rb"([0-9a-f]{64})(?:,(\d\d?|100))?")


def read(stream: BinaryIO, path: str, source: str) -> Iterator[BankEntry | BadRow]:
    """The entries of a list, each named by its hash in lower case. Blank lines and `#` comments are passed over."""
    del path
    for number, line in lines(stream):
        if line and (plain := _LINE.fullmatch(line)):
            # Nearly every line of a large list; the long way below gives the same.
            value = plain[1].decode()
            quality = int(plain[2]) if plain[2] else ASSUMED_QUALITY
            yield BankEntry(value, (KnownHash("pdq", value, quality),), source=source)
            continue
        try:
            text = decoded(line).strip()
            if text and not text.startswith("#"):
                known = _parse(text)
                yield BankEntry(known.value, (known,), source=source)
        except RowError as error:
            yield BadRow(number, str(error))


def write(entries: Iterable[BankEntry], stream: BinaryIO) -> int:
    """Write the PDQ hashes of all entries with their quality; return how many entries had one."""
    written = 0
    for entry in entries:
        found = [known for known in entry.hashes if known.kind == "pdq"]
        stream.writelines(f"{known.value},{known.quality}\n".encode() for known in found)
        written += bool(found)
    return written


def _parse(text: str) -> KnownHash:
    value, comma, quality = text.partition(",")
    return known_hash("pdq", value, whole_number(quality.strip(), "quality") if comma else None)
