"""Writing `vics`: a hash set (`#Media`) of Project VIC's model 2.0."""

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import BinaryIO

import msgspec

from safelight.adapter.lists.values import first_hash
from safelight.adapter.lists.vics import BOOLEANS, METADATA
from safelight.model.bank import BankEntry

MIN_QUALITY = 50
"""VICS has no place for the quality of a PDQ hash, and readers take it as high: poorer ones are left out."""

_MAX_DIGITS = 18  # what fits in 64 bits, as readers expect

_CONTEXT = "http://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml/{region}/$metadata#Media"


def write(entries: Iterable[BankEntry], stream: BinaryIO) -> int:
    """Write the entries that have an MD5 (VICS asks for one); return how many they are.

    The region is that of the first classification that has one; entries classified otherwise get no category, but
    keep their classification as a tag.
    """
    source = iter(entries)
    seen: list[BankEntry] = []
    region = None
    while region is None and len(seen) < 1000 and (entry := next(source, None)) is not None:
        seen.append(entry)
        region = _category(entry)[0]
    region = region or "Default"
    stream.write(b'{"@odata.context":' + msgspec.json.encode(_CONTEXT.format(region=region)) + b',"value":[')
    written = 0
    for record in _records(chain(seen, source), region):
        stream.write((b",\n" if written else b"\n") + msgspec.json.encode(record))
        written += 1
    stream.write(b"\n]}\n")
    return written


def _records(entries: Iterable[BankEntry], region: str) -> Iterator[dict[str, object]]:
    number = 0
    for entry in entries:
        if (md5 := first_hash(entry, "md5")) is not None:
            number += 1
            yield _record(entry, md5, region, number)


def _record(entry: BankEntry, md5: str, region: str, number: int) -> dict[str, object]:
    of_region, category = _category(entry)
    fits = of_region == region
    sha1 = first_hash(entry, "sha1")
    record: dict[str, object] = {
        "MediaID": number,
        "Category": category if fits else None,
        "MD5": md5.upper(),
        "SHA1": sha1.upper() if sha1 else None,
        "AlternativeHashes": [
            {"HashName": "PDQ" if known.kind == "pdq" else "SHA256", "HashValue": known.value}
            for known in entry.hashes
            if known.kind == "sha256" or (known.kind == "pdq" and known.quality >= MIN_QUALITY)
        ],
        "PrecategorizationSource": entry.source or None,
    }
    metadata = dict(entry.metadata)
    if entry.name != md5:
        metadata.setdefault("relative_file_path", entry.name.replace("/", "\\"))
    if entry.classification and not fits:
        metadata["tags"] = ", ".join(filter(None, (metadata.get("tags"), f"classification:{entry.classification}")))
    for field, name in METADATA.items():
        if field not in record and name in metadata:
            text = metadata[name]
            if field in BOOLEANS and text in {"true", "false"}:
                record[field] = text == "true"
            else:
                record[field] = int(text) if field == "MediaSize" and _is_number(text) else text
    return record


def _category(entry: BankEntry) -> tuple[str | None, int | None]:
    """(region, category) of a classification like `vics:US:1`; (None, None) of others.

    VICS 1.x names no region but its version, which the model 2.0 calls Default.
    """
    prefix, _, rest = entry.classification.partition(":")
    region, _, category = rest.rpartition(":")
    if prefix != "vics" or not region or not _is_number(category):
        return None, None
    return "Default" if region[0].isdigit() else region, int(category)


def _is_number(text: str) -> bool:
    return text.isdecimal() and len(text) <= _MAX_DIGITS
