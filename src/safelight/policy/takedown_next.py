"""What a takedown does next by itself, and when, for people who want to know. Pure; what is done, `next_act` says."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from safelight.model.takedown import Contact, Location, NoticeState, Place, Plan
from safelight.policy.takedown import next_contact, open_notice
from safelight.policy.takedown_looks import asks
from safelight.policy.takedown_phase import Phase


class Onward(StrEnum):
    """What becomes of the next notice."""

    NONE = "none"  # not begun, ended, or gone: there is no next one
    TELL = "tell"  # it goes to `contact` at `at`, if it is still there then
    BY_HAND = "by hand"  # it is written, to `contact`, and a person has to send it
    HELD = "held"  # the case allows none now
    UNSEEN = "unseen"  # it goes once it is seen there, or a person says that it is
    FIND = "find"  # who can act is looked for at `at`
    NOBODY = "nobody"  # all who are known were told


@dataclass(frozen=True, slots=True)
class Coming:
    """What comes next. `look`: when it is looked at; None for never."""

    look: datetime | None
    onward: Onward
    contact: Contact | None = None
    at: datetime | None = None


def coming(location: Location, plan: Plan, phase: Phase, *, mails: bool) -> Coming:
    """What comes next at a location. `phase`: what its case allows; `mails`: whether there is a mail server."""
    if location.closed or location.begun is None or phase is Phase.OVER:
        return Coming(None, Onward.NONE)
    look = location.next_look
    if location.gone is not None:
        return Coming(look, Onward.NONE)
    notice = open_notice(location)
    waiting = notice if notice is not None and notice.state is NoticeState.WAITING else None
    if waiting is not None and not (mails and waiting.contact.email):
        return Coming(look, Onward.BY_HAND, waiting.contact, waiting.due)
    seen = asks(location) or location.place is Place.UNCHECKED
    if phase is not Phase.GO or not (seen or (waiting is not None and waiting.tries)):
        return Coming(look, Onward.UNSEEN if phase is Phase.GO else Onward.HELD)
    at = look if notice is None else notice.due or look
    if waiting is None and location.contacts is None:
        return Coming(look, Onward.FIND, at=at)
    contact = waiting.contact if waiting is not None else next_contact(location, plan)
    return Coming(look, Onward.TELL if contact else Onward.NOBODY, contact, at)
