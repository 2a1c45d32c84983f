"""What the page of a URL tells about taking notices back."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from safelight.flow.takedown_retract import OPEN, notice_of
from safelight.model.defang import defanged
from safelight.model.takedown import Location, Notice, RetractionState
from safelight.web.console.closing_words import RETRACTIONS, whom
from safelight.web.container import the_app


@dataclass(frozen=True, slots=True)
class OwedLine:
    """A notice that is to be taken back, and the letter that does so, as nobody follows its URL by accident."""

    whom: str
    sent: datetime
    subject: str
    letter: str


@dataclass(frozen=True, slots=True)
class RetractionLine:
    """What became of one. `for_people`: no mail goes there, so that a person has to tell them."""

    id: str
    whom: str
    state: str
    at: datetime
    cause: str
    for_people: bool
    over: bool


def section(location: Location) -> dict[str, object]:
    """What is owed, as it would be sent, with the digest of all of it; and what became of what was confirmed."""
    flow = the_app().retractions
    owed = flow.owed(location)
    return {
        "owed": [_owed(location, notice) for notice in owed],
        "owed_digest": digest_of(location, owed),
        "retractions": [_line(location, number) for number in range(len(location.retractions))],
    }


def digest_of(location: Location, notices: tuple[Notice, ...]) -> str:
    """SHA-256 over those of all letters, each with whom it goes to."""
    flow = the_app().retractions
    read = (f"{one.id} {flow.preview(location, one).digest(one.contact)}" for one in notices)
    return sha256("\n".join(read).encode()).hexdigest()


def _owed(location: Location, notice: Notice) -> OwedLine:
    written = the_app().retractions.preview(location, notice)
    letter = written.text.replace(location.url, defanged(location.url))
    return OwedLine(whom(notice.contact), notice.sent or notice.created, written.subject, letter)


def _line(location: Location, number: int) -> RetractionLine:
    one = location.retractions[number]
    notice = notice_of(location, one)
    by_mail = one.state is RetractionState.WAITING and the_app().retractions.goes_by_mail(notice)
    return RetractionLine(
        one.id,
        whom(notice.contact),
        RETRACTIONS[one.state],
        one.sent or one.asked,
        one.cause,
        one.state in OPEN and not by_mail,
        one.state not in OPEN,
    )
