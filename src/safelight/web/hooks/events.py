"""What integrators are told. Payloads hold ids alone: who wants to know more asks the API, with a key that may.

That there is a case with an item says that the item matched. So events of cases are for endpoints of those alone who
may read cases; others hear of `OPEN`, which is the same for every item.
"""

from collections.abc import Callable, Sequence
from typing import Final

from safelight.case.rules import DECISIONS
from safelight.model.audit import LoggedEvent
from safelight.model.case import (
    AppealDecided,
    AppealOpened,
    Approved,
    Body,
    Decided,
    DutyArose,
    ItemAdded,
    ItemDestroyed,
    NoticeAnswered,
    NoticeRetracted,
    Opened,
    PlaceChanged,
    Proposed,
    ReportFailed,
    ReportFinished,
    Routed,
    StatementMade,
    Verdict,
)

CaseEvents = Callable[[str], Sequence[LoggedEvent]]
"""All events of a case, in order."""

EVENTS: Final = {
    "item.done": "an item was examined; also one in which nothing was found",
    "case.opened": "a case was opened",
    "item.added": "an item joined a case",
    "case.routed": "a case went to another queue",
    "case.decided": "a case was decided",
    "appeal.opened": "somebody asks to look at a decided case again",
    "appeal.decided": "an appeal was answered",
    "item.destroyed": "the media of an item was destroyed",
    "duty.arose": "the law asks for something about a case",
    "duty.due_soon": "a duty is open and due within 12 hours",
    "duty.overdue": "a duty is open and its time is over",
    "duty.reminder": "a duty whose law names no time is open for as long as you said: your own reminder, not the law's",
    "report.finished": "a report is with its receiver, or a person has handed it over",
    "report.failed": "a report could not be sent, was stopped, or is finished but not whole: a person has to look",
    "location.changed": "a check found another state of things at a URL",
    "statement.made": "there is something to tell the uploader of an item",
    "notice.answered": "there is an answer to a notice, or its time is over",
    "notice.retracted": "somebody who had a notice was told that it is taken back: it was no abuse",
    "row.unvouched": "a row of the database (a location, a filing, a request, or how far a job has read the log) says"
    " what the log does not: nothing is sent by it, and a person has to look; somebody may have changed the database",
    "endpoint.test": "somebody asked for a test message",
}
"""The names of events, with what they mean; docs/webhooks.md is generated from it."""
OPEN: Final = frozenset(("item.done", "endpoint.test"))
"""Events that every endpoint may hear."""

_OF_THE_LOG: Final = {
    Opened: "case.opened",
    ItemAdded: "item.added",
    Routed: "case.routed",
    AppealOpened: "appeal.opened",
    AppealDecided: "appeal.decided",
    ItemDestroyed: "item.destroyed",
    DutyArose: "duty.arose",
    ReportFinished: "report.finished",
    ReportFailed: "report.failed",
    PlaceChanged: "location.changed",
    NoticeAnswered: "notice.answered",
    NoticeRetracted: "notice.retracted",
    StatementMade: "statement.made",
}
_NAMED: Final[dict[type[Body], tuple[str, ...]]] = {
    ItemAdded: ("item",),
    ItemDestroyed: ("item",),
    AppealOpened: ("appeal",),
    AppealDecided: ("appeal",),
    ReportFinished: ("filing",),
    ReportFailed: ("filing",),
    PlaceChanged: ("location",),
    NoticeAnswered: ("location", "notice"),
    NoticeRetracted: ("location", "notice"),
    StatementMade: ("item", "statement"),
}
"""Ids that events name besides their case, as fields of their bodies."""


def told_of(logged: LoggedEvent, events: CaseEvents) -> tuple[str, dict[str, str]] | None:
    """The event of the log as integrators are told it: its name and the ids; None for what is not theirs."""
    body = logged.event.body
    name = "case.decided" if decides(logged, events) else _OF_THE_LOG.get(type(body))
    if name is None:
        return None
    return name, {"case": logged.event.case, **_ids(body)}


def _ids(body: Body) -> dict[str, str]:
    """What an event is about, besides its case."""
    if isinstance(body, DutyArose):
        return {"duty": body.duty.id}
    return {name: getattr(body, name) for name in _NAMED.get(type(body), ())}


def decides(logged: LoggedEvent, events: CaseEvents) -> bool:
    """Whether the case is decided by this event: by one person or by policy, or as two people have agreed."""
    match logged.event.body:
        case Decided(finding=finding):
            return finding.verdict is not Verdict.UNSURE  # then nothing stands, and somebody else has to look
        case Approved(proposal=number):
            asked = events(logged.event.case)[number].event.body
            return isinstance(asked, Proposed) and asked.action in DECISIONS
    return False
