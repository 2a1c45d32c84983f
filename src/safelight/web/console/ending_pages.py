"""What pages tell of how what is personal ends by itself, and the form by which people hold it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.http import HttpRequest

from safelight.flow.review_rules import said
from safelight.model.access import Principal
from safelight.policy.ending import Ending
from safelight.web.closing.ending import announced, erased_on
from safelight.web.console.cards import short
from safelight.web.container import the_app

MOST: Final = 50
"""Rows on the deadline board."""
_NOTE: Final = 500
_WHAT: Final = {"filing": "report", "request": "request of a person depicted"}


@dataclass(frozen=True, slots=True)
class EndingLine:
    """How a row ends. `on`: when it is erased unless it is held; None where it is kept, as `kept` says why."""

    what: str
    id: str
    name: str
    case: str
    on: datetime | None
    kept: str
    held: bool


def ending_line(name: str) -> EndingLine:
    """How a row ends, for its page."""
    return _line(the_app().endings.of(name))


def ending_soon() -> list[EndingLine]:
    """Rows that are erased within days, for the board."""
    found = (the_app().endings.of(one.of) for one in announced(MOST))
    return [_line(one) for one in found if one.at is not None]


def held_by(who: Principal, request: HttpRequest, name: str) -> str:
    """Hold a row, or let it go, as the form says; in words. Raises NotNowError."""
    reason = said(request.POST.get("reason", "")[:_NOTE])
    if request.POST.get("do") == "free":
        the_app().endings.free(who, name, reason)
        return "Noted. It is erased once its time has been over for a week."
    the_app().endings.hold(who, name, reason)
    return "Held. Nothing of it is erased by itself until somebody lets it go."


def _line(found: Ending) -> EndingLine:
    kind, _, number = found.of.partition(":")
    on = erased_on(found.of, found.at) if found.at is not None else None
    return EndingLine(_WHAT[kind], number, short(number), found.case, on, found.kept, found.held)
