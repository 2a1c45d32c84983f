"""What a takedown does next by itself, and when, for people who want to know. Pure; what is done, `next_act` says."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

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


_ONWARD: Final = {
    Onward.NONE: "",
    Onward.TELL: "next notice to {whom} at {at}, if it is still there",
    Onward.BY_HAND: "the notice to {whom} waits for a person to send it",
    Onward.HELD: "no notice goes out while the case is undecided, or somebody objects",
    Onward.UNSEEN: "the next notice goes once it is seen there, or a person says that it is",
    Onward.FIND: "who can act is looked for at {at}",
    Onward.NOBODY: "nobody is left to be told",
}


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


def next_words(then: Coming, whom: str) -> str:
    """What comes next, and when, in words; empty for nothing. `whom`: the contact, as it is shown there."""
    look = f"look again at {_at(then.look)}" if then.look else ""
    return "; ".join(filter(None, (look, _ONWARD[then.onward].format(whom=whom, at=_at(then.at)))))


def _at(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC" if moment else "the next look"
