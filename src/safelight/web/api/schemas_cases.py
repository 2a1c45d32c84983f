"""What the API takes and gives of cases, the log, decisions and families."""

from datetime import datetime
from typing import Annotated, Any

from ninja import Schema
from pydantic import Field, StringConstraints

from safelight.model.assessment import Artificialness
from safelight.model.case import Answer, CaseState, Classification, Verdict
from safelight.model.decision import Outcome
from safelight.model.family import EdgeKind, MemberKind
from safelight.web.api.schemas import PLAIN, Id, Moment, Taken, Word, Words


class FindingOut(Schema):
    """What a reviewer, or policy, found."""

    verdict: Verdict
    classification: Classification
    artificialness: Artificialness
    real_victim: Answer


class CaseItemOut(Schema):
    """An item of a case."""

    id: str
    sha256: str
    size: int
    mime: str
    source: str
    outcome: Outcome
    reason: str
    added: datetime
    reference: str
    degraded: bool
    destroyed: bool


class HoldOut(Schema):
    """A legal hold in force."""

    id: str
    basis: str
    until: datetime | None


class CaseOut(Schema):
    """A case as its events leave it. `preserve_until`: null, too, for who may read neither reports nor the log."""

    id: str
    state: CaseState
    opened: datetime
    updated: datetime
    reason: str
    priority: int
    queue: str
    family_id: str | None
    length: int
    head: str
    items: list[CaseItemOut]
    finding: FindingOut | None
    by_policy: bool
    appeals: list[str]
    holds: list[HoldOut]
    preserve_until: datetime | None
    merged_into: str | None


class CasesOut(Schema):
    """A page of cases, the oldest first."""

    cases: list[CaseOut]
    more: bool
    next_cursor: str


class EventOut(Schema):
    """An event of the log. `actor` and `body` are for those who may read the log, or the case it is of."""

    position: int
    case_id: str
    seq: int
    kind: str
    at: datetime
    actor: str | None = None
    body: dict[str, Any] | None = None


class CaseEventsOut(Schema):
    """All events of a case, in order."""

    events: list[EventOut]


class EventsOut(Schema):
    """The next events of the log. `next_cursor` goes on from here, now or later."""

    events: list[EventOut]
    more: bool
    next_cursor: str


class DecisionOut(FindingOut):
    """A decision that was taken: by policy, by one person, or by two."""

    position: int
    case_id: str
    at: datetime
    by_policy: bool


class DecisionsOut(Schema):
    """The next decisions of the log."""

    decisions: list[DecisionOut]
    more: bool
    next_cursor: str


class NoteIn(Taken):
    """A remark. It must not describe what is seen."""

    text: Words


class RouteIn(Taken):
    """Where a case is to wait, and how urgently."""

    queue: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,99}$")]
    priority: int = Field(ge=0, le=1_000)
    reason: Word = ""


class AppealIn(Taken):
    """Somebody asks to look again. `text`: what they say; it must not describe what is seen."""

    text: Words
    item_id: Id | None = None


class HoldIn(Taken):
    """Nothing of the case may be destroyed. `basis`: the order or duty. `until`: null for until it is lifted."""

    basis: Annotated[str, StringConstraints(min_length=1, max_length=1_000, pattern=PLAIN)]
    until: Moment | None = None


class MemberOut(Schema):
    """A member of a family: an entry of a bank, or a file that the service or a scan saw."""

    kind: MemberKind
    identity: str
    name: str
    sha256: str | None


class EdgeOut(Schema):
    """Why two members belong together."""

    child: str
    parent: str
    kind: EdgeKind
    distance: int | None
    inliers: int | None
    p_false_match: float | None
    altered: float | None
    mirrored: bool


class LeadOut(Schema):
    """A file that shows the scene of an entry in another picture: for people to look at."""

    item: str
    entry: str


class BranchOut(Schema):
    """A member's place in the tree; `under` is null for the root."""

    item: str
    depth: int
    under: str | None


class FamilyOut(Schema):
    """A family: what a picture comes from, and what comes from it."""

    id: str
    members: list[MemberOut]
    edges: list[EdgeOut]
    tree: list[BranchOut]
    leads: list[LeadOut]
    case_id: str | None
