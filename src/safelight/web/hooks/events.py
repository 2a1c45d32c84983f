"""What integrators are told. Payloads hold ids alone: who wants to know more asks the API, with a key that may."""

from typing import Final

from safelight.model.audit import LoggedEvent
from safelight.model.case import AppealDecided, AppealOpened, Decided, ItemAdded, ItemDestroyed, Opened, Routed

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

_OF_THE_LOG: Final = {
    Opened: "case.opened",
    ItemAdded: "item.added",
    Routed: "case.routed",
    Decided: "case.decided",
    AppealOpened: "appeal.opened",
    AppealDecided: "appeal.decided",
    ItemDestroyed: "item.destroyed",
}


def told_of(logged: LoggedEvent) -> tuple[str, dict[str, str]] | None:
    """The event of the log as integrators are told it: its name and the ids; None for what is not theirs."""
    body = logged.event.body
    name = _OF_THE_LOG.get(type(body))
    if name is None:
        return None
    data = {"case": logged.event.case}
    if isinstance(body, ItemAdded | ItemDestroyed):
        data["item"] = body.item
    if isinstance(body, AppealOpened | AppealDecided):
        data["appeal"] = body.appeal
    return name, data
