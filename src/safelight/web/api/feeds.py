"""Feeds: the log by position, and the decisions in it. Whoever keeps the last cursor misses nothing."""

from collections.abc import Iterator
from typing import Any, Final

from django.http import HttpRequest
from msgspec import to_builtins
from ninja import Router

from safelight.flow.review_history import CLOSING
from safelight.model.access import Permission, Principal
from safelight.model.audit import LoggedEvent
from safelight.model.case import NAMES, Absorbed, Approved, Body, Decided, Finding, Proposed, Verdict
from safelight.web.access import api_auth, principal_of
from safelight.web.api.cursors import Cursor, Limit, opened, sealed
from safelight.web.api.schemas import answers
from safelight.web.api.schemas_cases import DecisionOut, DecisionsOut, EventOut, EventsOut
from safelight.web.container import the_app

router = Router(tags=["feeds"])

LOOKED_AT = 2_000
"""Entries of the log that one request for decisions looks at."""
_EXPOSURE = "media."
"""Kinds that tell what somebody has seen: nobody's colleagues add that up."""
_CAME_ALONG: Final = frozenset(("duties", "reports", "reporting", "preserve_until"))
"""What a case that takes another in says of its duties and reports."""


def event_of(logged: LoggedEvent, asking: Principal, *, of_case: bool = False) -> EventOut:
    """An event as this one may see it. `of_case`: of a case that they may read."""
    event = logged.event
    kind = NAMES[type(event.body)]
    told = EventOut(position=logged.position, case_id=event.case, seq=event.seq, kind=kind, at=event.at)
    if asking.may(Permission.LOG_READ) or (of_case and not kind.startswith(_EXPOSURE)):
        told.actor, told.body = str(event.actor), _body(event.body, asking)
    return told


def reads_closing(asking: Principal) -> bool:
    """Whether they may know of duties, reports and takedowns."""
    return asking.may(Permission.REPORT_READ) or asking.may(Permission.LOG_READ)


def _body(body: Body, asking: Principal) -> dict[str, Any]:
    """What an event says, without what came along from another case that this one may not know of."""
    told: dict[str, Any] = to_builtins(body)
    if isinstance(body, Absorbed):
        closing = frozenset[str]() if reads_closing(asking) else _CAME_ALONG
        seen = frozenset[str]() if asking.may(Permission.LOG_READ) else {"viewed"}
        told = {key: value for key, value in told.items() if key not in closing | seen}
    return told


@router.get("/events", auth=api_auth(Permission.CASE_READ), response=answers(EventsOut), summary="The log, as a feed")
def events(request: HttpRequest, cursor: Cursor = None, limit: Limit = 100) -> EventsOut:
    """The next events: ids and kinds; who acted, and what the event says, for those who may read the log.

    Duties, reports and takedowns are for those who may read reports, or the log: a page may have fewer than `limit`.
    """
    asking = principal_of(request)
    assert asking is not None
    after = opened("events", cursor, -1)
    page = the_app().cases.log(after, limit + 1)
    kept = page[:limit]
    place = sealed("events", kept[-1].position if kept else after)
    told = [event_of(one, asking) for one in kept if reads_closing(asking) or not isinstance(one.event.body, CLOSING)]
    return EventsOut(events=told, more=len(page) > limit, next_cursor=place)


@router.get(
    "/decisions", auth=api_auth(Permission.CASE_READ), response=answers(DecisionsOut), summary="Decisions, as a feed"
)
def decisions(request: HttpRequest, cursor: Cursor = None, limit: Limit = 100) -> DecisionsOut:
    """The next decisions that were taken. A page may be empty while there is more: it goes on at the cursor."""
    del request
    after = opened("decisions", cursor, -1)
    seen = the_app().cases.log(after, LOOKED_AT)
    taken: list[DecisionOut] = []
    for logged in seen:
        if len(taken) == limit:
            break
        after = logged.position
        taken += _taken(logged)
    return DecisionsOut(
        decisions=taken,
        more=len(seen) == LOOKED_AT or bool(seen and after < seen[-1].position),
        next_cursor=sealed("decisions", after),
    )


def _taken(logged: LoggedEvent) -> Iterator[DecisionOut]:
    """The decision that an event is, if it is one that stands."""
    body, by_policy = logged.event.body, False
    finding: Finding | None = None
    if isinstance(body, Decided):
        finding, by_policy = body.finding, body.by_policy
    elif isinstance(body, Approved):
        asked = the_app().cases.events(logged.event.case)[body.proposal].event.body
        finding = asked.finding if isinstance(asked, Proposed) else None
    if finding is not None and finding.verdict is not Verdict.UNSURE:
        yield DecisionOut(
            position=logged.position,
            case_id=logged.event.case,
            at=logged.event.at,
            by_policy=by_policy,
            verdict=finding.verdict,
            classification=finding.classification,
            artificialness=finding.artificialness,
            real_victim=finding.real_victim,
        )
