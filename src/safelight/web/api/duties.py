"""Duties of the law: which are open, what made them arise, and what met them; and the law packs that say so."""

from datetime import datetime
from typing import Annotated

from django.http import HttpRequest
from ninja import Query, Router, Status
from ninja.decorators import decorate_view

from safelight.model.access import Permission
from safelight.model.case import Case, CaseDuty, DutyState
from safelight.model.law import Duty, DutyKind, LawPack, LawRule
from safelight.policy.duties import stale
from safelight.web.access import api_auth
from safelight.web.api.asking import who
from safelight.web.api.cursors import Cursor, Limit, opened, sealed
from safelight.web.api.idempotency import idempotent
from safelight.web.api.problem import NOT_FOUND, ProblemError
from safelight.web.api.schemas import Id, answers
from safelight.web.api.schemas_closing import (
    CaseDutiesOut,
    CoveredOut,
    DutiesOut,
    DutyId,
    DutyOut,
    LawOut,
    LawRuleOut,
    MetIn,
    Pack,
    PackOut,
    PackWholeOut,
    RequestIn,
)
from safelight.web.container import the_app

router = Router(tags=["law"])

_READ = api_auth(Permission.REPORT_READ)
_PREPARE = api_auth(Permission.REPORT_PREPARE)


@router.get("/duties", auth=_READ, response=answers(DutiesOut), summary="Open duties, the most urgent first")
def duties(
    request: HttpRequest,
    jurisdiction: Annotated[Pack | None, Query()] = None,
    kind: Annotated[DutyKind | None, Query()] = None,
    *,
    overdue: bool = False,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> DutiesOut:
    """Open duties, case by case: the case first of which one is due first. `limit` counts cases.

    A page may be empty while there is more: it goes on at the cursor.
    """
    del request
    now, after = the_app().clock.now(), opened("duties", cursor, "")
    found = the_app().cases.owing(_place(after), limit + 1)
    page = [(due, case) for due, case in found if not overdue or due < now]
    kept = page[:limit]
    told = [
        duty_of(case.id, one)
        for _, case in kept
        for one in sorted(case.duties, key=_urgency)
        if one.state is DutyState.OPEN
        and jurisdiction in {None, one.duty.jurisdiction}
        and kind in {None, one.duty.kind}
        and not (overdue and not _over(one.duty, now))
    ]
    place = f"{kept[-1][0]:%Y-%m-%dT%H:%M:%S.%f%z} {kept[-1][1].id}" if kept else after
    return DutiesOut(duties=told, more=len(page) > limit, next_cursor=sealed("duties", place))


@router.get("/cases/{case_id}/duties", auth=_READ, response=answers(CaseDutiesOut, 404), summary="Duties of a case")
def case_duties(request: HttpRequest, case_id: Id) -> CaseDutiesOut:
    """All duties that ever arose for a case, the open ones first."""
    del request
    found = the_app().cases.case(case_id)
    ordered = sorted(found.duties, key=lambda one: (one.state is not DutyState.OPEN, _urgency(one)))
    return CaseDutiesOut(duties=[duty_of(case_id, one) for one in ordered])


@router.post(
    "/cases/{case_id}/requests",
    auth=_PREPARE,
    response=answers(DutyOut, 400, 404, 409, status=201),
    summary="Record a request, a notice or an order",
)
@decorate_view(idempotent)
def add_request(request: HttpRequest, case_id: Id, given: RequestIn) -> Status[DutyOut]:
    """A valid request for removal, a notice or an order was received: the clock of the rule begins at that moment."""
    app = the_app()
    app.cases.case(case_id)
    duty = app.settle.request(who(request), case_id, given.at, given.rule, given.note)
    return Status(201, duty_of(case_id, CaseDuty(duty)))


@router.post(
    "/cases/{case_id}/duties/{path:duty_id}/met",
    auth=_PREPARE,
    response=answers(DutyOut, 400, 404, 409),
    summary="Say that a duty was met",
)
@decorate_view(idempotent)
def met(request: HttpRequest, case_id: Id, duty_id: DutyId, given: MetIn) -> DutyOut:
    """What the law asks for was done elsewhere, as when the platform has removed something itself.

    That something was reported only a person can say, in the console.
    """
    app = the_app()
    _duty(app.cases.case(case_id), duty_id)
    app.settle.met(who(request), case_id, duty_id, given.by)
    return duty_of(case_id, _duty(app.cases.case(case_id), duty_id))


@router.get("/law", auth=_READ, response=answers(LawOut), summary="Law packs")
def law(request: HttpRequest) -> LawOut:
    """The law of all jurisdictions that there is a pack of. Nothing of it is legal advice."""
    del request
    return LawOut(packs=[PackOut.model_validate(_facts(pack)) for _, pack in sorted(the_app().law.packs().items())])


@router.get("/law/{pack_id}", auth=_READ, response=answers(PackWholeOut, 404), summary="A law pack")
def pack(request: HttpRequest, pack_id: Pack) -> PackWholeOut:
    """What a jurisdiction covers, who has to do what by when, and how well each rule is known."""
    del request
    found = the_app().law.packs().get(pack_id)
    if found is None:
        raise ProblemError(NOT_FOUND, "there is no such law pack")
    whole = {
        "note": found.note,
        "covered": [CoveredOut.model_validate(one, from_attributes=True) for one in found.covered],
        "scanning": found.scanning.answer,
        "scanning_note": found.scanning.note,
        "rules": [_rule(rule) for rule in found.rules],
    }
    return PackWholeOut.model_validate(_facts(found) | whole)


def duty_of(case: str, one: CaseDuty) -> DutyOut:
    """A duty of a case as it is told."""
    duty = one.duty
    facts = {name: getattr(duty, name) for name in Duty.__dataclass_fields__}
    return DutyOut(case_id=case, state=one.state, by=one.by, **facts)


def _duty(case: Case, duty: str) -> CaseDuty:
    found = next((one for one in case.duties if one.duty.id == duty), None)
    if found is None:
        raise ProblemError(NOT_FOUND, "the case has no such duty")
    return found


def _over(duty: Duty, now: datetime) -> bool:
    """Whether its time is over. What is to be kept until then is never late."""
    return duty.kind is not DutyKind.PRESERVE and duty.due is not None and duty.due < now


def _urgency(one: CaseDuty) -> tuple[bool, str]:
    return one.duty.due is None, one.duty.due.isoformat() if one.duty.due else one.duty.id


def _place(after: str) -> tuple[datetime, str] | None:
    due, _, case = after.partition(" ")
    return (datetime.fromisoformat(due), case) if after else None


def _facts(pack: LawPack) -> dict[str, object]:
    """What a list tells of a pack."""
    app = the_app()
    return {
        "id": pack.id,
        "name": pack.name,
        "as_of": pack.as_of,
        "zone": pack.zone,
        "sha256": pack.sha256,
        "used": pack in app.jurisdictions,
        "stale": bool(stale({pack.id: pack}, app.clock.now().date())),
    }


def _rule(rule: LawRule) -> LawRuleOut:
    today = the_app().clock.now().date()
    in_force = (rule.from_ is None or rule.from_ <= today) and (rule.until is None or today <= rule.until)
    facts = {name: getattr(rule, name) for name in LawRuleOut.model_fields if name != "in_force"}
    return LawRuleOut.model_validate({**facts, "in_force": in_force}, from_attributes=True)
