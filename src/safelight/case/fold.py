"""A case as its events leave it."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from typing import Any

from safelight.case.rules import DECISIONS, check, covered, in_force, settles
from safelight.model.access import Actor
from safelight.model.audit import LoggedEvent
from safelight.model.case import (
    SERVICE_CASE,
    SOURCE,
    Absorbed,
    AppealDecided,
    AppealOpened,
    Approved,
    Body,
    Case,
    CaseDuty,
    CaseEvent,
    CaseItem,
    CaseReport,
    CaseState,
    Decided,
    DutyArose,
    DutyDropped,
    DutyMet,
    DutyState,
    Finding,
    Grave,
    Hold,
    HoldLifted,
    HoldPlaced,
    ItemAdded,
    ItemDestroyed,
    Merged,
    Opened,
    PreservationSet,
    Proposal,
    Proposed,
    Rejected,
    ReportConfirmed,
    ReportFailed,
    ReportFinished,
    Reporting,
    Revealed,
    Routed,
    ServiceEvent,
    Verdict,
)
from safelight.model.errors import TransitionError
from safelight.model.law import Duty, DutyKind

__all__ = ["FOREVER", "SOMETIME", "absorbed", "apply", "check", "first_due", "fold", "in_force"]

FOREVER = datetime.max.replace(tzinfo=UTC)
"""`Case.preserve_until` after a PreservationSet that names no end."""
SOMETIME = FOREVER - timedelta(days=1)
"""What `first_due` says of duties of which the law names no time."""

_ID = attrgetter("id")


def apply(case: Case | None, event: CaseEvent, entry_hash: str) -> Case:
    """The case after one more event, which the log holds: that it was allowed is for `check` to say, before.

    Events of the service fold to a case named SERVICE_CASE that has nothing but its length and head.

    Args:
        case: before; None for the first event.
        event: the next one.
        entry_hash: of its entry, hexadecimal.

    Raises:
        TransitionError: the first event of a case does not open it.
    """
    body = event.body
    if case is None:
        if not isinstance(body, Opened | ServiceEvent) or isinstance(body, ServiceEvent) != (
            event.case == SERVICE_CASE
        ):
            raise TransitionError(case=event.case, cause="its first event does not open it")
        case = _new(event)
    case = replace(case, length=case.length + 1, head=entry_hash, updated=max(case.updated, event.at))
    change = _CHANGES.get(type(body))
    case = change(case, body, event) if change else case
    state = _state(case)
    return case if state is case.state else replace(case, state=state)


def fold(events: Iterable[LoggedEvent]) -> Case:
    """A case from all its events, in order. Raises TransitionError, ValueError for no events at all."""
    case: Case | None = None
    for logged in events:
        case = apply(case, logged.event, logged.hash)
    if case is None:
        raise ValueError("a case without events is none")
    return case


def absorbed(other: Case) -> Absorbed:
    """What the case that `other` is merged into has to take in: all items, and all that protects them."""
    return Absorbed(
        other=other.id,
        items=tuple(item.id for item in other.items),
        moved=other.items,
        holds=other.holds,
        preserve_until=other.preserve_until,
        appeals=other.appeals,
        viewed=tuple(sorted(other.viewed)),
        confirmed=other.confirmed,
        duties=other.duties,
        reports=other.reports,
        reporting=other.reporting,
        verdict=other.finding.verdict if other.finding else None,
        undone=tuple(sorted(other.undone | _asked(other.proposals))),
        finding=replace(other.finding, note="") if other.finding and not other.by_policy else None,
    )


def first_due(case: Case) -> datetime | None:
    """When somebody has to see to the first of its open duties; None without open duties.

    SOMETIME for those without a time, and FOREVER for what is only to be kept, which asks for nothing.
    """
    return min((_due(one.duty) for one in case.duties if one.state is DutyState.OPEN), default=None)


def _due(duty: Duty) -> datetime:
    return FOREVER if duty.kind is DutyKind.PRESERVE else duty.due or SOMETIME


def _new(event: CaseEvent) -> Case:
    opened = event.body if isinstance(event.body, Opened) else Opened("")
    return Case(
        id=event.case,
        length=0,
        head="",
        state=CaseState.OPEN,
        opened=event.at,
        updated=event.at,
        reason=opened.reason,
        priority=opened.priority,
        queue=opened.queue,
        family=opened.family,
    )


def _state(case: Case) -> CaseState:
    """The state follows from all else, so that the two never disagree."""
    if case.merged_into is not None:
        return CaseState.MERGED
    if case.id == SERVICE_CASE:
        return CaseState.DECIDED  # so that it waits in no queue
    if any(proposal.what.action in DECISIONS for proposal in case.proposals):
        return CaseState.PROPOSED
    if case.finding is None:
        return CaseState.OPEN
    return CaseState.APPEALED if case.appeals else CaseState.DECIDED


def _join(case: Case, items: Iterable[CaseItem]) -> Case:
    """Items join; what does not hold for one of them, be it decided or asked for, is so no more."""
    for item in items:
        case = _joined(case, item)
    return case


def _joined(case: Case, item: CaseItem) -> Case:
    before = case
    if case.finding is not None and not covered(case, item, case.finding):
        case = _undecided(case)
    case = _still_asked(case, lambda finding: covered(before, item, finding))
    there = item.id in map(_ID, case.items)
    return case if there else replace(case, items=(*case.items, item))


def _undecided(case: Case) -> Case:
    found = (case.finding.verdict,) if case.finding and not case.by_policy else ()
    return replace(case, finding=None, decided_by=None, by_policy=False, undone=case.undone.union(found))


def _still_asked(case: Case, holds: Callable[[Finding], bool]) -> Case:
    """Without proposals of decisions that hold no more for all that is in the case."""

    def void(asked: Proposed) -> bool:
        return asked.action in DECISIONS and not (asked.finding and holds(asked.finding))

    kept = tuple(one for one in case.proposals if not void(one.what))
    return replace(case, proposals=kept, undone=case.undone | _asked(one for one in case.proposals if void(one.what)))


def _asked(proposals: Iterable[Proposal]) -> frozenset[Verdict]:
    return frozenset(one.what.finding.verdict for one in proposals if one.what.finding)


def _added(case: Case, body: ItemAdded, event: CaseEvent) -> Case:
    item = CaseItem(
        id=body.item,
        sha256=body.sha256,
        size=body.size,
        mime=body.mime,
        source=body.source,
        outcome=body.outcome,
        reason=body.reason,
        added=event.at,
        reference=body.reference,
        blob=body.blob,
        degraded=body.degraded,
        from_account=body.from_account,
    )
    return _join(case, (item,))


def _absorbed(case: Case, body: Absorbed, _event: CaseEvent) -> Case:
    case = _join(case, body.moved)
    if _unlike(case.finding, body.finding):
        case = _undecided(case)
    case = _contradicted(case, frozenset(filter(None, (body.verdict, *body.undone))))
    case = _spared(case) if body.holds else case
    return replace(
        case,
        confirmed=case.confirmed or body.confirmed,
        holds=_held(case.holds, body.holds),
        preserve_until=_later(case.preserve_until, body.preserve_until),
        appeals=tuple(dict.fromkeys((*case.appeals, *body.appeals))),
        viewed=case.viewed | frozenset(body.viewed),
        duties=_owed(case.duties, body.duties),
        reports=(*case.reports, *body.reports),
        reporting=(*case.reporting, *body.reporting),
    )


def _unlike(one: Finding | None, other: Finding | None) -> bool:
    """Whether both confirm abuse, and not the same: what was found of the one is not so of the other."""
    confirmed = [replace(found, note="") for found in (one, other) if found and found.verdict is Verdict.CONFIRMED]
    return len(set(confirmed)) > 1


def _contradicted(case: Case, others: frozenset[Verdict]) -> Case:
    """Where people found otherwise of what joins, nothing is decided, of neither: they look at both."""
    if case.finding is not None and others - {case.finding.verdict}:
        case = _undecided(case)
    case = _still_asked(case, lambda finding: not others - {finding.verdict})
    return case if case.finding else replace(case, undone=case.undone | others)


def _hold_placed(case: Case, body: HoldPlaced, _event: CaseEvent) -> Case:
    hold = Hold(body.hold, body.basis, body.until)
    return replace(_spared(case), holds=_held(case.holds, (hold,)))


def _spared(case: Case) -> Case:
    """Without wishes to destroy from before a hold: who agrees to that has to know of it."""
    return replace(
        case,
        proposals=tuple(one for one in case.proposals if one.what.action is not Grave.DESTROY),
        approved=tuple(one for one in case.approved if one.what.action is not Grave.DESTROY),
    )


def _held(holds: tuple[Hold, ...], more: Iterable[Hold]) -> tuple[Hold, ...]:
    """All holds; of two with one id, the one that lasts longer."""
    kept = {hold.id: hold for hold in holds}
    for hold in more:
        there = kept.get(hold.id, hold)
        kept[hold.id] = there if there.until is None or (hold.until and there.until >= hold.until) else hold
    return tuple(kept.values())


def _later(first: datetime | None, second: datetime | None) -> datetime | None:
    return max((time for time in (first, second) if time), default=None)


def _proposed(case: Case, body: Proposed, event: CaseEvent) -> Case:
    return replace(case, proposals=(*case.proposals, Proposal(event.seq, event.actor, event.at, body)))


def _answered(case: Case, body: Approved | Rejected, _event: CaseEvent) -> Case:
    """A proposal is answered. One to decide takes effect at once, the others once they are carried out."""
    answered = [one for one in case.proposals if one.number == body.proposal]
    case = replace(case, proposals=tuple(one for one in case.proposals if one.number != body.proposal))
    for proposal in answered if isinstance(body, Approved) else ():
        if proposal.what.action not in DECISIONS:
            case = replace(case, approved=(*case.approved, proposal))
        elif proposal.what.finding is not None:
            case = _found(case, proposal.what.finding, by=proposal.by)
    return case


def _decided(case: Case, body: Decided, event: CaseEvent) -> Case:
    if body.finding.verdict is Verdict.UNSURE:
        return case  # somebody else has to look, so nothing stands
    return _found(case, body.finding, by=None if body.by_policy else event.actor)


def _found(case: Case, finding: Finding, by: Actor | None) -> Case:
    """With what was found, `by` whom; None for policy."""
    confirmed = case.confirmed or finding.verdict is Verdict.CONFIRMED
    return replace(case, finding=finding, decided_by=by, by_policy=by is None, confirmed=confirmed, undone=frozenset())


def _lifted(case: Case, body: HoldLifted, _event: CaseEvent) -> Case:
    return replace(
        case,
        holds=tuple(hold for hold in case.holds if hold.id != body.hold),
        approved=_without(case, Grave.LIFT_HOLD, body.hold),
    )


def _destroyed(case: Case, body: ItemDestroyed, _event: CaseEvent) -> Case:
    return replace(
        case,
        items=tuple(replace(item, destroyed=True) if item.id == body.item else item for item in case.items),
        approved=_without(case, Grave.DESTROY, body.item),
    )


def _without(case: Case, action: Grave, what: str) -> tuple[Proposal, ...]:
    """What two people agreed on, less what was now carried out."""
    return tuple(one for one in case.approved if not settles(one, action, what))


def _owed(duties: tuple[CaseDuty, ...], more: Iterable[CaseDuty]) -> tuple[CaseDuty, ...]:
    """All duties; of two with one id, the one that is still open."""
    kept = {one.duty.id: one for one in duties}
    for one in more:
        if one.duty.id not in kept or one.state is DutyState.OPEN:
            kept[one.duty.id] = one
    return tuple(kept.values())


def _arose(case: Case, body: DutyArose, _event: CaseEvent) -> Case:
    return replace(case, duties=(*case.duties, CaseDuty(body.duty)))


def _done(case: Case, duty: str, state: DutyState, by: str) -> Case:
    changed = (replace(one, state=state, by=by) if one.duty.id == duty else one for one in case.duties)
    return replace(case, duties=tuple(changed))


def _reported(case: Case, body: ReportFinished, event: CaseEvent) -> Case:
    report = CaseReport(body.filing, body.taker, body.number, event.at, body.items, body.production)
    return replace(_settled(case, body.filing), reports=(*case.reports, report))


def _reporting(case: Case, body: ReportConfirmed, _event: CaseEvent) -> Case:
    return replace(case, reporting=(*case.reporting, Reporting(body.filing, body.items)))


def _settled(case: Case, filing: str) -> Case:
    """Without a report on its way: it has arrived, or was given up."""
    return replace(case, reporting=tuple(one for one in case.reporting if one.filing != filing))


def _revealed(case: Case, body: Revealed, _event: CaseEvent) -> Case:
    return case if body.what == SOURCE else replace(case, viewed=case.viewed | {body.item})


_CHANGES: dict[type[Body], Callable[[Case, Any, CaseEvent], Case]] = {
    ItemAdded: _added,
    Merged: lambda case, body, _: replace(case, merged_into=body.into),
    Absorbed: _absorbed,
    Routed: lambda case, body, _: replace(case, queue=body.queue, priority=body.priority),
    Revealed: _revealed,
    Proposed: _proposed,
    Approved: _answered,
    Rejected: _answered,
    Decided: _decided,
    AppealOpened: lambda case, body, _: replace(case, appeals=tuple(dict.fromkeys((*case.appeals, body.appeal)))),
    AppealDecided: lambda case, body, _: replace(
        case,
        appeals=tuple(a for a in case.appeals if a != body.appeal),
        undone=frozenset() if case.finding else case.undone,  # what stands was looked at again
    ),
    HoldPlaced: _hold_placed,
    HoldLifted: _lifted,
    PreservationSet: lambda case, body, _: replace(
        case, preserve_until=_later(case.preserve_until, body.until or FOREVER)
    ),
    ItemDestroyed: _destroyed,
    DutyArose: _arose,
    DutyMet: lambda case, body, _: _done(case, body.duty, DutyState.MET, body.by),
    DutyDropped: lambda case, body, _: _done(case, body.duty, DutyState.DROPPED, body.reason),
    ReportConfirmed: _reporting,
    ReportFinished: _reported,
    ReportFailed: lambda case, body, _: _settled(case, body.filing),
}
"""What events change. Those that are not here leave their trace in the log alone."""
