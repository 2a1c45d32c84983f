"""The two documents of the CyberTipline, `<report>` and `<fileDetails>`, in the order of its schema.

The schema enforces the order and little else; lengths are of the API's documentation (see `words`).
"""

from collections.abc import Iterable
from typing import Final

from lxml import etree

from safelight.model.filing import Told
from safelight.report.cybertip.values import FileFacts, Incident
from safelight.report.cybertip.words import FILE_ANNOTATIONS, REPORT_ANNOTATIONS, clean, fits, moment

PLATFORM, ESCALATE, WHEN_WORDS = 256, 3000, 3000
URL, ESP_ID, ESP_SERVICE, SCREEN_NAME = 2083, 255, 100, 256
HASH, PAIR_NAME = 64, 64
"""Longest texts, in characters. What is longer is cut and marked; URLs and hashes, which would be others, are not."""
PENDING: Final = "0"
"""Stands for the number of a report or file that the receiver has not given yet, in previews."""


def report(incident: Incident) -> bytes:
    """The document that opens a report. Raises DocumentError for a time without a zone."""
    told, reporter = incident.told, incident.reporter
    root = etree.Element("report")
    summary = etree.SubElement(root, "incidentSummary")
    _text(summary, "incidentType", told.incident)
    _optional(summary, "platform", reporter.organisation, PLATFORM)
    _optional(summary, "escalateToHighPriority", told.escalate, ESCALATE)
    _marks(summary, "reportAnnotations", told.report_annotations, REPORT_ANNOTATIONS)
    _text(summary, "incidentDateTime", moment(incident.when))
    _optional(summary, "incidentDateTimeDescription", incident.when_words, WHEN_WORDS)
    _where(root, told)
    sender = etree.SubElement(root, "reporter")
    person = etree.SubElement(sender, "reportingPerson")
    _optional(person, "firstName", reporter.first_name)
    _optional(person, "lastName", reporter.last_name)
    _optional(person, "phone", reporter.phone)
    _optional(person, "email", reporter.email)
    _optional(sender, "companyTemplate", reporter.organisation)
    _optional(sender, "termsOfService", reporter.terms)
    _optional(sender, "legalURL", reporter.legal_url, URL)
    if told.esp_identifier.strip() or told.screen_name.strip():
        account = etree.SubElement(root, "personOrUserReported")
        _optional(account, "espIdentifier", told.esp_identifier, ESP_ID)
        _optional(account, "espService", reporter.organisation, ESP_SERVICE)
        _optional(account, "screenName", told.screen_name, SCREEN_NAME)
    _optional(root, "additionalInfo", "\n".join(filter(str.strip, (told.additional, *incident.remarks))))
    return _bytes(root)


def file_details(number: str, file: str, facts: FileFacts) -> bytes:
    """The document that describes a file. Raises DocumentError for a time without a zone.

    Args:
        number: of the report there, digits.
        file: the file's id there.
        facts: what is said of it.
    """
    root = etree.Element("fileDetails")
    _text(root, "reportId", number)
    _text(root, "fileId", file)
    _optional(root, "fileName", facts.name)
    if facts.received is not None:
        _text(root, "uploadedToEspTimestamp", moment(facts.received))
    _text(root, "fileViewedByEsp", "true" if facts.viewed else "false")
    _text(root, "fileRelevance", "Supplemental Reported" if facts.supplemental else "Reported")
    _marks(root, "fileAnnotations", facts.annotations, FILE_ANNOTATIONS)
    if facts.classification and not facts.supplemental:
        _text(root, "industryClassification", facts.classification)
    for kind, value in facts.hashes:
        if value and fits(value, HASH):
            _text(root, "originalFileHash", value).set("hashType", clean(kind, HASH))
    if facts.evidence:
        details = etree.SubElement(root, "details", type="HASH")
        for name, value in facts.evidence:
            pair = etree.SubElement(details, "nameValuePair")
            _text(pair, "name", name, PAIR_NAME)
            _text(pair, "value", value)
    for remark in facts.remarks:
        _optional(root, "additionalInfo", remark)
    return _bytes(root)


def _where(root: etree._Element, told: Told) -> None:
    """Each report says where it happened; a URL that is too long is told in words, whole."""
    place = etree.SubElement(etree.SubElement(root, "internetDetails"), "webPageIncident")
    urls = [clean(url) for url in told.urls if url.strip()]
    fitting = [url for url in urls if fits(url, URL)]
    for url in fitting:
        _text(place, "url", url, URL)
    longer = [url for url in urls if url not in fitting]
    _optional(place, "additionalInfo", "\n".join(longer) if urls else "No URL is known: see the account and the files.")


def _marks(parent: etree._Element, name: str, wanted: Iterable[str], known: tuple[str, ...]) -> None:
    """Annotations are empty elements where they hold, and none where they do not: the schema knows no `false`."""
    wanted = frozenset(wanted)
    if present := [mark for mark in known if mark in wanted]:
        marks = etree.SubElement(parent, name)
        for mark in present:
            etree.SubElement(marks, mark)


def _text(parent: etree._Element, name: str, text: str, limit: int | None = None) -> etree._Element:
    element = etree.SubElement(parent, name)
    element.text = clean(text, limit)
    return element


def _optional(parent: etree._Element, name: str, text: str, limit: int | None = None) -> None:
    if text.strip():
        _text(parent, name, text, limit)


def _bytes(root: etree._Element) -> bytes:
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True)
