"""URLs that are worked on: added, and followed, by programs; notices go out once a person has begun."""

from typing import Annotated

from django.http import HttpRequest
from ninja import Query, Router, Status
from ninja.decorators import decorate_view

from safelight.flow.takedown_retract import of_abuse
from safelight.model.access import Permission
from safelight.model.takedown import Location, Notice, NoticeState
from safelight.report.takedown_figures import figures
from safelight.web.access import api_auth
from safelight.web.api.asking import who
from safelight.web.api.cursors import Cursor, Limit, opened, sealed
from safelight.web.api.idempotency import idempotent
from safelight.web.api.problem import NOT_FOUND, ProblemError
from safelight.web.api.schemas import Id, answers
from safelight.web.api.schemas_takedown import (
    AnswerIn,
    ContactOut,
    FiguresOut,
    LocationIn,
    LocationOut,
    LocationsOut,
    LookOut,
    NoticeOut,
    RetractionOut,
)
from safelight.web.container import the_app

router = Router(tags=["takedown"])

_READ = api_auth(Permission.REPORT_READ)
_ADD = api_auth(Permission.TAKEDOWN_ADD)


@router.post(
    "/cases/{case_id}/locations",
    auth=_ADD,
    response=answers(LocationOut, 400, 404, 409, status=201),
    summary="Say where an item is",
)
@decorate_view(idempotent)
def add(request: HttpRequest, case_id: Id, given: LocationIn) -> Status[LocationOut]:
    """An item of the case is at this URL. It is looked at and written about once a person begins that."""
    app = the_app()
    app.cases.case(case_id)
    return Status(201, location_of(app.takedown.add(who(request), case_id, given.item_id, given.url)))


@router.get("/locations", auth=_READ, response=answers(LocationsOut, 404), summary="Locations, the oldest first")
def locations(
    request: HttpRequest,
    case: Annotated[Id | None, Query()] = None,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> LocationsOut:
    """A page of locations; all of a case if one is named."""
    del request
    store = the_app().takedowns
    after = opened("locations", cursor, "")
    if case is None:
        page = store.all(after, limit + 1)
    else:
        the_app().cases.case(case)
        page = [one for one in store.of_case(case) if one.id > after][: limit + 1]
    kept = page[:limit]
    place = sealed("locations", kept[-1].id if kept else after)
    return LocationsOut(locations=list(map(location_of, kept)), more=len(page) > limit, next_cursor=place)


@router.get("/locations/{location_id}", auth=_READ, response=answers(LocationOut, 404), summary="A location")
def location(request: HttpRequest, location_id: Id) -> LocationOut:
    """A location with its timeline: checks after which it was another, and notices, in their order."""
    del request
    return location_of(the_app().takedowns.get(location_id))


@router.post(
    "/locations/{location_id}/notices/{notice_id}/answer",
    auth=_ADD,
    response=answers(LocationOut, 400, 404, 409),
    summary="Pass on the answer to a notice",
)
@decorate_view(idempotent)
def answer(request: HttpRequest, location_id: Id, notice_id: Id, given: AnswerIn) -> LocationOut:
    """Say what a host has answered. That it was removed is true once a check has found it gone.

    That somebody refuses, or cannot be reached, has the next one told at once: people say so, in the console.
    """
    app = the_app()
    if all(one.id != notice_id for one in app.takedown.get(location_id).notices):
        raise ProblemError(NOT_FOUND, "the location has no such notice")
    state = NoticeState(given.state)
    return location_of(app.takedown.answer(who(request), location_id, notice_id, state, given.note))


@router.get("/takedown-figures", auth=_READ, response=answers(FiguresOut), summary="How fast hosts remove")
def takedown_figures(request: HttpRequest) -> FiguresOut:
    """Hosts and networks, the slowest first. What is still there counts, too, by the estimator of Kaplan and Meier."""
    del request
    app = the_app()
    return FiguresOut.model_validate(figures(of_abuse(app.cases, app.takedowns), app.clock.now()), from_attributes=True)


def location_of(one: Location) -> LocationOut:
    """A location as it is told."""
    return LocationOut(
        id=one.id,
        case_id=one.case,
        item_id=one.item,
        url=one.url,
        added=one.added,
        begun=one.begun,
        place=one.place,
        gone=one.gone,
        returned=one.returned,
        found_as=one.found_as,
        last_look=one.last_look,
        next_look=one.next_look,
        closed=one.closed,
        notices=list(map(_notice, one.notices)),
        looks=[LookOut.model_validate(look, from_attributes=True) for look in one.looks],
        retractions=[RetractionOut.model_validate(each, from_attributes=True) for each in one.retractions],
    )


def _notice(one: Notice) -> NoticeOut:
    facts = {name: getattr(one, name) for name in NoticeOut.model_fields if name != "contact"}
    return NoticeOut(contact=ContactOut.model_validate(one.contact, from_attributes=True), **facts)
