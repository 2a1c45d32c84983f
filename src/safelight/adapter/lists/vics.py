"""`vics`: Project VIC's JSON in versions 1.2, 1.3 and 2.0, read as a stream.

The specification is shared under agreement only; fields and their traps were gathered from open readers and writers:
a byte order mark, booleans as texts, dates as .NET writes them, `Series` as a text or an object, hash sets (`#Media`)
and case exports (`#Cases`, the media inside each case).
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BufferedReader

from safelight.adapter.lists.json_stream import JsonStream
from safelight.adapter.lists.values import DIGITS, RowError, clean_text, known_hash, name_from
from safelight.model.bank import BadRow, BankEntry, KnownHash, ListNote
from safelight.model.errors import ImportFormatError

METADATA = {
    "MediaID": "media_id",
    "VictimIdentified": "victim_identified",
    "OffenderIdentified": "offender_identified",
    "IsDistributed": "is_distributed",
    "IsSuspected": "is_suspected",
    "IsPrecategorized": "is_precategorized",
    "SelfGenerated": "self_generated",
    "Series": "series",
    "Tags": "tags",
    "Comments": "comments",
    "MediaSize": "media_size",
    "MimeType": "mime_type",
    "RelativeFilePath": "relative_file_path",
    "DateUpdated": "date_updated",
    "PhotoDNA": "photodna",
}
"""Fields of a media record that are kept, and their names in an entry's metadata."""

BOOLEANS = frozenset(
    {"VictimIdentified", "OffenderIdentified", "IsDistributed", "IsSuspected", "IsPrecategorized", "SelfGenerated"}
)

_DEEPEST = 100
_CONTEXT = re.compile(rb'"@?odata\.(?:context|metadata)"\s*:\s*("(?:[^"\\]|\\.)*")')
_MODEL = re.compile(r"DataModels/(?P<version>\d+\.\d+)\.xml(?:/(?P<region>[^/]+)/\$metadata)?#(?P<what>Media|Cases)")
_NET_DATE = re.compile(r"/Date\((-?\d{1,15})(?:[+-]\d{4})?\)/")
_BENIGN = (
    "VICS 1.2 #Media is the form of NIST's set of known-benign files: if this is that set, "
    "import it into a negative bank (safelight bank create --negative)"
)


@dataclass(frozen=True, slots=True)
class Context:
    """What a file says of itself. `region` is the model's region, or its version where it names none (1.x)."""

    version: str
    region: str
    cases: bool


def context_of(head: bytes) -> Context | None:
    """The context stated at the beginning of a file, None when there is none."""
    if not (stated := _CONTEXT.search(head)):
        return None
    try:
        model = _MODEL.search(json.loads(stated[1]))
    except ValueError:
        return None
    if not model:
        return None
    return Context(model["version"], model["region"] or model["version"], model["what"] == "Cases")


def read(stream: BufferedReader, path: str, source: str) -> Iterator[BankEntry | BadRow | ListNote]:
    """The media records of a file, each named by its MD5 as in other tools; memory does not grow with the file.

    The classification is `vics:<region>:<category>`, because what a category means depends on the region.

    Raises:
        ImportFormatError: no VICS context at the beginning, or the JSON breaks off; what came before was good.
    """
    context = context_of(stream.peek())
    if context is None:
        raise ImportFormatError(path=path, cause="no VICS context (@odata.context or odata.metadata) at its beginning")
    if context.version == "1.2" and not context.cases:
        yield ListNote(_BENIGN)
    for number, record in _records(stream, path, context):
        try:
            yield _entry(record, context.region, source)
        except RowError as error:
            yield BadRow(number, str(error))


def _records(stream: BufferedReader, path: str, context: Context) -> Iterator[tuple[int, object]]:
    """(number from 1, value) of each media record."""
    number = 0
    try:
        for number, record in enumerate(_media(JsonStream(stream), context), 1):
            yield number, record
    except ValueError as error:
        raise ImportFormatError(path=path, cause=f"not valid JSON after record {number}: {error}") from error


def _media(text: JsonStream, context: Context) -> Iterator[object]:
    for key in text.keys():  # noqa: SIM118 (a stream, not a mapping)
        if key != "value":
            text.value()
            continue
        for _ in text.items():
            if context.cases and text.next_character() == "{":
                yield from _media_of_case(text)
            else:
                yield text.value()


def _media_of_case(text: JsonStream) -> Iterator[object]:
    for key in text.keys():  # noqa: SIM118 (as above)
        if key == "Media" and text.next_character() == "[":
            for _ in text.items():
                yield text.value()
        else:
            text.value()


def _entry(record: object, region: str, source: str) -> BankEntry:
    if not isinstance(record, dict):
        raise RowError("is not an object")
    hashes: list[KnownHash] = []
    metadata: dict[str, str] = {}
    for field, kind in (("MD5", "md5"), ("SHA1", "sha1")):
        if digest := _text(record.get(field)):
            hashes.append(known_hash(kind, digest))
    for name, value in _alternatives(record.get("AlternativeHashes")):
        if name not in DIGITS:
            metadata["photodna" if name == "photodna" else f"hash_{name}"] = value
        elif (known := known_hash(name, value)) not in hashes:
            hashes.append(known)
    for field, name in METADATA.items():
        if field in record and (text := _text(record[field])):
            metadata[name] = text.lower() if field in BOOLEANS else text
    category = _text(record.get("Category"))
    return BankEntry(
        name=next((known.value for known in hashes if known.kind == "md5"), None) or name_from(hashes),
        hashes=tuple(hashes),
        classification=f"vics:{region}:{category}" if category else "",
        source=_text(record.get("PrecategorizationSource")) or source,
        metadata=metadata,
    )


def _alternatives(value: object) -> Iterator[tuple[str, str]]:
    """(name in lower case without hyphens, value) of the further hashes of a record."""
    for item in value if isinstance(value, list) else ():
        if not isinstance(item, dict):
            raise RowError("an alternative hash is not an object")
        name, text = _text(item.get("HashName")), _text(item.get("HashValue"))
        if name and text:
            yield name.lower().replace("-", ""), text


def _text(value: object, depth: int = 0) -> str:
    """A field as text: booleans as JSON writes them, lists joined, an object by its name, .NET dates as ISO 8601.

    Raises RowError when it is nested deeper than any honest one.
    """
    if depth > _DEEPEST:
        raise RowError("nested too deep")
    if isinstance(value, str):
        text = clean_text(value)
        return _net_date(text) if text.startswith("/Date(") else text
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ", ".join(part for item in value if (part := _text(item, depth + 1)))
    return _text(value.get("Name"), depth + 1) if isinstance(value, dict) else ""


def _net_date(text: str) -> str:
    """`/Date(ms)/` counts milliseconds from 1970, UTC; an offset in it does not change the moment."""
    found = _NET_DATE.fullmatch(text)
    try:
        return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=int(found[1]))).isoformat() if found else text
    except OverflowError:
        return text
