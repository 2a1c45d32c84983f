"""What people send where no interface takes reports: Cybertip.ca, the National Crime Agency, a police force.

A bundle is complete by itself: a letter to read, tables for machines, the case in the formats of tools, a summary.
Media is never in it: who needs it asks for it by the digests, and gets it under the law that fits.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import datetime
from hashlib import sha256
from urllib.parse import urlsplit

from safelight.model.case_events import Verdict
from safelight.model.dossier import Document, Dossier
from safelight.model.errors import DocumentError
from safelight.model.filing import Body, Told
from safelight.model.takedown import Place
from safelight.report.closing.case_documents import CASE_DOCUMENTS
from safelight.report.closing.common import found_by, host_of, stamp, uri
from safelight.report.closing.crosswalk import Target, of
from safelight.report.closing.words import FINDINGS, FOUND, HOW, LEVELS, TAKERS, VICTIMS
from safelight.report.cybertip.told_words import account_lines, came, line

NO_CONTACT = "(no address for questions is set: SAFELIGHT_CONTACT)"
NO_NAME = "(not set: SAFELIGHT_ORGANISATION)"
_TABLES = (
    "items.csv: the files by their digests",
    "places.csv: where they are, or were",
    "case.jsonld: the case as CASE/UCO, with terms of the CAC ontology",
    "vics.json: the files as VICS 2.0 (#Cases), uncategorised",
    "summary.pdf: the same to read",
    "sha256.txt: digests of these documents",
)


def canada(dossier: Dossier, at: datetime, told: Told | None = None) -> tuple[Document, ...]:
    """The report to Cybertip.ca: addresses, and nothing else (S.C. 2011, c. 4, s. 2; SOR/2011-292, s. 2 and 3).

    Addresses where the material is, that is: not those that people used, whatever a person told of accounts.

    The provider's identifier there is left for the person who sends it: it is asked for where it is entered.

    Raises:
        DocumentError: there is no address to report.
    """
    urls = _urls(dossier, told)
    if not urls:
        raise DocumentError(what="the report to Cybertip.ca", cause="it takes URLs and IP addresses; the case has none")
    addresses = {place.url: place.addresses for place in dossier.places}
    lines = [
        "Report of Internet addresses to Cybertip.ca",
        "An Act respecting the mandatory reporting of Internet child pornography by persons who provide an Internet",
        "service (S.C. 2011, c. 4), section 2; SOR/2011-292, sections 2 and 3",
        "",
        f"Provider: {dossier.reporter.organisation or NO_NAME}",
        "Provider's unique identifier with Cybertip.ca: ____________________",
        f"Contact: {dossier.reporter.email or NO_CONTACT}",
        f"Prepared: {stamp(at)}",
        "",
        "Addresses:",
    ]
    for number, url in enumerate(urls, 1):
        lines.append(f"{number}. {uri(url)}")
        lines += [f"   IP address: {address}" for address in addresses.get(url, ())]
    lines += ["", "Keep the receipt that Cybertip.ca gives: enter its number when you say that this was sent."]
    return (_text("cybertip-ca.txt", lines),)


def nca(dossier: Dossier, at: datetime, told: Told | None = None) -> tuple[Document, ...]:
    """The bundle for the National Crime Agency (Online Safety Act 2023, section 66; SI 2026/268)."""
    head = (
        "Report to the National Crime Agency of detected child sexual exploitation and abuse content",
        "Online Safety Act 2023, section 66; SI 2026/268",
    )
    return _bundle(dossier, at, Body.NCA, head, told or Told())


def police(dossier: Dossier, at: datetime, told: Told | None = None) -> tuple[Document, ...]:
    """The bundle for a police force."""
    return _bundle(dossier, at, Body.POLICE, ("Report of a case to the police",), told or Told())


def documents(body: Body, dossier: Dossier, at: datetime, told: Told | None = None) -> tuple[Document, ...]:
    """What a person hands over to one that takes reports by hand. Raises DocumentError; also for one that does not."""
    makers = {Body.CYBERTIP_CA: canada, Body.NCA: nca, Body.POLICE: police}
    if body not in makers:
        raise DocumentError(what="the bundle", cause=f"{TAKERS[body]} takes reports by its own interface")
    return makers[body](dossier, at, told)


def _bundle(dossier: Dossier, at: datetime, body: Body, head: Sequence[str], told: Told) -> tuple[Document, ...]:
    documents = (
        _text("letter.txt", [*_letter(dossier, at, body, head, told)]),
        _items(dossier),
        _places(dossier),
        *(make(dossier, at) for make in CASE_DOCUMENTS.values()),
    )
    digests = [f"{sha256(one.content).hexdigest()}  {one.name}" for one in documents]
    return (*documents, _text("sha256.txt", digests))


def _letter(dossier: Dossier, at: datetime, body: Body, head: Sequence[str], told: Told) -> Iterator[str]:
    reporter = dossier.reporter
    yield from head
    yield ""
    yield f"To: {TAKERS[body]}"
    yield f"From: {', '.join(filter(None, (reporter.organisation, reporter.email or NO_CONTACT)))}"
    if name := " ".join(filter(None, (reporter.first_name, reporter.last_name))):
        yield f"Contact: {name}{f', {reporter.phone}' if reporter.phone else ''}"
    yield f"Written: {stamp(at)}"
    yield f"Our reference: {dossier.case}"
    yield ""
    yield from _found(dossier)
    yield ""
    yield from _said(dossier, told)
    yield f"Files: {len(dossier.items)}, of which people here saw {sum(item.viewed for item in dossier.items)}"
    yield from (
        f"Reported to {TAKERS[one.taker]} before: {one.number}, {stamp(one.at)}"
        for one in dossier.reports
        if one.production and one.number
    )
    if dossier.preserve_until is not None:
        yield f"What we hold of it is kept at least until {stamp(dossier.preserve_until)}."
    yield "No media is enclosed. Ask for it by the digests in items.csv."
    yield ""
    yield "Enclosed:"
    yield from (f"- {line}" for line in _TABLES)


def _found(dossier: Dossier) -> Iterator[str]:
    yield f"Finding: {FINDINGS[dossier.verdict] if dossier.verdict else 'none yet'}"
    if dossier.verdict is Verdict.CONFIRMED:
        yield f"Class (A prepubescent, B pubescent; 1 act, 2 exhibition): {dossier.classification}"
        yield f"How it was made: {LEVELS[dossier.artificialness]}"
        yield f"A real victim is depicted: {VICTIMS[dossier.real_victim]}"
    if dossier.how is not None and dossier.decided is not None:
        yield f"Decided: {stamp(dossier.decided)}, by {HOW[dossier.how]}"


def _said(dossier: Dossier, told: Told) -> Iterator[str]:
    """What the person who prepared the report adds."""
    if told.when is not None:
        yield f"When it happened: {stamp(told.when)}"
    for account in told.accounts:
        yield from account_lines(account)
    yield from (f"Address: {uri(url)}" for url in _urls(dossier, told))
    yield from (f"Chat: {', '.join(filter(None, map(line, (chat.client, chat.room))))}" for chat in told.chats)
    yield from (f"E-mail: {line(email)}" for email in told.emails)
    for item, file in (told.files or {}).items():
        if known := "; ".join(came(file)):
            yield f"File {item}: {known}"
    if told.additional:
        yield f"Also: {told.additional}"


def _urls(dossier: Dossier, told: Told | None) -> tuple[str, ...]:
    """Each URL once, those that a person named first."""
    named = (*told.urls, *(file.url for file in (told.files or {}).values() if file.url)) if told else ()
    return tuple(dict.fromkeys((*named, *(place.url for place in dossier.places))))


def _items(dossier: Dossier) -> Document:
    rows = [
        (
            item.id, item.sha256, item.sha1, item.md5, item.pdq, str(item.size), item.mime, stamp(item.added),
            FOUND[found_by(item.found)], "yes" if item.viewed else "no", of(dossier, item, Target.INDUSTRY),
        )
        for item in dossier.items
    ]  # fmt: skip
    head = ("item", "sha256", "sha1", "md5", "pdq", "bytes", "type", "came", "found by", "seen by people", "class")
    return _csv("items.csv", head, rows)


def _places(dossier: Dossier) -> Document:
    rows = [
        (
            place.item, uri(place.url), host_of(urlsplit(place.url)), " ".join(place.addresses), str(place.place),
            stamp(place.checked) if place.checked else "",
            stamp(place.gone) if place.gone and place.place is Place.GONE else "",
        )
        for place in dossier.places
    ]  # fmt: skip
    return _csv("places.csv", ("item", "url", "host", "addresses", "state", "looked at", "gone since"), rows)


def _csv(name: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> Document:
    """A table whose cells no spreadsheet takes for formulas."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(head)
    writer.writerows(
        [f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t")) else cell for cell in row] for row in rows
    )
    return Document(name, "text/csv", out.getvalue().encode())


def _text(name: str, lines: Sequence[str]) -> Document:
    return Document(name, "text/plain", ("\n".join(lines) + "\n").encode())
