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
    Decided,
    ItemAdded,
    ItemDestroyed,
    Opened,
    Proposed,
    Routed,
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
}


def told_of(logged: LoggedEvent, events: CaseEvents) -> tuple[str, dict[str, str]] | None:
    """The event of the log as integrators are told it: its name and the ids; None for what is not theirs."""
    body = logged.event.body
    name = "case.decided" if _decides(logged, events) else _OF_THE_LOG.get(type(body))
    if name is None:
        return None
    data = {"case": logged.event.case}
    if isinstance(body, ItemAdded | ItemDestroyed):
        data["item"] = body.item
    if isinstance(body, AppealOpened | AppealDecided):
        data["appeal"] = body.appeal
    return name, data


def _decides(logged: LoggedEvent, events: CaseEvents) -> bool:
    """Whether the case is decided by this event: by one person or by policy, or as two people have agreed."""
    match logged.event.body:
        case Decided(finding=finding):
            return finding.verdict is not Verdict.UNSURE  # then nothing stands, and somebody else has to look
        case Approved(proposal=number):
            asked = events(logged.event.case)[number].event.body
            return isinstance(asked, Proposed) and asked.action in DECISIONS
    return False
