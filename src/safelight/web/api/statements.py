"""Statements to uploaders, for programs to pass on; the DSA Transparency Database; and a year in figures."""

from typing import Annotated

from django.http import HttpRequest
from ninja import Path, Query, Router
from pydantic import AwareDatetime, JsonValue

from safelight.model.access import Permission
from safelight.report.closing.transparency import exact, public
from safelight.web.access import api_auth
from safelight.web.api.problem import INVALID, ProblemError
from safelight.web.api.schemas import Id, answers
from safelight.web.api.schemas_takedown import OwedOut, StatementOut, StatementsOut, TdbOut
from safelight.web.container import the_app

router = Router(tags=["statements"])

_READ = api_auth(Permission.REPORT_READ)


@router.get(
    "/cases/{case_id}/statements", auth=_READ, response=answers(StatementsOut, 404), summary="Statements of a case"
)
def statements(request: HttpRequest, case_id: Id) -> StatementsOut:
    """What uploaders of items of a case are told and why: pass it on. Policy, or a person, has it written."""
    del request
    app = the_app()
    app.cases.case(case_id)
    made = app.statements.of_case(case_id)
    return StatementsOut(
        statements=[
            StatementOut(
                id=one.id,
                case_id=one.case,
                item_id=one.item,
                kind=one.kind,
                language=one.language,
                at=one.at,
                text=one.text,
                digest=one.digest,
            )
            for one in made
        ],
        owed=[OwedOut(item_id=one.item, kind=one.kind) for one in app.statements.owed(case_id)],
    )


@router.get("/statements/tdb", auth=_READ, response=answers(TdbOut), summary="For the DSA Transparency Database")
def tdb(
    request: HttpRequest, begin: Annotated[AwareDatetime, Query()], end: Annotated[AwareDatetime, Query()]
) -> TdbOut:
    """What was told uploaders from `begin` to before `end`, as the database of the Commission takes it."""
    del request
    if end <= begin:
        where = {"where": ["query", "end"], "what": "is not after `begin`"}
        raise ProblemError(INVALID, "something in the request cannot be used", [where])
    return TdbOut(batches=list(the_app().statements.database(begin, end)))


@router.get("/transparency/{year}", auth=_READ, response=answers(dict[str, JsonValue]), summary="A year in figures")
def yearly(request: HttpRequest, year: Annotated[int, Path(ge=2000, le=9999)], *, inside: bool = False) -> object:
    """The transparency report of a year (UTC): as anybody may see it, or `inside`, exact, for you alone."""
    del request
    made = the_app().transparency(year)
    return exact(made) if inside else public(made)
