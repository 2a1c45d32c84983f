"""What may happen to a case, and who may do it: the tables, and the few rules that a table cannot say."""

import math
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from safelight.case.asking import item_of, with_media, zoned
from safelight.case.closing_rules import CLOSING_RULES, owed_to_reports
from safelight.model.access import Actor, ActorKind
from safelight.model.case import (
    SERVICE_CASE,
    Absorbed,
    AppealDecided,
    AppealOpened,
    Approved,
    Body,
    Case,
    CaseItem,
    CaseState,
    ContactsFound,
    Decided,
    DutyArose,
    DutyDropped,
    DutyMet,
    ErasureFreed,
    ErasureHeld,
    Finding,
    Grave,
    Hidden,
    Hold,
    HoldLifted,
    HoldPlaced,
    ItemAdded,
    ItemDestroyed,
    ItemExported,
    Located,
    LocationClosed,
    Merged,
    Noted,
    NoticeAnswered,
    NoticeRetracted,
    NoticeSent,
    Opened,
    PlaceChanged,
    PolicyApplied,
    PreservationSet,
    Proposal,
    Proposed,
    Rejected,
    ReportConfirmed,
    ReportErased,
    ReportFailed,
    ReportFinished,
    ReportFinishing,
    ReportOpened,
    RequestErased,
    RequestReleased,
    RequestTaken,
    RetractionConfirmed,
    RetractionEnded,
    Revealed,
    Routed,
    Seconded,
    ServiceEvent,
    StatementMade,
    StatementTold,
    TakedownBegun,
    Verdict,
    Verified,
)
from safelight.model.decision import Outcome
from safelight.model.errors import TransitionError

_S, _A = CaseState, ActorKind
_LIVE = frozenset((_S.OPEN, _S.PROPOSED, _S.DECIDED, _S.APPEALED))
_ANYBODY = frozenset(_A)
_PEOPLE = frozenset((_A.USER,))
_NO_KEY = frozenset((_A.USER, _A.SYSTEM))
_MACHINE = frozenset((_A.SYSTEM,))
_NO_MACHINE = _ANYBODY - _MACHINE

ALLOWED: dict[type[Body], tuple[frozenset[CaseState], frozenset[ActorKind]]] = {
    ItemAdded: (_LIVE, _ANYBODY),
    Merged: (_LIVE, _NO_KEY),
    Absorbed: (_LIVE, _NO_KEY),
    Routed: (_LIVE, _ANYBODY),
    Revealed: (_LIVE, _PEOPLE),
    Hidden: (frozenset(_S), _NO_KEY),  # also of a merged case: what was seen meanwhile counts
    Proposed: (_LIVE, _PEOPLE),
    Seconded: (_LIVE, _PEOPLE),
    Approved: (_LIVE, _PEOPLE),
    Rejected: (_LIVE, _PEOPLE),
    Decided: (frozenset((_S.OPEN,)), _NO_KEY),
    AppealOpened: (frozenset((_S.DECIDED, _S.APPEALED)), _ANYBODY),
    AppealDecided: (frozenset((_S.OPEN, _S.DECIDED, _S.APPEALED)), _PEOPLE),
    HoldPlaced: (_LIVE, _ANYBODY),
    HoldLifted: (_LIVE, _NO_KEY),
    PreservationSet: (_LIVE, _ANYBODY),
    ItemExported: (frozenset(_S), _ANYBODY),  # what a merged case was may be asked for
    ItemDestroyed: (_LIVE, _NO_KEY),
    Verified: (_LIVE, _NO_KEY),
    Noted: (_LIVE, _ANYBODY),
    PolicyApplied: (_LIVE, _NO_KEY),
    DutyArose: (_LIVE, _NO_KEY),
    DutyMet: (_LIVE, _ANYBODY),  # which of them by a key, `closing_rules.BY_KEYS` says
    DutyDropped: (_LIVE, _PEOPLE),
    ReportConfirmed: (frozenset((_S.OPEN, _S.PROPOSED, _S.DECIDED)), _PEOPLE),  # of what was decided: `closing_rules`
    ReportOpened: (frozenset(_S), _MACHINE),
    ReportFinishing: (frozenset(_S), _MACHINE),
    ReportFinished: (frozenset(_S), _NO_KEY),  # what the receiver has, it has
    ReportFailed: (frozenset(_S), _NO_KEY),
    ReportErased: (_LIVE, _NO_KEY),
    ErasureHeld: (_LIVE, _PEOPLE),
    ErasureFreed: (_LIVE, _PEOPLE),
    Located: (_LIVE, _ANYBODY),
    TakedownBegun: (frozenset((_S.DECIDED,)), _PEOPLE),
    RequestTaken: (_LIVE, _ANYBODY),
    RequestErased: (_LIVE, _NO_KEY),
    RequestReleased: (_LIVE, _PEOPLE),
    ContactsFound: (frozenset(_S), _MACHINE),
    NoticeSent: (frozenset(_S), _NO_KEY),  # what was sent was sent, whatever happened to the case meanwhile
    NoticeAnswered: (frozenset(_S), _ANYBODY),
    PlaceChanged: (frozenset(_S), _NO_KEY),
    LocationClosed: (frozenset(_S), _NO_KEY),
    RetractionConfirmed: (frozenset((_S.DECIDED,)), _PEOPLE),
    NoticeRetracted: (frozenset(_S), _NO_KEY),  # as NoticeSent
    RetractionEnded: (frozenset(_S), _NO_KEY),
    StatementMade: (_LIVE, _NO_KEY),
    StatementTold: (_LIVE, _NO_MACHINE),  # a platform says so by its key
}
"""In which states an event may happen, and by what kind of actor. A key never decides, reveals, approves, destroys."""

DECISIONS = frozenset((Grave.DECIDE, Grave.OVERTURN))
"""Proposals that put a case into the state PROPOSED; one at a time."""


def check(case: Case | None, body: Body, actor: Actor, now: datetime) -> None:
    """Whether this may happen to the case now.

    Args:
        case: as it is; None for one that has no event yet.
        body: what is to happen.
        actor: who does it.
        now: UTC; holds and preservation are held against it.

    Raises:
        TransitionError: it may not, and why.
    """
    cause = _misplaced(case, body)
    if cause is None and case is not None and not isinstance(body, ServiceEvent):
        states, actors = ALLOWED[type(body)]
        if case.state not in states:
            cause = f"this cannot happen to a case that is {case.state}"
        elif actor.kind not in actors:
            cause = f"this is not done by a {actor.kind}"
        elif rule := _RULES.get(type(body)):
            cause = next(rule(case, body, actor, now), None)
    if cause is not None:
        raise TransitionError(case=case.id if case else "", cause=cause)


def _misplaced(case: Case | None, body: Body) -> str | None:
    """What is wrong with the place of an event: a case begins by being opened, once; the service has its own chain."""
    if isinstance(body, ServiceEvent):
        return None if case is None or case.id == SERVICE_CASE else "an event of the service belongs to no case"
    if case is not None and case.id == SERVICE_CASE:
        return "only events of the service belong there"
    if isinstance(body, Opened):
        return None if case is None else "it is open already"
    return "it has not been opened" if case is None else None


def in_force(hold: Hold, now: datetime) -> bool:
    """Whether the hold still forbids destruction."""
    return hold.until is None or hold.until > now


def covered(case: Case, item: CaseItem, finding: Finding) -> bool:
    """Whether a finding on the case holds for an item that joins it.

    It does for bytes that the case has already, unless only now they are known ones; and when it confirms abuse, for
    known bytes. All else was not there when somebody looked, so that they did not decide on it.
    """
    known, confirms = item.outcome is Outcome.KNOWN, finding.verdict is Verdict.CONFIRMED
    if known and confirms and not item.degraded:
        return True
    alike = [there for there in case.items if there.sha256 == item.sha256]
    if not known or confirms:
        return bool(alike)
    return any(one.outcome is Outcome.KNOWN for one in alike)


def weighty(case: Case) -> bool:
    """Whether nobody may find alone that this is no abuse: known bytes are in it, or abuse was confirmed before."""
    return case.confirmed or any(item.outcome is Outcome.KNOWN for item in case.items)


def _added(case: Case, body: ItemAdded, _actor: Actor, _now: datetime) -> Iterator[str]:
    if item_of(case, body.item):
        yield f"item {body.item!r} is there already"
    if body.size < 0:
        yield "a file has no negative size"


def _merged(case: Case, body: Merged, _actor: Actor, _now: datetime) -> Iterator[str]:
    if body.into in {case.id, SERVICE_CASE}:
        yield "a case is merged into another one"


def _absorbed(case: Case, body: Absorbed, _actor: Actor, _now: datetime) -> Iterator[str]:
    if body.other == case.id:
        yield "a case does not absorb itself"
    if body.items != tuple(item.id for item in body.moved):
        yield "the items that move are not the ones that are named"
    if {item.id for item in case.items}.intersection(body.items) or len(set(body.items)) < len(body.items):
        yield "an item that moves is there already"
    for hold in body.holds:
        yield from zoned(hold.until)
    yield from zoned(body.preserve_until)


def _revealed(case: Case, body: Revealed, _actor: Actor, _now: datetime) -> Iterator[str]:
    yield from with_media(case, body.item)
    left, top, right, bottom = body.region
    if not (0 <= left < right <= 1 and 0 <= top < bottom <= 1):
        yield "the region is no part of a picture"


def _hidden(case: Case, body: Hidden, _actor: Actor, _now: datetime) -> Iterator[str]:
    if not item_of(case, body.item):
        yield f"it has no item {body.item!r}"
    if not (math.isfinite(body.seconds) and body.seconds >= 0):
        yield "the time is none"


def _proposed(case: Case, body: Proposed, _actor: Actor, _now: datetime) -> Iterator[str]:
    for pending in (*case.proposals, *case.approved):
        what = pending.what
        if what.action in DECISIONS and body.action in DECISIONS:
            yield "a decision waits for a second person already"
        if (what.action, what.item, what.hold) == (body.action, body.item, body.hold):
            yield "the same was asked for already"
    if body.action in DECISIONS:
        if body.finding is None or body.finding.verdict is Verdict.UNSURE:
            yield "there is no finding that could stand"
        place = CaseState.OPEN if body.action is Grave.DECIDE else CaseState.APPEALED
        if case.state is not place:
            yield f"this is asked for while a case is {place}, not {case.state}"
    elif body.action is Grave.DESTROY:
        yield from with_media(case, body.item)
    elif not any(hold.id == body.hold for hold in case.holds):
        yield f"it has no hold {body.hold!r}"


def _answered(case: Case, body: Seconded | Approved | Rejected, actor: Actor, _now: datetime) -> Iterator[str]:
    proposal = next((one for one in case.proposals if one.number == body.proposal), None)
    if proposal is None:
        yield f"event {body.proposal} is no proposal that waits for an answer"
    elif proposal.by == actor:
        yield "who asks for it cannot be the second person, too"
    elif isinstance(body, Seconded) and proposal.what.action is not Grave.DECIDE:
        yield "no decision waits for a second one"


def _decided(case: Case, body: Decided, actor: Actor, _now: datetime) -> Iterator[str]:
    if body.by_policy != (actor.kind is ActorKind.SYSTEM):
        yield "policy decides by the system, and only policy does"
    if body.by_policy and not (
        case.items and all(item.outcome is Outcome.KNOWN and not item.degraded for item in case.items)
    ):
        yield "only known items, examined in full, are closed unseen"
    if body.by_policy and case.undone:
        yield "people have looked at some of it: it is for them to decide"
    if body.finding.verdict is Verdict.NOT_ABUSE and weighty(case):
        yield "two people have to find that known bytes, or what was confirmed before, are no abuse"
    if body.by_policy and body.finding.verdict is Verdict.UNSURE:
        yield "policy is not unsure"


def _appealed(case: Case, body: AppealOpened, _actor: Actor, _now: datetime) -> Iterator[str]:
    if body.appeal in case.appeals:
        yield f"appeal {body.appeal!r} is open already"
    if body.item is not None and not item_of(case, body.item):
        yield f"it has no item {body.item!r}"


def _appeal_decided(case: Case, body: AppealDecided, _actor: Actor, _now: datetime) -> Iterator[str]:
    if body.appeal not in case.appeals:
        yield f"it has no open appeal {body.appeal!r}"


def _held(case: Case, body: HoldPlaced, _actor: Actor, _now: datetime) -> Iterator[str]:
    if any(hold.id == body.hold for hold in case.holds):
        yield f"hold {body.hold!r} is in force already"
    yield from zoned(body.until)


def _lifted(case: Case, body: HoldLifted, _actor: Actor, now: datetime) -> Iterator[str]:
    hold = next((one for one in case.holds if one.id == body.hold), None)
    if hold is None:
        yield f"it has no hold {body.hold!r}"
    elif in_force(hold, now) and not _agreed(case, Grave.LIFT_HOLD, body.hold):
        yield "two people have to agree on lifting a hold"


def _preserved(_case: Case, body: PreservationSet, _actor: Actor, _now: datetime) -> Iterator[str]:
    yield from zoned(body.until)


def _exported(case: Case, body: ItemExported, _actor: Actor, _now: datetime) -> Iterator[str]:
    if body.media:
        yield from with_media(case, body.item)
    elif not item_of(case, body.item):
        yield f"it has no item {body.item!r}"


def _destroyed(case: Case, body: ItemDestroyed, _actor: Actor, now: datetime) -> Iterator[str]:
    yield from with_media(case, body.item)
    item = item_of(case, body.item)
    if item and item.sha256 != body.sha256:
        yield "the digest is not that of the item"
    if any(in_force(hold, now) for hold in case.holds):
        yield "a hold is in force"
    if case.preserve_until is not None and case.preserve_until > now:
        yield f"it has to be preserved until {case.preserve_until:%Y-%m-%d}"
    yield from owed_to_reports(case, body.item)
    if not _agreed(case, Grave.DESTROY, body.item):
        yield "two people have to agree on destroying media"


def _verified(case: Case, body: Verified, _actor: Actor, _now: datetime) -> Iterator[str]:
    yield from with_media(case, body.item)


def _agreed(case: Case, action: Grave, what: str) -> bool:
    return any(settles(one, action, what) for one in case.approved)


def settles(approved: Proposal, action: Grave, what: str) -> bool:
    """Whether this is what two people agreed on; `what`: id of the item, or of the hold."""
    return approved.what.action is action and what in {approved.what.item, approved.what.hold}


_RULES: dict[type[Body], Callable[[Case, Any, Actor, datetime], Iterator[str]]] = {
    ItemAdded: _added,
    Merged: _merged,
    Absorbed: _absorbed,
    Revealed: _revealed,
    Hidden: _hidden,
    Proposed: _proposed,
    Seconded: _answered,
    Approved: _answered,
    Rejected: _answered,
    Decided: _decided,
    AppealOpened: _appealed,
    AppealDecided: _appeal_decided,
    HoldPlaced: _held,
    HoldLifted: _lifted,
    PreservationSet: _preserved,
    ItemExported: _exported,
    ItemDestroyed: _destroyed,
    Verified: _verified,
    **CLOSING_RULES,
}
"""Rules besides ALLOWED; each gives its causes against, the first of which is told."""
