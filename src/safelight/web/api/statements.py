"""Statements to uploaders, for programs to pass on; the DSA Transparency Database; and a year in figures."""

from typing import Annotated

from django.http import HttpRequest
from ninja import Path, Query, Router
from ninja.decorators import decorate_view
from pydantic import JsonValue

from safelight.flow.merged import current
from safelight.model.access import Permission
from safelight.model.statement import Statement
from safelight.report.closing.tdb import batches
from safelight.report.closing.transparency import exact, public
from safelight.web.access import api_auth
from safelight.web.api.asking import who
from safelight.web.api.cursors import Cursor, Limit, opened, sealed
from safelight.web.api.idempotency import idempotent
from safelight.web.api.problem import INVALID, NOT_FOUND, ProblemError
from safelight.web.api.schemas import Id, Moment, answers
from safelight.web.api.schemas_takedown import OwedOut, StatementOut, StatementsOut, TdbOut
from safelight.web.container import the_app

router = Router(tags=["statements"])

_READ = api_auth(Permission.REPORT_READ)


@router.get(
    "/cases/{case_id}/statements", auth=_READ, response=answers(StatementsOut, 404), summary="Statements of a case"
)
def statements(request: HttpRequest, case_id: Id) -> StatementsOut:
    """What uploaders of items of a case are told and why: pass it on, and say so. Policy or a person has it written."""
    del request
    app = the_app()
    app.cases.case(case_id)
    made = app.statements.of_case(case_id)
    return StatementsOut(
        statements=[_out(one) for one in made],
        owed=[OwedOut(item_id=one.item, kind=one.kind) for one in app.statements.owed(case_id)],
    )


@router.post(
    "/cases/{case_id}/statements/{statement_id}/told",
    auth=api_auth(Permission.REPORT_PREPARE),
    response=answers(StatementOut, 404, 409),
    summary="Say that a statement was passed on",
)
@decorate_view(idempotent)
def told(request: HttpRequest, case_id: Id, statement_id: Id) -> StatementOut:
    """You told the uploader: the duty to is open until you, or a person here, say so. Repeated, it changes nothing."""
    app = the_app()
    if all(one.id != statement_id for one in app.statements.of_case(current(app.cases, case_id).id)):
        raise ProblemError(NOT_FOUND, "the case has no such statement")
    return _out(app.statements.told(who(request), case_id, statement_id))


@router.get("/statements/tdb", auth=_READ, response=answers(TdbOut), summary="For the DSA Transparency Database")
def tdb(
    request: HttpRequest,
    begin: Annotated[Moment, Query()],
    end: Annotated[Moment, Query()],
    cursor: Cursor = None,
    limit: Limit = 100,
) -> TdbOut:
    """What was told uploaders from `begin` to before `end`, as the database of the Commission takes it.

    `limit` counts statements. The next page is asked for with the same `begin` and `end`.
    """
    del request
    after = opened("statements/tdb", cursor, -1)
    if end <= begin:
        where = {"where": ["query", "end"], "what": "is not after `begin`"}
        raise ProblemError(INVALID, "something in the request cannot be used", [where])
    page = the_app().statements.records(begin, end, after, limit + 1)
    kept = page[:limit]
    return TdbOut(
        batches=list(batches(record for _, record in kept)),
        more=len(page) > limit,
        next_cursor=sealed("statements/tdb", kept[-1][0] if kept else after),
    )


@router.get("/transparency/{year}", auth=_READ, response=answers(dict[str, JsonValue]), summary="A year in figures")
def yearly(request: HttpRequest, year: Annotated[int, Path(ge=2000, le=9999)], *, inside: bool = False) -> object:
    """The transparency report of a year (UTC): as anybody may see it, or `inside`, exact, for you alone."""
    del request
    made = the_app().transparency(year)
    return exact(made) if inside else public(made)


def _out(one: Statement) -> StatementOut:
    return StatementOut(
        id=one.id,
        case_id=one.case,
        item_id=one.item,
        kind=one.kind,
        language=one.language,
        at=one.at,
        text=one.text,
        digest=one.digest,
        told_at=one.told,
    )
