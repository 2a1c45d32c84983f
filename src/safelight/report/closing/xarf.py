"""X-ARF v4, `content/csam`: what hosts' machines read. Digests and numbers alone: the format's own rule, and ours.

Source: xarf/xarf-spec 37820da (2026-03-20), MIT; what is made is held against the schemas that the package `xarf`
brings before anybody gets it.
"""

import re
from datetime import datetime
from urllib.parse import urlsplit

import xarf as schemas

from safelight.model.dossier import Document, Dossier, DossierItem, DossierPlace, Marked
from safelight.model.errors import DocumentError
from safelight.model.filing import Body, Reporter
from safelight.model.takedown import Place
from safelight.report.closing.common import found_by, host_of, kind_of, must_be_confirmed, pretty, stamp, uri
from safelight.report.closing.crosswalk import Target, baseline_flaw, of

VERSION = "4.2.0"

_DOMAIN = re.compile(r"([a-z0-9]+(-[a-z0-9]+)*\.)+[a-z]{2,}")
_HERE = frozenset((Place.PRESENT, Place.ALTERED, Place.MOVED))
_AWAY = frozenset((Place.GONE, Place.REPLACED))
_WORDS = (
    "Child sexual abuse material was found at this URL and confirmed. Digests and reference numbers only: "
    "no media is attached, and none is sent on request."
)


def xarf(
    dossier: Dossier, item: str, place: DossierPlace, report_id: str, at: datetime, marked: Marked | None = None
) -> dict[str, object]:
    """The report about one item at one URL.

    Args:
        dossier: of the case.
        item: id of the item.
        place: where it is.
        report_id: a UUID.
        at: when the report is made.
        marked: what a person said of the Interpol baseline, which is where `baseline` comes from and nothing else.

    Raises:
        DocumentError: nothing is confirmed, the finding is none of the classes that the format knows, the reporter is
            not set, or the schema says no.
    """
    must_be_confirmed(dossier, "the X-ARF report")
    found = dossier.item(item)
    tag = of(dossier, found, Target.XARF_TAG)
    host = host_of(urlsplit(place.url))
    numbers = dossier.numbers(item, Body.NCMEC)
    report: dict[str, object] = {
        "xarf_version": VERSION,
        "report_id": report_id,
        "timestamp": stamp(at),
        "reporter": _contact(dossier.reporter),
        "sender": _contact(dossier.reporter),
        "source_identifier": place.addresses[0] if place.addresses else host,
        "category": "content",
        "type": "csam",
        "description": _WORDS,
        "url": uri(place.url),
        "classification": _class(dossier, found, marked),
        "detection_method": found_by(found.found),
        "media_type": kind_of(found.mime),
        "hash_values": hash_values(found),
    }
    if tag:
        report["tags"] = [tag]
    if _DOMAIN.fullmatch(host):
        report["domain"] = host
    if numbers:
        report["ncmec_report_id"] = numbers[-1]
    if place.checked is not None and place.place in _HERE | _AWAY:
        report["content_removed"] = place.place in _AWAY
        report["verified_at"] = stamp(place.checked)
        report["verification_method"] = "automated_crawler"
    check(report)
    return report


def xarf_document(
    dossier: Dossier, item: str, place: DossierPlace, report_id: str, at: datetime, marked: Marked | None = None
) -> Document:
    """The same as a file."""
    return Document("xarf.json", "application/json", pretty(xarf(dossier, item, place, report_id, at, marked)))


def check(report: dict[str, object]) -> None:
    """Hold a report against the schemas. Raises DocumentError with the first thing that is wrong."""
    for flaw in schemas.schema_validator.validate(report):
        raise DocumentError(what="the X-ARF report", cause=f"{flaw.field or 'the report'}: {flaw.message}")


def hash_values(item: DossierItem) -> dict[str, str]:
    """The digests of an item that are known."""
    known = {"md5": item.md5, "sha1": item.sha1, "sha256": item.sha256}
    return {name: value for name, value in known.items() if value}


def _class(dossier: Dossier, item: DossierItem, marked: Marked | None) -> str:
    if marked is not None and marked.agencies:
        if flaw := baseline_flaw(dossier, marked.agencies):
            raise DocumentError(what="the X-ARF report", cause=flaw)
        return "baseline"
    if found := of(dossier, item, Target.XARF_CLASS):
        return found
    raise DocumentError(what="the X-ARF report", cause="the format asks for one of the classes A1, A2, B1 and B2")


def _contact(reporter: Reporter) -> dict[str, str]:
    domain = reporter.domain or reporter.email.rpartition("@")[2]
    if not reporter.organisation or not reporter.email or not domain:
        raise DocumentError(
            what="the X-ARF report", cause="SAFELIGHT_ORGANISATION and SAFELIGHT_CONTACT say who reports"
        )
    return {"org": reporter.organisation[:200], "contact": reporter.email, "domain": domain}
