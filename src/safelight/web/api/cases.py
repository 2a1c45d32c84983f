"""Cases: what integrators see of them, and what they may add. Machines never reveal, decide, approve or destroy."""

from typing import Annotated

from django.http import HttpRequest
from ninja import Query, Router, Status
from ninja.decorators import decorate_view

from safelight.flow.review_history import of_closing
from safelight.model.access import Permission, Principal
from safelight.model.case import (
    TOOL,
    AppealOpened,
    Body,
    Case,
    CaseState,
    Draft,
    HoldPlaced,
    Noted,
    Routed,
)
from safelight.web.access import api_auth
from safelight.web.api.asking import who
from safelight.web.api.cursors import Cursor, Limit, opened, sealed
from safelight.web.api.feeds import event_of, reads_closing
from safelight.web.api.idempotency import idempotent
from safelight.web.api.schemas import Id, Word, answers
from safelight.web.api.schemas_cases import (
    AppealIn,
    CaseEventsOut,
    CaseItemOut,
    CaseOut,
    CasesOut,
    EventOut,
    FindingOut,
    HoldIn,
    HoldOut,
    NoteIn,
    RouteIn,
)
from safelight.web.container import the_app

router = Router(tags=["cases"])

_READ = api_auth(Permission.CASE_READ)
_ADDED = answers(EventOut, 400, 404, 409, status=201)


@router.get("/cases", auth=_READ, response=answers(CasesOut), summary="Cases, the oldest first")
def cases(
    request: HttpRequest,
    state: Annotated[CaseState | None, Query()] = None,
    queue: Annotated[Word | None, Query()] = None,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> CasesOut:
    """A page of cases by the time they were opened, of a state or a queue if one is named."""
    asking, after = who(request), opened("cases", cursor, "")
    page = the_app().cases.cases([state] if state else (), queue, after, limit + 1)
    kept = page[:limit]
    place = sealed("cases", kept[-1].id if kept else after)
    return CasesOut(cases=[_case(one, asking) for one in kept], more=len(page) > limit, next_cursor=place)


@router.get("/cases/{case_id}", auth=_READ, response=answers(CaseOut, 404), summary="A case")
def case(request: HttpRequest, case_id: Id) -> CaseOut:
    """A case as its events leave it. How long it is kept is for those who may read reports, or the log."""
    return _case(the_app().cases.case(case_id), who(request))


@router.get(
    "/cases/{case_id}/events", auth=_READ, response=answers(CaseEventsOut, 404), summary="What happened to a case"
)
def events(request: HttpRequest, case_id: Id) -> CaseEventsOut:
    """All events of a case. That anybody looked at media, and for how long, is for those who may read the log.

    Duties, reports and takedowns are for those who may read reports, or the log.
    """
    asking, found = who(request), the_app().cases.events(case_id)
    closing = set() if reads_closing(asking) else of_closing(found)
    told = [event_of(one, asking, of_case=True) for one in found if one.event.seq not in closing]
    return CaseEventsOut(events=[one for one in told if one.body is not None])


@router.post(
    "/cases/{case_id}/notes", auth=api_auth(Permission.CASE_ROUTE), response=_ADDED, summary="Add a note to a case"
)
@decorate_view(idempotent)
def add_note(request: HttpRequest, case_id: Id, note: NoteIn) -> Status[EventOut]:
    """Add a remark for colleagues. It must not describe what is seen."""
    return _append(request, case_id, Noted(note.text))


@router.post("/cases/{case_id}/route", auth=api_auth(Permission.CASE_ROUTE), response=_ADDED, summary="Route a case")
@decorate_view(idempotent)
def route(request: HttpRequest, case_id: Id, to: RouteIn) -> Status[EventOut]:
    """Put a case into another queue, or give it another priority."""
    return _append(request, case_id, Routed(to.queue, to.priority, to.reason))


@router.post(
    "/cases/{case_id}/appeals", auth=api_auth(Permission.APPEAL_OPEN), response=_ADDED, summary="Appeal a decision"
)
@decorate_view(idempotent)
def appeal(request: HttpRequest, case_id: Id, given: AppealIn) -> Status[EventOut]:
    """Ask to look again at a case that was decided."""
    return _append(request, case_id, AppealOpened(the_app().ids.new(), given.text, given.item_id))


@router.post(
    "/cases/{case_id}/holds", auth=api_auth(Permission.EVIDENCE_HOLD), response=_ADDED, summary="Place a legal hold"
)
@decorate_view(idempotent)
def hold(request: HttpRequest, case_id: Id, given: HoldIn) -> Status[EventOut]:
    """Forbid that anything of the case is destroyed. Two people have to agree to lift it."""
    return _append(request, case_id, HoldPlaced(the_app().ids.new(), given.basis, given.until))


def _append(request: HttpRequest, case_id: str, body: Body) -> Status[EventOut]:
    asking, store = who(request), the_app().cases
    store.case(case_id)
    (logged,) = store.append([Draft(case_id, asking.actor, body, TOOL)])
    return Status(201, event_of(logged, asking, of_case=True))


def _case(one: Case, asking: Principal) -> CaseOut:
    finding = one.finding
    return CaseOut(
        id=one.id,
        state=one.state,
        opened=one.opened,
        updated=one.updated,
        reason=one.reason,
        priority=one.priority,
        queue=one.queue,
        family_id=one.family,
        length=one.length,
        head=one.head,
        items=[
            CaseItemOut(
                id=item.id,
                sha256=item.sha256,
                size=item.size,
                mime=item.mime,
                source=item.source,
                outcome=item.outcome,
                reason=item.reason,
                added=item.added,
                reference=item.reference,
                degraded=item.degraded,
                destroyed=item.destroyed,
            )
            for item in one.items
        ],
        finding=FindingOut.model_validate(finding, from_attributes=True) if finding else None,
        by_policy=one.by_policy,
        appeals=list(one.appeals),
        holds=[HoldOut(id=hold.id, basis=hold.basis, until=hold.until) for hold in one.holds],
        preserve_until=one.preserve_until if reads_closing(asking) else None,
        merged_into=one.merged_into,
    )
