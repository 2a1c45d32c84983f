"""Requests for removal by people who are depicted, from the intake forms of platforms."""

from django.http import HttpRequest
from ninja import Router, Status
from ninja.decorators import decorate_view

from safelight.flow.merged import current
from safelight.model.access import Permission
from safelight.model.removal import Received
from safelight.web.access import api_auth
from safelight.web.api.asking import who
from safelight.web.api.idempotency import idempotent
from safelight.web.api.problem import NOT_FOUND, ProblemError
from safelight.web.api.schemas import Id, answers
from safelight.web.api.schemas_requests import RemovalIn, RemovalOut, RemovalsOut, SaidIn
from safelight.web.container import the_app

router = Router(tags=["law"])

_READ = api_auth(Permission.REPORT_READ)
_PREPARE = api_auth(Permission.REPORT_PREPARE)


@router.get(
    "/cases/{case_id}/removal-requests",
    auth=_READ,
    response=answers(RemovalsOut, 404),
    summary="Requests of people depicted",
)
def removals(request: HttpRequest, case_id: Id) -> RemovalsOut:
    """Which requests there are about a case and where they stand; nothing of what they say."""
    found = the_app().requests.of_case(who(request), case_id)
    return RemovalsOut(requests=[_told(case_id, one) for one in found])


@router.post(
    "/cases/{case_id}/removal-requests",
    auth=_PREPARE,
    response=answers(RemovalOut, 400, 404, 409, status=201),
    summary="Take down a request of a person depicted",
)
@decorate_view(idempotent)
def receive(request: HttpRequest, case_id: Id, given: RemovalIn) -> Status[RemovalOut]:
    """Somebody depicted, or who acts for them, asks for removal (TAKE IT DOWN Act, 47 U.S.C. 223a).

    If nothing is missing it is valid, and 48 hours run from `at`. Else it is kept, `missing` says what to ask for, and
    no clock runs.
    """
    app = the_app()
    app.cases.case(case_id)
    made = app.requests.receive(who(request), case_id, given.item_id, given.said(), given.at, pass_on=given.pass_on)
    return Status(201, _told(case_id, made))


@router.post(
    "/cases/{case_id}/removal-requests/{request_id}/complete",
    auth=_PREPARE,
    response=answers(RemovalOut, 400, 404, 409),
    summary="Add what a request was missing",
)
@decorate_view(idempotent)
def complete(request: HttpRequest, case_id: Id, request_id: Id, given: SaidIn) -> RemovalOut:
    """What was missing came in at `at`. Fields in which something is said already are passed over."""
    app, me = the_app(), who(request)
    if all(one.id != request_id for one in app.requests.of_case(me, case_id)):
        raise ProblemError(NOT_FOUND, "the case has no such request")
    return _told(case_id, app.requests.complete(me, case_id, request_id, given.said(), given.at))


def _told(case_id: str, one: Received) -> RemovalOut:
    case = current(the_app().cases, case_id)
    duty = next((duty.duty for duty in case.duties if duty.duty.id == one.duty), None)
    return RemovalOut(
        id=one.id,
        case_id=one.case,
        item_id=one.item,
        state=one.state,
        missing=list(one.lacks),
        received=one.received,
        valid=one.valid,
        due=duty.due if duty else None,
        duty_id=one.duty,
        pass_on=one.pass_on,
        erased=one.erased,
    )
