"""Reports: prepared by programs, read and sent by people. There is no operation that sends one, for nobody."""

from typing import Annotated, Any, Final

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Status
from ninja.decorators import decorate_view

from safelight.model.access import Permission
from safelight.model.codec import convert
from safelight.model.filing import Body, Filing, FilingState, Told
from safelight.report.closing.case_documents import CASE_DOCUMENTS
from safelight.web.access import api_auth
from safelight.web.api.asking import who
from safelight.web.api.cursors import Cursor, Limit, opened, sealed
from safelight.web.api.idempotency import idempotent
from safelight.web.api.problem import NOT_FOUND, ProblemError
from safelight.web.api.schemas import Id, answers
from safelight.web.api.schemas_closing import (
    DocumentOut,
    FiledItemOut,
    FilingChange,
    FilingIn,
    FilingOut,
    FilingsOut,
    PreviewOut,
    ToldIn,
)
from safelight.web.container import the_app

router = Router(tags=["reports"])

_READ = api_auth(Permission.REPORT_READ)
_PREPARE = api_auth(Permission.REPORT_PREPARE)
_DOCUMENTS: Final[dict[str, Any]] = {
    "responses": {
        200: {
            "description": "the document",
            "content": {
                "application/ld+json": {"schema": {"type": "object"}},
                "application/json": {"schema": {"type": "object"}},
                "application/pdf": {"schema": {"type": "string", "format": "binary"}},
            },
        }
    }
}


@router.get("/filings", auth=_READ, response=answers(FilingsOut), summary="Reports, the oldest first")
def filings(
    request: HttpRequest,
    state: Annotated[FilingState | None, Query()] = None,
    body: Annotated[Body | None, Query()] = None,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> FilingsOut:
    """A page of reports, of a state or to a receiver if one is named."""
    del request
    after = opened("filings", cursor, "")
    page = the_app().filings.all([state] if state else (), body, after, limit + 1)
    kept = page[:limit]
    place = sealed("filings", kept[-1].id if kept else after)
    return FilingsOut(filings=list(map(filing_of, kept)), more=len(page) > limit, next_cursor=place)


@router.get("/filings/{filing_id}", auth=_READ, response=answers(FilingOut, 404), summary="A report")
def filing(request: HttpRequest, filing_id: Id) -> FilingOut:
    """A report as it is now."""
    del request
    return filing_of(the_app().filings.get(filing_id))


@router.get(
    "/filings/{filing_id}/preview",
    auth=_READ,
    response=answers(PreviewOut, 404, 409),
    summary="What a report would say",
)
def preview(request: HttpRequest, filing_id: Id) -> PreviewOut:
    """The documents as they would be sent, or were; no media."""
    del request
    shown = the_app().reports.preview(filing_id)
    documents = [DocumentOut(name=one.name, mime=one.mime, text=one.text) for one in shown.documents]
    return PreviewOut(documents=documents, digest=shown.digest, flaws=list(shown.flaws))


@router.get(
    "/cases/{case_id}/documents/{form}",
    auth=_READ,
    response=answers(None, 404, 409),
    openapi_extra=_DOCUMENTS,
    summary="A document about a case",
)
def document(request: HttpRequest, case_id: Id, form: str) -> HttpResponse:
    """What is known of a case as it is now, without media: `case` (CASE/UCO), `vics` (VICS 2.0) or `pdf`, a summary."""
    del request
    if form not in CASE_DOCUMENTS:
        raise ProblemError(NOT_FOUND, "there is no such document")
    made = the_app().case_document(case_id, form)
    return HttpResponse(made.content, content_type=made.mime)


@router.post(
    "/cases/{case_id}/filings",
    auth=_PREPARE,
    response=answers(FilingOut, 400, 404, 409, status=201),
    summary="Prepare a report",
)
@decorate_view(idempotent)
def draft(request: HttpRequest, case_id: Id, given: FilingIn) -> Status[FilingOut]:
    """Draft a report on what is confirmed of a case. A person reads it in the console, and sends it."""
    app = the_app()
    app.cases.case(case_id)
    made = app.reports.draft(who(request), case_id, given.body, _told(given.told) if given.told else None)
    return Status(201, filing_of(made))


@router.patch(
    "/filings/{filing_id}",
    auth=_PREPARE,
    response=answers(FilingOut, 400, 404, 409),
    summary="Change a draft",
)
def change(request: HttpRequest, filing_id: Id, given: FilingChange) -> FilingOut:
    """Change what a draft tells, and whose media goes along. What a person has confirmed stays as it is."""
    app = the_app()
    told = _told(given.told) if given.told else app.filings.get(filing_id).told
    return filing_of(app.reports.change(who(request), filing_id, told, given.uploads))


def filing_of(one: Filing) -> FilingOut:
    """A report as it is told: not what it says, nor who confirmed it."""
    return FilingOut(
        id=one.id,
        case_id=one.case,
        body=one.body,
        state=one.state,
        created=one.created,
        items=[
            FiledItemOut(
                item_id=item.item,
                sha256=item.sha256,
                viewed=item.viewed,
                upload=item.upload,
                step=item.step,
                number=item.number,
            )
            for item in one.items
        ],
        confirmed=one.confirmed,
        number=one.number,
        opened=one.opened,
        finished=one.finished,
        digest=one.digest,
        cause=one.cause,
        production=one.production,
        erased=one.erased,
    )


def _told(given: ToldIn) -> Told:
    """What is told, as a value of the model: the names of the fields are the same."""
    return convert(given.model_dump(), Told)
