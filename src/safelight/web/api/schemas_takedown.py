"""What the API takes and gives of URLs that are worked on, notices, the policy, statements and figures."""

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import Field, StringConstraints

from safelight.model.closing_events import StatementKind
from safelight.model.policy import PolicyState
from safelight.model.takedown import Form, NoticeState, Place, RetractionState, Scope
from safelight.web.api.schemas import Id, Taken
from safelight.web.api.schemas_closing import Note, example


class LocationIn(Taken):
    """An item of the case is at this URL. A person begins what follows, in the console."""

    model_config = example(item_id="01890000-0000-7000-8000-000000000001", url="https://host.example/post/17")

    item_id: Id
    url: Annotated[str, StringConstraints(min_length=1, max_length=4_000)] = Field(
        description="As it is, or as people pass it on: `hxxps://host[.]example/post/17`."
    )


class ContactOut(Schema):
    """Who can act. `email` or `form`, a web page for people, is there."""

    scope: Scope
    name: str
    email: str
    form: str
    how: str
    source: str
    country: str
    network: str


class NoticeOut(Schema):
    """A notice to somebody who can act. `due`: when silence becomes an answer; `sha256`: of what was sent."""

    id: str
    contact: ContactOut
    form: Form
    language: str
    state: NoticeState
    created: datetime
    sent: datetime | None
    due: datetime | None
    answered: datetime | None
    message: str
    sha256: str
    basis: str
    cause: str


class LookOut(Schema):
    """A check that found another state of things."""

    at: datetime
    place: Place
    status: int | None
    sha256: str | None
    kind: str
    led_to: str
    cause: str


class RetractionOut(Schema):
    """Word that a notice is taken back, as it was of what is no abuse. `asked`: when a person confirmed that."""

    id: str
    notice: str
    state: RetractionState
    asked: datetime
    sent: datetime | None
    message: str
    sha256: str
    cause: str


class LocationOut(Schema):
    """A URL where an item of a case is, or was."""

    id: str
    case_id: str
    item_id: str
    url: str
    added: datetime
    begun: datetime | None = Field(description="when a person had the takedown begin")
    place: Place
    gone: datetime | None
    returned: int
    found_as: str = Field(description="the location that this one came from: it moved, or something returned")
    last_look: datetime | None
    next_look: datetime | None
    closed: str
    notices: list[NoticeOut]
    looks: list[LookOut]
    retractions: list[RetractionOut]


class LocationsOut(Schema):
    """A page of locations, the oldest first."""

    locations: list[LocationOut]
    more: bool
    next_cursor: str


class AnswerIn(Taken):
    """What the one who was told has answered. `note`: what they say, in short; no description of what is seen."""

    model_config = example(state="removed", note="their ticket 12")

    state: Literal["acknowledged", "removed"]
    note: Note = ""


class HostOut(Schema):
    """A host, or a network; times are ISO 8601 durations from the first notice, null where fewer are removed so far."""

    name: str
    urls: int
    notices: int
    removed: int = Field(description="counted again for each return")
    unasked: int = Field(description="went before any notice")
    refused: int
    silent: int
    returned: int
    there: int
    unknown: int
    median: timedelta | None
    p90: timedelta | None


class MonthOut(Schema):
    """A month (UTC), by when the first notice was sent."""

    month: str
    asked: int
    removed: int
    median: timedelta | None


class FiguresOut(Schema):
    """How fast hosts remove. `hosts` and `networks` are ranked, the slowest first."""

    at: datetime
    whole: HostOut
    hosts: list[HostOut]
    networks: list[HostOut]
    months: list[MonthOut]


class OwedOut(Schema):
    """An uploader who is still to be told."""

    item_id: str
    kind: StatementKind


class StatementOut(Schema):
    """What the uploader of an item is told, word for word; `digest` is SHA-256 of it.

    `told_at`: when you, or a person here, said that it was passed on.
    """

    id: str
    case_id: str
    item_id: str
    kind: StatementKind
    language: str
    at: datetime
    text: str
    digest: str
    told_at: datetime | None


class StatementsOut(Schema):
    """Statements about items of a case, the oldest first, and those that are owed."""

    statements: list[StatementOut]
    owed: list[OwedOut]


class TdbOut(Schema):
    """A page of bodies for the DSA Transparency Database, each for one `POST /api/v1/statements` there.

    `next_cursor` goes on from here, later too: what is told meanwhile comes at the end.
    """

    batches: list[dict[str, Any]]
    more: bool
    next_cursor: str


class PolicyVersionOut(Schema):
    """A version in the history of the policy."""

    number: int
    state: PolicyState
    sha256: str
    at: datetime
    note: str
    answered_at: datetime | None
    wanted: PolicyState


class PolicyOut(Schema):
    """The policy in force. `version`: null for the one that comes with Safelight. `trouble`: why it cannot be asked."""

    version: PolicyVersionOut | None
    text: str
    trouble: str


class PolicyVersionsOut(Schema):
    """All versions of the policy, the newest first."""

    versions: list[PolicyVersionOut]
