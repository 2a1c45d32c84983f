"""The two documents of the CyberTipline, `<report>` and `<fileDetails>`, in the order of its schema.

The schema enforces the order and little else; lengths are in `limits`. What is longer is cut and marked; URLs and
hashes, which would be others, are not.
"""

from collections.abc import Iterable
from typing import Final

from lxml import etree

from safelight.model.filing import Told
from safelight.report.cybertip.elements import TRUE, captured, device, each, optional, text
from safelight.report.cybertip.limits import (
    EMAIL,
    ESCALATE,
    FILE_NAME,
    HASH,
    PAIR_NAME,
    PLACE,
    PLATFORM,
    URL,
    WHEN_WORDS,
)
from safelight.report.cybertip.parties import parties
from safelight.report.cybertip.values import FileFacts, Incident
from safelight.report.cybertip.words import FILE_ANNOTATIONS, REPORT_ANNOTATIONS, clean, fits, moment

PENDING: Final = "0"
"""Stands for the number of a report or file that the receiver has not given yet, in previews."""


def report(incident: Incident) -> bytes:
    """The document that opens a report. Raises DocumentError for a time without a zone."""
    told, reporter = incident.told, incident.reporter
    root = etree.Element("report")
    summary = etree.SubElement(root, "incidentSummary")
    text(summary, "incidentType", told.incident)
    optional(summary, "platform", reporter.organisation, PLATFORM)
    optional(summary, "escalateToHighPriority", told.escalate, ESCALATE)
    _marks(summary, "reportAnnotations", told.report_annotations, REPORT_ANNOTATIONS)
    text(summary, "incidentDateTime", moment(incident.when))
    optional(summary, "incidentDateTimeDescription", incident.when_words, WHEN_WORDS)
    _where(root, told)
    sender = etree.SubElement(root, "reporter")
    person = etree.SubElement(sender, "reportingPerson")
    optional(person, "firstName", reporter.first_name)
    optional(person, "lastName", reporter.last_name)
    optional(person, "phone", reporter.phone)
    optional(person, "email", reporter.email)
    optional(sender, "companyTemplate", reporter.organisation)
    optional(sender, "termsOfService", reporter.terms)
    optional(sender, "legalURL", reporter.legal_url, URL)
    parties(root, told.accounts, reporter.organisation)
    optional(root, "additionalInfo", "\n".join(filter(str.strip, (told.additional, *incident.remarks))))
    return _bytes(root)


def file_details(number: str, file: str, facts: FileFacts) -> bytes:
    """The document that describes a file. Raises DocumentError for a time without a zone.

    Args:
        number: of the report there, digits.
        file: the file's id there.
        facts: what is said of it.
    """
    root = etree.Element("fileDetails")
    text(root, "reportId", number)
    text(root, "fileId", file)
    optional(root, "fileName", facts.name)
    optional(root, "originalFileName", facts.told.name, FILE_NAME)
    if came := facts.told.uploaded or facts.received:
        text(root, "uploadedToEspTimestamp", moment(came))
    if fits(facts.told.url, URL):
        optional(root, "locationOfFile", facts.told.url)
    text(root, "fileViewedByEsp", _said(yes=facts.viewed))
    if facts.told.public is not None:
        text(root, "publiclyAvailable", _said(yes=facts.told.public))
    text(root, "fileRelevance", "Supplemental Reported" if facts.supplemental else "Reported")
    _marks(root, "fileAnnotations", facts.annotations, FILE_ANNOTATIONS)
    if facts.classification and not facts.supplemental:
        text(root, "industryClassification", facts.classification)
    _known(root, facts)
    each(root, "additionalInfo", (facts.told.additional, *facts.remarks))
    return _bytes(root)


def _known(root: etree._Element, facts: FileFacts) -> None:
    """Hashes, how it was uploaded (the schema takes one address), and the evidence."""
    for kind, value in facts.hashes:
        if value and fits(value, HASH):
            text(root, "originalFileHash", value).set("hashType", clean(kind, HASH))
    if facts.told.ip_event is not None:
        captured(root, facts.told.ip_event)
    for used in facts.told.devices:
        device(root, used)
    if facts.evidence:
        details = etree.SubElement(root, "details", type="HASH")
        for name, value in facts.evidence:
            pair = etree.SubElement(details, "nameValuePair")
            text(pair, "name", name, PAIR_NAME)
            text(pair, "value", value)


def _where(root: etree._Element, told: Told) -> None:
    """Each report says where it happened; a URL that is too long is told in words, whole."""
    urls = [clean(url) for url in told.urls if url.strip()]
    chats = [chat for chat in told.chats if chat.client.strip() or chat.room.strip()]
    emails = [email for email in told.emails if email.strip()]
    if urls or not (chats or emails):
        place = _place(root, "webPageIncident")
        fitting = [url for url in urls if fits(url, URL)]
        for url in fitting:
            text(place, "url", url, URL)
        longer = "\n".join(url for url in urls if url not in fitting)
        optional(place, "additionalInfo", longer if urls else "No URL is known: see the account and the files.")
    if emails:
        place = _place(root, "emailIncident")
        for email in emails:
            text(place, "emailAddress", email, EMAIL)
    for chat in chats:
        place = _place(root, "chatImIncident")
        optional(place, "chatClient", chat.client, PLACE)
        optional(place, "chatRoomName", chat.room, PLACE)


def _place(root: etree._Element, kind: str) -> etree._Element:
    """Each place has a record of its own, which the schema asks for."""
    return etree.SubElement(etree.SubElement(root, "internetDetails"), kind)


def _said(*, yes: bool) -> str:
    return TRUE if yes else "false"


def _marks(parent: etree._Element, name: str, wanted: Iterable[str], known: tuple[str, ...]) -> None:
    """Annotations are empty elements where they hold, and none where they do not: the schema knows no `false`."""
    wanted = frozenset(wanted)
    if present := [mark for mark in known if mark in wanted]:
        marks = etree.SubElement(parent, name)
        for mark in present:
            etree.SubElement(marks, mark)


def _bytes(root: etree._Element) -> bytes:
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True)
