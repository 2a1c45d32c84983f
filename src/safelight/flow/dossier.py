"""A case as documents for others may tell it: from the log, the items, and the URLs that are worked on."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime

from safelight.case.rules import DECISIONS
from safelight.flow.merged import histories
from safelight.model.assessment import Artificialness, Strength
from safelight.model.audit import LoggedEvent
from safelight.model.case import (
    Approved,
    Case,
    CaseItem,
    Decided,
    Finding,
    Proposed,
    Verdict,
)
from safelight.model.dossier import (
    Dossier,
    DossierDuty,
    DossierItem,
    DossierNotice,
    DossierPlace,
    How,
)
from safelight.model.errors import UnknownItemError
from safelight.model.filing import Reporter
from safelight.model.scan import ScanRow
from safelight.model.takedown import Location
from safelight.ports import CaseStore, TakedownStore


def dossier(case: Case, cases: CaseStore, takedowns: TakedownStore, reporter: Reporter) -> Dossier:
    """All that documents may say about a case as it is now, with those merged into it.

    No reviewer is in it, no note, no path, no place in the vault.

    Raises:
        UnknownCaseError: the case is not in the log.
    """
    past = list(histories(cases, case.id))
    events = past[0]
    finding = case.finding or Finding(Verdict.UNSURE)
    decided = _decided(events, case.finding) if case.finding is not None else None
    return Dossier(
        case=case.id,
        opened=case.opened,
        reporter=reporter,
        verdict=case.finding.verdict if case.finding else None,
        classification=finding.classification,
        artificialness=finding.artificialness,
        real_victim=finding.real_victim,
        decided=decided[0] if decided else None,
        how=decided[1] if decided else None,
        confirmed=min((at for one in past for at in _confirmations(one)), default=None),
        items=tuple(_item(case, item, _row(cases, item.id)) for item in case.items),
        places=tuple(_place(location) for one in past for location in takedowns.of_case(one[0].event.case)),
        reports=case.reports,
        duties=tuple(DossierDuty(one.duty, one.state) for one in case.duties),
        preserve_until=case.preserve_until,
        held=bool(case.holds),
        appealed=bool(case.appeals),
    )


def findings(events: Iterable[LoggedEvent]) -> Iterator[tuple[LoggedEvent, Finding, How]]:
    """Every finding that took effect on a case by its own events, oldest first: by which, what, how it came about."""
    asked: dict[int, Finding] = {}
    for logged in events:
        body = logged.event.body
        if isinstance(body, Decided):
            yield logged, body.finding, How.POLICY if body.by_policy else How.PERSON
        elif isinstance(body, Proposed) and body.action in DECISIONS and body.finding is not None:
            asked[logged.event.seq] = body.finding
        elif isinstance(body, Approved) and body.proposal in asked:
            yield logged, asked[body.proposal], How.TWO_PEOPLE


def _decided(events: Sequence[LoggedEvent], finding: Finding | None) -> tuple[datetime, How] | None:
    """When and how the finding that stands was made."""
    made = [(by.event.at, how) for by, found, how in findings(events) if found == finding]
    return made[-1] if made else None


def _confirmations(events: Sequence[LoggedEvent]) -> Iterator[datetime]:
    return (by.event.at for by, found, _ in findings(events) if found.verdict is Verdict.CONFIRMED)


def _row(cases: CaseStore, item: str) -> ScanRow | None:
    with suppress(UnknownItemError):
        return cases.item(item).row
    return None


def _item(case: Case, item: CaseItem, row: ScanRow | None) -> DossierItem:
    same = row if row is not None and row.sha256 == item.sha256 else None
    return DossierItem(
        id=item.id,
        sha256=item.sha256,
        size=item.size,
        mime=item.mime,
        source=item.source,
        added=item.added,
        found=item.outcome,
        viewed=item.id in case.viewed,
        md5=(same and same.md5) or "",
        sha1=(same and same.sha1) or "",
        pdq=(same and same.pdq) or "",
        pdq_quality=same.pdq_quality if same else None,
        kinds=tuple(dict.fromkeys(str(match.kind) for match in same.matches if match.counts)) if same else (),
        assessed=same.assessment.artificialness if same else Artificialness.UNKNOWN,
        rests_on=same.assessment.strength if same else Strength.NONE,
        degraded=item.degraded,
        destroyed=item.destroyed,
    )


def _place(location: Location) -> DossierPlace:
    return DossierPlace(
        location=location.id,
        item=location.item,
        url=location.url,
        added=location.added,
        place=location.place,
        checked=location.last_look,
        gone=location.gone,
        returned=location.returned,
        addresses=location.contacts.addresses if location.contacts else (),
        notices=tuple(
            DossierNotice(
                notice.contact.name or notice.contact.email,
                notice.contact.scope,
                notice.form,
                notice.state,
                notice.sent,
                notice.answered,
            )
            for notice in location.notices
        ),
    )
