"""What pages tell of requests of people depicted: where they stand, and, on one page alone, what they say."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from safelight.model.access import Principal
from safelight.model.case import Case
from safelight.model.defang import defanged
from safelight.model.notice import RemovalRequest
from safelight.model.removal import ERASURES, NEEDED, Erasure, Received, RequestState
from safelight.web.console.cards import short
from safelight.web.console.duty_pages import DutyLine
from safelight.web.container import the_app

FIELDS: Final = (
    ("identification", "What is to be removed, and where it is", "Enough to find it: an address, a user name, a date."),
    ("belief", "Why it was not consented to", "A short statement in good faith, in their own words."),
    ("contact", "How they are reached", "An address for mail, a telephone number, or somebody who is to be asked."),
    ("signature", "Signature", "As they signed, on paper or electronically; for example /s/ and their name."),
    ("name", "Name", "If it is not the signature. The Act does not ask for it."),
    ("acting_for", "Acting for", "Whom they represent and as what; empty if they ask for themselves."),
)
"""Fields of the form: name, label, help, in the order in which a person tells them."""
STATES: Final = {
    RequestState.INCOMPLETE: ("◇", "not complete: no clock runs"),
    RequestState.VALID: ("●", "valid"),
    RequestState.ERASED: ("○", "erased"),
}


@dataclass(frozen=True, slots=True)
class RequestLine:
    """A request for a list. `lacks`: fields to ask for, as in `FIELDS`. `duty`: its clock; None for none."""

    id: str
    name: str
    item: str
    state: str
    shape: str
    label: str
    received: datetime
    valid: datetime | None
    missing: str
    lacks: list[tuple[str, str, str]]
    duty: DutyLine | None
    pass_on: bool
    erased: datetime | None


@dataclass(frozen=True, slots=True)
class OnwardLine:
    """Where a request can go. `unsure`: nothing tells that it is in the United States."""

    location: str
    url: str
    to: str
    released: bool
    unsure: bool


def onward_lines(who: Principal, one: Received) -> list[OnwardLine]:
    """Where a person may have a request go, or has."""
    return [
        OnwardLine(each.location.id, defanged(each.location.url), each.contact.email, each.released, each.unsure)
        for each in the_app().requests.onward(who, one.case, one.id)
    ]


def reasons(one: Received) -> list[tuple[str, str]]:
    """Why a request may be erased: value and words."""
    incomplete = one.state is RequestState.INCOMPLETE
    wanted = (Erasure.NEVER_COMPLETED if incomplete else Erasure.ENDED, Erasure.WITHDRAWN)
    return [(why, ERASURES[why][:1].upper() + ERASURES[why][1:]) for why in wanted]


def request_lines(who: Principal, case: Case, duties: Sequence[DutyLine]) -> list[RequestLine]:
    """The requests of a case, the newest first."""
    found = the_app().requests.of_case(who, case.id)
    return [_line(one, duties) for one in reversed(found)]


def incomplete_lines(who: Principal) -> list[tuple[str, str, RequestLine]]:
    """Requests for which no clock runs: id and name of the case, and the request, the oldest first."""
    return [(case, short(case), _line(one, ())) for case, one in the_app().requests.incomplete(who)]


def words_of(said: RemovalRequest) -> list[tuple[str, str]]:
    """What a request says: label and words, for those who may see them."""
    return [(label, words) for name, label, _ in FIELDS if (words := getattr(said, name))]


def _line(one: Received, duties: Sequence[DutyLine]) -> RequestLine:
    shape, label = STATES[one.state]
    lacking = {name for name, words in NEEDED.items() if words in one.lacks}
    return RequestLine(
        id=one.id,
        name=short(one.id),
        item=short(one.item),
        state=one.state,
        shape=shape,
        label=label,
        received=one.received,
        valid=one.valid,
        missing=", ".join(one.lacks),
        lacks=[field for field in FIELDS if field[0] in lacking],
        duty=next((duty for duty in duties if duty.id == one.duty), None),
        pass_on=one.pass_on,
        erased=one.erased,
    )
