"""What may happen to a case on the way from found to gone, beyond what the table of `case.rules` says."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, Final

from safelight.case.asking import item_of, zoned
from safelight.model.access import Actor, ActorKind
from safelight.model.case import (
    Body,
    Case,
    DutyArose,
    DutyDropped,
    DutyMet,
    DutyState,
    Grave,
    Located,
    NoticeRetracted,
    NoticeSent,
    Proposed,
    ReportConfirmed,
    RetractionConfirmed,
    StatementMade,
    StatementTold,
    TakedownBegun,
    Verdict,
)
from safelight.model.filing import Body as Taker
from safelight.model.law import Duty, DutyKind

BY_KEYS: Final = frozenset((DutyKind.REMOVE, DutyKind.INFORM))
"""Duties of which a platform says by its key that it has met them; of all others people do, or the report itself."""


def owed_to_reports(case: Case, item: str) -> Iterator[str]:
    """Why the media of an item has to stay: it is still to be sent, or the law still wants it reported."""
    if any(item in one.items for one in case.reporting):
        yield "a report that was confirmed still has to send it"
    for one in case.duties:
        duty = one.duty
        if one.state is DutyState.OPEN and duty.kind is DutyKind.REPORT and duty.drives:
            taken = duty.taker in set(Taker) and item in case.reported(Taker(duty.taker), production=True)
            if not taken:
                yield f"the law wants it reported first ({duty.rule})"


def _arose(case: Case, body: DutyArose, _actor: Actor, _now: datetime) -> Iterator[str]:
    if any(one.duty.id == body.duty.id for one in case.duties):
        yield f"duty {body.duty.id!r} arose already"
    yield from zoned(body.duty.began)
    yield from zoned(body.duty.due)


def _dropped(case: Case, body: DutyDropped, _actor: Actor, _now: datetime) -> Iterator[str]:
    if _open_duty(case, body.duty) is None:
        yield f"it has no open duty {body.duty!r}"


def _met(case: Case, body: DutyMet, actor: Actor, _now: datetime) -> Iterator[str]:
    duty = _open_duty(case, body.duty)
    if duty is None:
        yield f"it has no open duty {body.duty!r}"
    elif actor.kind is ActorKind.KEY and duty.kind not in BY_KEYS:
        yield f"a duty to {duty.kind} is not met by the word of a key"


def _open_duty(case: Case, duty: str) -> Duty | None:
    return next((one.duty for one in case.duties if one.duty.id == duty and one.state is DutyState.OPEN), None)


def _to_report(case: Case, body: ReportConfirmed, _actor: Actor, _now: datetime) -> Iterator[str]:
    """Also of a case that is open again for an item that joined: what was found of the others holds."""
    if case.finding is not None:
        yield from _confirmed(case)
    elif not case.confirmed:
        yield "nobody has confirmed that it is abuse"
    if case.appeals or any(_against(one.what) for one in case.proposals):
        yield "first an appeal has to be answered, or a second person has to decide"
    if not body.items:
        yield "a report is about something"
    there = {item.id for item in case.items}
    yield from (f"it has no item {item!r}" for item in body.items if item not in there)
    sent = case.reported(body.taker, body.production)
    yield from (f"item {item!r} was reported to {body.taker} already" for item in body.items if item in sent)


def _located(case: Case, body: Located | StatementMade | StatementTold, _actor: Actor, _now: datetime) -> Iterator[str]:
    if not item_of(case, body.item):
        yield f"it has no item {body.item!r}"


def _stated(case: Case, body: StatementMade, actor: Actor, now: datetime) -> Iterator[str]:
    yield from _located(case, body, actor, now)
    if case.finding is None:
        yield "nothing is decided"


def _begun(case: Case, _body: TakedownBegun, _actor: Actor, _now: datetime) -> Iterator[str]:
    yield from _confirmed(case)


def _notified(case: Case, body: NoticeSent, _actor: Actor, _now: datetime) -> Iterator[str]:
    if not case.confirmed:
        yield "nobody has ever confirmed that it is abuse"
    yield from zoned(body.due)


def _taking_back(case: Case, body: RetractionConfirmed, _actor: Actor, _now: datetime) -> Iterator[str]:
    if case.finding is None or case.finding.verdict is not Verdict.NOT_ABUSE:
        yield "nobody has found that it is no abuse"
    if not body.notices or len(set(body.notices)) < len(body.notices):
        yield "each notice is taken back once"


def _taken_back(case: Case, _body: NoticeRetracted, _actor: Actor, _now: datetime) -> Iterator[str]:
    if not case.confirmed:
        yield "nobody has ever confirmed that it is abuse"


def _against(asked: Proposed) -> bool:
    """Whether what waits for a second person may be that what was found does not stand."""
    no_abuse = asked.finding is not None and asked.finding.verdict is Verdict.NOT_ABUSE
    return asked.action is Grave.OVERTURN or no_abuse


def _confirmed(case: Case) -> Iterator[str]:
    if case.finding is None or case.finding.verdict is not Verdict.CONFIRMED:
        yield "nobody has confirmed that it is abuse"


CLOSING_RULES: dict[type[Body], Callable[[Case, Any, Actor, datetime], Iterator[str]]] = {
    DutyArose: _arose,
    DutyMet: _met,
    DutyDropped: _dropped,
    ReportConfirmed: _to_report,
    Located: _located,
    StatementMade: _stated,
    StatementTold: _located,
    TakedownBegun: _begun,
    NoticeSent: _notified,
    RetractionConfirmed: _taking_back,
    NoticeRetracted: _taken_back,
}
"""Rules of `case.rules` besides its table."""
