"""Reports that are prepared when the policy asks for it: drafts, which people read, change, and send or not."""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from typing import Final

from safelight.flow.filing import Filings
from safelight.flow.filing_facts import (
    confirmed,
    filings_of,
    unsettled,
)
from safelight.flow.merged import current
from safelight.model.access import SYSTEM, Permission, Principal
from safelight.model.case import Case, DutyState
from safelight.model.filing import Body, Filing, FilingState
from safelight.model.law import Duty, DutyKind

PREPARER: Final = Principal(SYSTEM, frozenset((Permission.REPORT_PREPARE,)))
"""Who prepares: it may do nothing else, above all send nothing."""


def prepare(filings: Filings, case: str) -> tuple[Filing, ...]:
    """Draft a report to each receiver that an open duty of a rule that drives asks for, if there is none yet.

    A draft that lacks items is renewed, with what people chose to send along. Nothing happens while nobody is named who
    answers questions, without an account at NCMEC for a report there, where all was reported, while it is not known
    what becomes of a report, and where a person has withdrawn one of the same since the duty began. What no person has
    withdrawn is drafted anew.

    Returns:
        The drafts that are new or renewed.

    Raises:
        ConflictError: others changed a draft meanwhile.
        UnknownCaseError, StorageError: as the stores do.
    """
    with filings.cases.transaction():
        found = current(filings.cases, case)
        known = confirmed(filings.cases, found).keys()
        if not known or not filings.reporter.email:
            return ()
        takers = dict.fromkeys(Body(duty.taker) for duty in _owed(found))
        return tuple(filter(None, (_drafted(filings, found, known, taker) for taker in takers)))


def _owed(case: Case) -> Iterator[Duty]:
    for one in case.duties:
        duty = one.duty
        if one.state is DutyState.OPEN and duty.kind is DutyKind.REPORT and duty.drives and duty.taker:
            yield duty


def _drafted(filings: Filings, case: Case, known: AbstractSet[str], taker: Body) -> Filing | None:
    """`known`: the items that are confirmed."""
    hotline = filings.hotline
    if taker is Body.NCMEC and hotline is None:
        return None
    real = taker is not Body.NCMEC or (hotline is not None and hotline.production)
    left = known - case.reported(taker, real)
    there = [one for one in filings_of(filings.store, filings.cases, case) if one.body is taker]
    if not left or any(unsettled(one) or _refused(one, case, left) for one in there):
        return None
    own = (one for one in there if one.state is FilingState.DRAFT and one.case == case.id)
    old = next((one for one in own if one.production is real), None)
    if old is not None and left <= _items(old):
        return None
    draft = filings.draft(PREPARER, case.id, taker)
    if old is None:
        return draft
    spared = {one.item: False for one in old.items if not one.upload and one.item in left}
    return filings.change(PREPARER, draft.id, draft.told, spared) if spared else draft


def _items(filing: Filing) -> set[str]:
    return {one.item for one in filing.items}


def _refused(filing: Filing, case: Case, left: AbstractSet[str]) -> bool:
    """Whether a person withdrew a report of all that is left, for the duty that is open."""
    if filing.state is not FilingState.WITHDRAWN or filing.stopped:
        return False
    since = max(duty.began for duty in _owed(case) if duty.taker == filing.body)
    return left <= _items(filing) and (filing.withdrawn or filing.created) >= since
