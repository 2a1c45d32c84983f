"""`jsonl`: one entry a line as JSON, with everything the store keeps of it. Made for moving banks between stores."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import BinaryIO

import msgspec

from safelight.adapter.lists.lines import decoded, lines
from safelight.adapter.lists.values import DIGITS, RowError, clean_text, in_utc, known_hash
from safelight.model.bank import BadRow, BankEntry, KnownHash
from safelight.model.codec import decoder

_ENCODER = msgspec.json.Encoder()
_DECODER = decoder(BankEntry)


def read(stream: BinaryIO, path: str, source: str) -> Iterator[BankEntry | BadRow]:
    """The entries of a list. Numbers that another store gave to entries and hashes are not taken over."""
    del path
    for number, line in lines(stream):
        try:
            if line is None or line.strip():
                yield _checked(_DECODER.decode(decoded(line)), source)
        except (RowError, msgspec.DecodeError) as error:
            yield BadRow(number, str(error))
        except RecursionError:
            yield BadRow(number, "nested too deep")


def write(entries: Iterable[BankEntry], stream: BinaryIO) -> int:
    """Write all entries, without the store's own numbers; return how many they are."""
    written = 0
    for entry in entries:
        stream.write(
            _ENCODER.encode(
                {
                    "name": entry.name,
                    "hashes": [
                        {"kind": known.kind, "value": known.value, "quality": known.quality} for known in entry.hashes
                    ],
                    "classification": entry.classification,
                    "source": entry.source,
                    "expires": entry.expires,
                    "metadata": entry.metadata,
                }
            )
            + b"\n"
        )
        written += 1
    return written


def _checked(entry: BankEntry, source: str) -> BankEntry:
    if not entry.name:
        raise RowError("has no name")
    if not entry.hashes:
        raise RowError("holds no hash")
    return replace(
        entry,
        id=0,
        name=clean_text(entry.name),
        hashes=tuple(_checked_hash(known) for known in entry.hashes),
        classification=clean_text(entry.classification),
        source=clean_text(entry.source) or source,
        expires=in_utc(entry.expires) if entry.expires else None,
        metadata={clean_text(name): clean_text(text) for name, text in entry.metadata.items()},
    )


def _checked_hash(known: KnownHash) -> KnownHash:
    if known.kind not in DIGITS:
        raise RowError("a hash is of a kind that is not compared (pdq, md5, sha1, sha256 are)")
    return known_hash(known.kind, known.value, known.quality)
