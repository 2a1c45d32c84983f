"""A case as a PDF for people: what is known, without a picture, a name or a description. PDF/A-2a and PDF/UA-1.

Set by Typst in memory as `report.compare_pdf` does; the same dossier and time give the same bytes.
"""

from collections.abc import Iterator
from datetime import datetime
from functools import cache

import jinja2
import msgspec
import typst

from safelight.model.assessment import Artificialness, Strength
from safelight.model.case_events import Classification, Verdict
from safelight.model.dossier import Document, Dossier, DossierItem, DossierPlace
from safelight.model.takedown import Place
from safelight.report.closing.common import found_by, stamp
from safelight.report.closing.crosswalk import CROSSWALK_VERSION
from safelight.report.closing.words import FINDINGS, FOUND, HOW, LEVELS, PLACES, SCOPES, TAKERS, VICTIMS
from safelight.report.compare_pdf import plain
from safelight.report.text import count

_Fact = tuple[str, str, bool]
"""Label, value, and whether the value is for machines: a digest, an address."""

_LIMITS = (
    "It holds no media and describes none. Whether somebody is a real person, and who, is for authorities to find out. "
    "What programs say of how a file was made is a hint beside the finding of people, and no verdict. "
    "Times are in UTC. Digests are of the bytes as they came."
)


def summary(dossier: Dossier, at: datetime) -> Document:
    """The PDF."""
    pdf: bytes = typst.compile(  # type: ignore[call-overload]  # its stub leaves out dictionaries of files
        {"main.typ": _template(), "content.json": msgspec.json.encode(_drawable(content(dossier, at)))},
        format="pdf",
        ignore_system_fonts=True,
        timestamp=at,
        pdf_standards=["a-2a", "ua-1"],
    )
    return Document("summary.pdf", "application/pdf", pdf)


def content(dossier: Dossier, at: datetime) -> dict[str, object]:
    """Everything that the PDF says."""
    files = len(dossier.items)
    return {
        "title": f"Case {dossier.case}",
        "case": dossier.case,
        "made": stamp(at),
        "lead": f"{count(files)} file{'' if files == 1 else 's'}, by {dossier.reporter.organisation or 'a provider'}",
        "finding": [*_finding(dossier)],
        "about-files": f"Digests and facts. Words for findings are those of crosswalk version {CROSSWALK_VERSION}.",
        "files": [
            {"title": f"File {number} of {files}", "facts": [*_file(item)]}
            for number, item in enumerate(dossier.items, 1)
        ],
        "places": [{"url": place.url, "facts": [*_place(dossier, place)]} for place in dossier.places],
        "reports": [
            (TAKERS[one.taker], one.number or "none", stamp(one.at), _how_many(one.items, production=one.production))
            for one in dossier.reports
        ],
        "duties": [
            (one.duty.title, one.duty.basis, stamp(one.duty.due) if one.duty.due else one.duty.words, str(one.state))
            for one in dossier.duties
        ],
        "limits": _LIMITS,
    }


def _finding(dossier: Dossier) -> Iterator[_Fact]:
    yield "Finding", FINDINGS[dossier.verdict] if dossier.verdict else "none yet", False
    if dossier.verdict is Verdict.CONFIRMED:
        if dossier.classification is not Classification.NONE:
            yield "Class", str(dossier.classification), False
        yield "How it was made", LEVELS[dossier.artificialness], False
        yield "A real victim is depicted", VICTIMS[dossier.real_victim], False
    if dossier.decided is not None:
        yield "Decided", stamp(dossier.decided), False
    if dossier.how is not None:
        yield "By", HOW[dossier.how], False
    yield "Case opened", stamp(dossier.opened), False
    if dossier.preserve_until is not None:
        yield "Kept at least until", stamp(dossier.preserve_until), False
    if dossier.held:
        yield "Legal hold", "in force", False
    if dossier.appealed:
        yield "Appeal", "waits for an answer", False
    if dossier.reporter.email:
        yield "Contact", dossier.reporter.email, False


def _file(item: DossierItem) -> Iterator[_Fact]:
    yield "Item", item.id, True
    for name, value in (("SHA-256", item.sha256), ("SHA-1", item.sha1), ("MD5", item.md5), ("PDQ", item.pdq)):
        if value:
            yield name, value, True
    yield "Size and type", f"{count(item.size)} bytes, {item.mime or 'unknown type'}", False
    yield "Came", stamp(item.added), False
    yield "Found by", FOUND[found_by(item.found)], False
    yield "Seen by people here", "yes" if item.viewed else "no", False
    if item.rests_on is not Strength.NONE and item.assessed is not Artificialness.UNKNOWN:
        yield "Evidence leans to", f"{LEVELS[item.assessed]} ({item.rests_on})", False
    if item.degraded:
        yield "Examined", "in part only", False
    if item.destroyed:
        yield "Media", "destroyed", False


def _place(dossier: Dossier, place: DossierPlace) -> Iterator[_Fact]:
    number = next((number for number, item in enumerate(dossier.items, 1) if item.id == place.item), None)
    if number is not None:
        yield "File", str(number), False
    yield "State", PLACES[place.place], False
    if place.checked is not None:
        yield "Last looked at", stamp(place.checked), False
    if place.gone is not None and place.place is Place.GONE:
        yield "Gone since", stamp(place.gone), False
    if place.returned:
        yield "Came back", f"{count(place.returned)} times", False
    if place.addresses:
        yield "Addresses of the host", ", ".join(place.addresses), True
    for notice in place.notices:
        when = stamp(notice.sent) if notice.sent else "not sent yet"
        yield f"Notice to the {SCOPES[notice.scope]}", f"{notice.to}, {when}: {notice.state}", False


def _how_many(items: tuple[str, ...], *, production: bool) -> str:
    return f"{count(len(items))}{'' if production else ', to its test system'}"


def _drawable(value: object) -> object:
    if isinstance(value, str):
        return plain(value)
    if isinstance(value, dict):
        return {key: _drawable(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_drawable(inner) for inner in value]
    return value


@cache
def _template() -> bytes:
    loader = jinja2.PackageLoader("safelight.report")
    return loader.get_source(jinja2.Environment(autoescape=True), "closing_summary.typ")[0].encode()
