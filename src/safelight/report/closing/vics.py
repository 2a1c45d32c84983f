"""VICS 2.0, `#Cases`: cases with the digests of their media, for the tools of police; pieces of one JSON document.

The model is shared under agreement only: fields as open readers and writers know them, and as our own import reads
them (`safelight bank import`). A record has no path and no name of a file; the item's id stands for it.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import count

import msgspec

from safelight import __version__
from safelight.model.dossier import Dossier, DossierItem, Marked
from safelight.model.errors import DocumentError
from safelight.report.closing.common import stamp
from safelight.report.closing.crosswalk import CROSSWALK_VERSION, VICS_CATEGORIES, Target, of

MIN_QUALITY = 50
"""VICS has no place for the quality of a PDQ hash, and readers take it as high: poorer ones are left out."""

_CONTEXT = "http://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml/{region}/$metadata#Cases"
_TAGS = {"csam:ai-generated": "ai:generated", "csam:ai-altered": "ai:altered"}


def vics(dossiers: Iterable[Dossier], marked: Mapping[str, Marked] | None = None, region: str = "") -> Iterator[bytes]:
    """Cases as `#Cases`. Items without an MD5 are left out, as VICS asks for one.

    Args:
        dossiers: of the cases; read one by one.
        marked: what a person said of an item, by its id: the category. There is no other way to one.
        region: whose scale the categories are of, `UK` or `US`; empty for none, as `Default`.

    Raises:
        DocumentError: a category is of another region, or unknown there.
    """
    said, numbers = marked or {}, count(1)
    context = msgspec.json.encode(_CONTEXT.format(region=region or "Default"))
    yield b'{"@odata.context":' + context + b',"value":['
    for place, dossier in enumerate(dossiers):
        media = [
            _media(dossier, item, next(numbers), _category(said.get(item.id), region))
            for item in dossier.items
            if item.md5
        ]
        record = {
            "CaseID": dossier.case,
            "CaseNumber": dossier.case,
            "SourceApplicationName": "Safelight",
            "SourceApplicationVersion": __version__,
            "TotalPrecategorized": sum(one["Category"] is not None for one in media),
            "Media": media,
        }
        yield (b",\n" if place else b"\n") + msgspec.json.encode(record)
    yield b"\n]}\n"


def _media(dossier: Dossier, item: DossierItem, number: int, category: int | None) -> dict[str, object]:
    hashes = [{"HashName": "SHA256", "HashValue": item.sha256}]
    if item.pdq and (item.pdq_quality or 0) >= MIN_QUALITY:
        hashes.append({"HashName": "PDQ", "HashValue": item.pdq})
    return {
        "MediaID": number,
        "Category": category,
        "MD5": item.md5.upper(),
        "SHA1": item.sha1.upper() or None,
        "AlternativeHashes": hashes,
        "IsPrecategorized": category is not None,
        "PrecategorizationSource": dossier.reporter.organisation if category is not None else None,
        "MediaSize": item.size,
        "MimeType": item.mime or None,
        "Tags": ", ".join(_tags(dossier, item)),
        "Comments": f"Item {item.id} of {dossier.reporter.organisation}; crosswalk {CROSSWALK_VERSION}",
        "DateUpdated": stamp(dossier.decided or item.added),
    }


def _tags(dossier: Dossier, item: DossierItem) -> Iterator[str]:
    """What the finding says, in words: VICS has no field for how a file was made."""
    if tag := of(dossier, item, Target.XARF_TAG):
        yield _TAGS[tag]
    if industry := of(dossier, item, Target.INDUSTRY):
        yield f"classification:{industry}"
    yield f"real-victim:{dossier.real_victim}"


def _category(marked: Marked | None, region: str) -> int | None:
    if marked is None or marked.category is None:
        return None
    if marked.region != region:
        raise DocumentError(what="the VICS document", cause=f"a category of {marked.region!r} in one of {region!r}")
    if not any(one.region == region and one.number == marked.category for one in VICS_CATEGORIES):
        raise DocumentError(what="the VICS document", cause=f"{region!r} has no category {marked.category}")
    return marked.category
