"""What a report rests on: the case as it is now, its documents, and what speaks against sending it."""

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from itertools import islice
from typing import Final, TypeVar

from safelight.case.fold import apply
from safelight.flow.filing_log import onwards
from safelight.flow.item_findings import last_findings
from safelight.flow.merged import lineage
from safelight.model.access import Actor
from safelight.model.assessment import Artificialness
from safelight.model.case import (
    TOOL,
    Answer,
    Body,
    Case,
    CaseItem,
    CaseState,
    Classification,
    Draft,
    DutyMet,
    DutyState,
    Finding,
    Located,
    ReportConfirmed,
    ReportFinished,
    Verdict,
)
from safelight.model.codec import to_json
from safelight.model.errors import UsageError
from safelight.model.filing import Account, CaptureKind, FiledItem, FileTold, Filing, FilingState, Reporter, Role, Told
from safelight.model.filing import Body as Taker
from safelight.model.law import DutyKind
from safelight.model.service import Item
from safelight.ports import CaseStore, FilingStore
from safelight.report.cybertip.documents import PENDING, file_details, report
from safelight.report.cybertip.facts import file_facts, incident, says_generative
from safelight.report.cybertip.flaws import account_flaws, file_flaws, told_flaws

XML: Final = "text/xml"
_T = TypeVar("_T")
_MOST: Final = 10
_TELLS: Final = 3
"""Characters from which on a text may tell of somebody."""


@dataclass(frozen=True, slots=True)
class Document:
    """A document for the receiver. `name`: of the file that it is kept as; `mime`: its type."""

    name: str
    mime: str
    content: bytes

    @property
    def text(self) -> str:
        """What people read of it; empty for what is no text, as a PDF."""
        return self.content.decode() if self.mime.startswith("text/") or "json" in self.mime else ""


@dataclass(frozen=True, slots=True)
class Preview:
    """What a person reads before it is sent. `digest`: over all documents. `flaws`: why it cannot be sent now.

    `baseless`: those of them for which it is about nothing, so that nobody gets a bundle of it either.
    """

    documents: tuple[Document, ...]
    digest: str
    flaws: tuple[str, ...]
    baseless: tuple[str, ...] = ()


Papers = Callable[[Filing, Case], Sequence[Document]]
"""The documents for receivers that people send reports to. Media is in none of them."""


Found = Mapping[str, Finding]
"""By item of a case, the finding that it is abuse."""


def confirmed(cases: CaseStore, case: Case) -> dict[str, Finding]:
    """Items of which abuse is confirmed, with the finding that says so; of a case that is merged, none.

    An appeal that nobody has answered yet does not change that. Nor does an item that joins: it waits for a decision by
    itself, while what was found of the others holds.
    """
    if case.state is CaseState.MERGED or not case.confirmed:
        return {}
    found = last_findings(cases, case.id) if case.finding is None else {item.id: case.finding for item in case.items}
    last = ((item.id, found.get(item.id)) for item in case.items)
    return {item: one for item, one in last if one is not None and one.verdict is Verdict.CONFIRMED}


def waits(case: Case, known: Collection[str]) -> int:
    """How many items of a case wait for a decision, so that no report can be about them; 0 for a decided case.

    `known`: the items of which abuse is `confirmed`.
    """
    if case.finding is not None or case.state is CaseState.MERGED:
        return 0
    return len(case.items) - len(known)


def unconfirmed(case: Case) -> str:
    """Why a case cannot be reported of which nothing is confirmed, in words."""
    left = waits(case, ())
    return f"nobody has confirmed that it is abuse{f'; it {waiting_words(left)}' if left else ''}"


def waiting_words(items: int) -> str:
    """What a case does of which so many items, one or more, wait for a decision."""
    return f"waits for a decision on {items} item{'s' * (items > 1)}"


def told_finding(found: Collection[Finding]) -> Finding | None:
    """What a report tells of its items, by findings that confirm: all that they agree on; None without any."""
    if len(alike := set(found)) < 2:
        return next(iter(alike), None)
    return Finding(
        Verdict.CONFIRMED,
        _agreed({one.classification for one in alike}, Classification.NONE),
        _agreed({one.artificialness for one in alike}, Artificialness.UNKNOWN),
        _agreed({one.real_victim for one in alike}, Answer.UNKNOWN),
    )


def _agreed(said: Collection[_T], otherwise: _T) -> _T:
    return next(iter(said)) if len(said) == 1 else otherwise


def filings_of(store: FilingStore, cases: CaseStore, case: Case) -> list[Filing]:
    """All reports on the case, and on those that were merged into it."""
    return [filing for name in lineage(cases, case.id) for filing in store.of_case(name)]


def filed(case: Case, item: CaseItem, known: Item, taker: Taker) -> FiledItem:
    """An item as it goes into a new report. Only NCMEC takes media."""
    md5 = known.row.md5 or "" if known.row else ""
    there = item.blob is not None and not item.destroyed
    return FiledItem(item.id, item.sha256, md5, viewed=item.id in case.viewed, upload=there and taker is Taker.NCMEC)


def refreshed(filing: Filing, case: Case, found: Found) -> Filing:
    """A draft as of now: without what was reported meanwhile; with what was found, seen and destroyed meanwhile.

    Once it is confirmed it is never done again, so that nothing that joins the case changes what the report says.
    `found`: what is `confirmed` of the case. As long as that is anything, the report is about nothing else.
    """
    there = {item.id: item for item in case.items}
    done = case.reported(filing.body, filing.production)
    left = [one for one in filing.items if one.item in there and one.item not in done]
    made = generative(case, found)
    items = tuple(
        replace(
            one,
            viewed=one.item in case.viewed,
            upload=one.upload and not there[one.item].destroyed,
            generative=one.item in made,
        )
        for one in left
        if one.item in found or not found
    )
    finding = told_finding([found[one.item] for one in items if one.item in found])
    kind, level = (finding.classification, finding.artificialness) if finding else ("", Artificialness.UNKNOWN)
    return replace(filing, items=items, classification=str(kind), artificialness=level)


def generative(case: Case, found: Found) -> frozenset[str]:
    """Items that a report marks as made by generative AI, each by its own finding and what that is on."""
    parts = {
        finding: replace(case, items=tuple(item for item in case.items if found.get(item.id) == finding))
        for finding in set(found.values())
    }
    return frozenset(
        item.id for finding, part in parts.items() for item in part.items if says_generative(part, finding, item)
    )


def overturned(cases: CaseStore, filing: Filing) -> bool:
    """Whether people have found since a report was confirmed that what it is about is no abuse.

    An item that joins takes away the finding on the case, as nobody has looked at that item; what people found of the
    others stays true, and the report about them goes on. So the log is asked, not the case as it is now.
    """
    filed, since, name, case = {one.item for one in filing.items}, False, "", None
    for logged in onwards(cases, filing.case):
        body = logged.event.body
        case = apply(case if name == logged.event.case else None, logged.event, logged.hash)
        name = case.id
        since = since or (isinstance(body, ReportConfirmed) and body.filing == filing.id)
        if since and _no_abuse(case) and filed.issubset(item.id for item in case.items):
            return True
    return False


def _no_abuse(case: Case) -> bool:
    return case.finding is not None and case.finding.verdict is Verdict.NOT_ABUSE


def first_told(cases: CaseStore, case: Case, items: Sequence[CaseItem], now: datetime) -> Told:
    """What can be told without asking anybody: where the items were found, and by whom uploaded, if by one account.

    What the receiver would not take is left to people. What came with an item but its account and URLs is not kept.
    """
    wanted = {item.id for item in items}
    bodies = (one.event.body for name in lineage(cases, case.id) for one in cases.events(name))
    found = [body for body in bodies if isinstance(body, Located) and body.item in wanted]
    files = {body.item: FileTold(url=body.url) for body in reversed(found)}
    fitting = {item.id: files[item.id] for item in items if item.id in files}
    accounts = {cases.item(item.id).account for item in items}
    own = Account(esp_identifier=accounts.pop()) if len(accounts) == 1 else Account()
    return Told(
        urls=tuple(dict.fromkeys(body.url for body in found)),
        accounts=() if any(account_flaws("", own, now)) else (own,),
        files={item: file for item, file in fitting.items() if not any(file_flaws("", file, now))} or None,
    )


def renewed_told(old: Told, first: Told, items: Collection[str]) -> Told:
    """What a draft told, for the items that are in it now; of those that are new, what is known of them."""
    marks = {item: words for item, words in (old.annotations or {}).items() if item in items}
    files = (first.files or {}) | {item: file for item, file in (old.files or {}).items() if item in items}
    return replace(old, annotations=marks or None, files=files or None)


def check_told(told: Told, items: Sequence[FiledItem], taker: Taker, now: datetime) -> None:
    """Raise UsageError for what the receiver does not take, with all that is wrong up to _MOST things."""
    flaws = tuple(islice(told_flaws(told, {one.item for one in items}, taker, now), _MOST))
    if flaws:
        raise UsageError(detail="; ".join(flaws))


def documents(filing: Filing, case: Case, cases: CaseStore, reporter: Reporter) -> tuple[Document, ...]:
    """What the CyberTipline gets, with numbers that it has not given yet. Raises DocumentError."""
    opening = Document("report.xml", XML, report_document(filing, case, cases, reporter))
    files = (
        Document(f"file-{number}.xml", XML, file_document(filing, one, case, cases, PENDING, PENDING))
        for number, one in enumerate((one for one in filing.items if one.upload), 1)
    )
    return (opening, *files)


def report_document(filing: Filing, case: Case, cases: CaseStore, reporter: Reporter) -> bytes:
    """The document that opens a report. Raises DocumentError."""
    items = {one.item: cases.item(one.item) for one in filing.items}
    return report(incident(filing, case, items, reporter))


def file_document(filing: Filing, one: FiledItem, case: Case, cases: CaseStore, number: str, file: str) -> bytes:
    """The document that describes a file of a report. Raises DocumentError."""
    there = next(item for item in case.items if item.id == one.item)
    return file_details(number, file, file_facts(filing, one, there, cases.item(one.item)))


def digest_of(papers: Sequence[Document]) -> str:
    """SHA-256 over all documents, with their names and lengths."""
    hashed = sha256()
    for paper in papers:
        hashed.update(f"{len(paper.content)} {paper.name}\n".encode())
        hashed.update(paper.content)
    return hashed.hexdigest()


def without_told(text: str, told: Told) -> str:
    """A text of others without what a report tells of people, which they may quote: it stays, in the log for ever."""
    words = {word for word in _words(json.loads(to_json(replace(told, incident="")))) if len(word) >= _TELLS}
    for word in sorted(words.difference(Role, CaptureKind), key=len, reverse=True):
        text = text.replace(word, "…")
    return text


def _words(value: object) -> Iterator[str]:
    """All texts in a value, but for names of fields."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _words(inner)


def end_events(filing: Filing, case: Case, actor: Actor) -> list[Draft]:
    """The receiver has it; duties to report to it are met when thereby it has all items of the case."""
    items = tuple(one.item for one in filing.items)
    done = ReportFinished(filing.id, filing.body, filing.number, items, filing.digest, filing.production)
    bodies: list[Body] = [done]
    if {item.id for item in case.items} <= case.reported(filing.body, filing.production).union(items):
        bodies += [
            DutyMet(one.duty.id, f"filing:{filing.id}")
            for one in case.duties
            if one.state is DutyState.OPEN and one.duty.kind is DutyKind.REPORT and one.duty.taker == filing.body
        ]
    return [Draft(case.id, actor, body, TOOL) for body in bodies]


def unsettled(filing: Filing) -> bool:
    """Whether it may be, or become, a finished report that we do not know of."""
    return filing.state is FilingState.SENDING or (filing.state is FilingState.DEAD and filing.finishing)
