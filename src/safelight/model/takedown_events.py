"""What can happen on the way to a removal: places, notices, requests of people depicted, retractions.

These are bodies of the log as those of `model.closing_events`, which lists their names.
"""

from dataclasses import dataclass
from datetime import datetime

from safelight.model.takedown import Form, NoticeState, Place, RetractionState, Scope


@dataclass(frozen=True, slots=True)
class Located:
    """An item is, or was, at a URL. `found_as`: the location that led to this one, if one did."""

    location: str
    item: str
    url: str
    found_as: str = ""


@dataclass(frozen=True, slots=True)
class TakedownBegun:
    """A person had notices go out about a URL, by the plan. `vouched`: they say that it is there, whatever we see."""

    location: str
    vouched: bool = False


@dataclass(frozen=True, slots=True)
class ContactsFound:
    """Who can act about a URL was looked up. `to`: addresses, and pages for people, that may be told from now on.

    Earlier versions named addresses alone: who has a page is looked up anew then.
    """

    location: str
    url: str
    to: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NoticeSent:
    """Somebody who can act was told. `to`: the address; `digest`: SHA-256 of the message. `due`: when we ask on.

    Of a request that a person depicted signed, `digest` is that of the text without what they say in it.
    """

    notice: str
    location: str
    scope: Scope
    form: Form
    to: str
    digest: str
    due: datetime | None = None
    basis: str = ""


@dataclass(frozen=True, slots=True)
class RequestTaken:
    """Somebody depicted asks for removal. `at`: when it came in; or since when it is valid, if it lacks nothing.

    `pass_on`: it is to be sent on. `digest`: SHA-256 of its salt and its words, which are not here.
    """

    request: str
    item: str
    at: datetime
    lacks: tuple[str, ...] = ()
    pass_on: bool = False
    digest: str = ""


@dataclass(frozen=True, slots=True)
class RequestErased:
    """What a request says was erased; `why`, in words."""

    request: str
    why: str


@dataclass(frozen=True, slots=True)
class RequestReleased:
    """A person had what somebody depicted says in a request go to one address about one URL, in their name.

    `to`: the address. `vouched`: they say that it is in the United States, where nothing else tells.
    """

    request: str
    location: str
    to: str
    vouched: bool = False


@dataclass(frozen=True, slots=True)
class NoticeAnswered:
    """What became of a notice. `note`: what they say, in short; no media, no description of any."""

    notice: str
    location: str
    state: NoticeState
    note: str = ""


@dataclass(frozen=True, slots=True)
class PlaceChanged:
    """A check found another state of things at a URL."""

    location: str
    place: Place
    kind: str = ""
    status: int | None = None
    led_to: str = ""


@dataclass(frozen=True, slots=True)
class LocationClosed:
    """Work on a URL ended: by a person, or because the case is none of abuse any more."""

    location: str
    reason: str


@dataclass(frozen=True, slots=True)
class RetractionConfirmed:
    """A person has those told who had these notices that they are taken back: what they are about is no abuse.

    `to`: where each of them goes, as that person read it.
    """

    location: str
    notices: tuple[str, ...]
    to: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NoticeRetracted:
    """Who had a notice was told that it is taken back. `to`: the address; `digest`: SHA-256 of the message."""

    retraction: str
    notice: str
    location: str
    to: str
    digest: str


@dataclass(frozen=True, slots=True)
class RetractionEnded:
    """Who had a notice is not told that it is taken back. `state`: FAILED, UPHELD or GIVEN_UP."""

    retraction: str
    notice: str
    location: str
    state: RetractionState
    cause: str = ""


TakedownBody = (
    Located
    | TakedownBegun
    | RequestTaken
    | RequestErased
    | RequestReleased
    | ContactsFound
    | NoticeSent
    | NoticeAnswered
    | PlaceChanged
    | LocationClosed
    | RetractionConfirmed
    | NoticeRetracted
    | RetractionEnded
)

TAKEDOWN_KINDS: dict[str, type[TakedownBody]] = {
    "item.located": Located,
    "takedown.begun": TakedownBegun,
    "request.taken": RequestTaken,
    "request.erased": RequestErased,
    "request.released": RequestReleased,
    "contacts.found": ContactsFound,
    "notice.sent": NoticeSent,
    "notice.answered": NoticeAnswered,
    "location.changed": PlaceChanged,
    "location.closed": LocationClosed,
    "retraction.confirmed": RetractionConfirmed,
    "notice.retracted": NoticeRetracted,
    "retraction.ended": RetractionEnded,
}
"""The names of these events; `case_events.KINDS` has all."""
