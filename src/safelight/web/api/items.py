"""Items: files that integrators hand in to be examined, and what was found."""

from functools import partial
from typing import TypeVar

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Status
from ninja.decorators import decorate_view
from pydantic import BaseModel, ValidationError

from safelight.flow.intake import Arrival
from safelight.model.access import Permission
from safelight.model.match import Match
from safelight.model.segment import most_replaced
from safelight.model.service import Blob, Item
from safelight.web.access import api_auth
from safelight.web.api.cursors import Cursor, Limit, opened, sealed
from safelight.web.api.idempotency import idempotent
from safelight.web.api.jobs import the_intake
from safelight.web.api.problem import INVALID, ProblemError, invalid
from safelight.web.api.schemas import (
    Id,
    ItemAbout,
    ItemAccepted,
    ItemIn,
    ItemOut,
    ItemsOut,
    MatchesOut,
    MatchOut,
    answers,
)
from safelight.web.api.uploads import fetched, uploaded
from safelight.web.container import the_app
from safelight.web.hooks.models import Endpoint
from safelight.web.hooks.sending import hears

router = Router(tags=["items"])

_T = TypeVar("_T", bound=BaseModel)
_ABOUT = ItemAbout.model_json_schema()["properties"]
_BYTES = {"type": "string", "format": "binary"}
_FORM = {"type": "object", "required": ["file"], "properties": {"file": _BYTES, **_ABOUT}}
_BODY = {
    "requestBody": {
        "required": True,
        "description": "the bytes of the file, of whatever media type; or a form; or an object with the file's URL",
        "content": {
            "application/octet-stream": {"schema": {**_BYTES, "minLength": 1}},
            "multipart/form-data": {"schema": _FORM},
            "application/json": {"schema": ItemIn.model_json_schema()},
        },
    }
}


def _sealed(request: HttpRequest) -> tuple[Blob, Arrival]:
    """What is handed in, encrypted, and fetched before if it is elsewhere; asked again, the same.

    It takes long, so it is done before any transaction, for which others would have to wait.
    """
    made: tuple[Blob, Arrival] | None = getattr(request, "sealed", None)
    if made is None:
        upload = uploaded(request)
        said = _valid(ItemAbout, upload.fields)
        _check_callback(said.callback)
        url = _valid(ItemIn, request.body).url if upload.file is None else ""
        if url:
            upload = fetched(request, url)
        assert upload.file is not None
        arrival = Arrival("items", said.reference, said.account, said.callback, said.keep, url)
        made = the_intake().seal(upload.file), arrival
        request.sealed = made  # type: ignore[attr-defined]
    return made


def _check_callback(number: str) -> None:
    """Raises ProblemError for a callback that would never hear of the item."""
    if number and not hears(Endpoint.objects.filter(pk=int(number), disabled=None).first(), "item.done"):
        where = {"where": ["query", "callback"], "what": "no webhook endpoint of that id is told `item.done`"}
        raise ProblemError(INVALID, "something in the request cannot be used", [where])


def _valid(schema: type[_T], said: bytes | dict[str, str]) -> _T:
    try:
        return schema.model_validate_json(said) if isinstance(said, bytes) else schema.model_validate(said)
    except ValidationError as error:
        raise invalid(error.errors()) from None


@router.post(
    "/items",
    auth=api_auth(Permission.ITEM_ADD),
    response=answers(ItemAccepted, 400, 409, 413, status=202),
    openapi_extra=_BODY,
    summary="Hand in a file",
)
@decorate_view(partial(idempotent, before=_sealed))
def add_item(request: HttpRequest, response: HttpResponse, about: Query[ItemAbout]) -> Status[ItemAccepted]:
    """Take a file in. A worker examines it; a webhook, or `GET /items/{id}`, tells when that is done."""
    del about  # in the document; a form may say the same, and is read with it
    item = the_intake().accept(*_sealed(request))
    response["Location"] = f"/api/v1/items/{item.id}"
    return Status(202, ItemAccepted(id=item.id, created=item.created, reference=item.reference, account=item.account))


@router.get(
    "/items",
    auth=api_auth(Permission.ITEM_READ),
    response=answers(ItemsOut),
    summary="Items, the oldest first",
)
def items(request: HttpRequest, cursor: Cursor = None, limit: Limit = 100) -> ItemsOut:
    """A page of items. What comes later is behind the last cursor."""
    del request
    after = opened("items", cursor, "")
    page = the_app().cases.items(after, limit + 1)
    kept = page[:limit]
    place = sealed("items", kept[-1].id if kept else after)
    return ItemsOut(items=list(map(_item, kept)), more=len(page) > limit, next_cursor=place)


@router.get("/items/{item_id}", auth=api_auth(Permission.ITEM_READ), response=answers(ItemOut, 404), summary="An item")
def item(request: HttpRequest, item_id: Id) -> ItemOut:
    """An item as it is now."""
    del request
    return _item(the_app().cases.item(item_id))


@router.get(
    "/items/{item_id}/matches",
    auth=api_auth(Permission.ITEM_READ),
    response=answers(MatchesOut, 404),
    summary="What an item agrees with",
)
def matches(request: HttpRequest, item_id: Id) -> MatchesOut:
    """All matches of an item, at most 1,000; none while it waits."""
    del request
    row = the_app().cases.item(item_id).row
    return MatchesOut(item_id=item_id, matches=[_match(match) for match in (row.matches if row else ())])


def _item(one: Item) -> ItemOut:
    row = one.row
    decision = row.decision if row else None
    return ItemOut(
        id=one.id,
        state=one.state,
        created=one.created,
        updated=one.updated,
        source=one.source,
        reference=one.reference,
        account=one.account,
        media_kept=one.blob is not None,
        sha256=one.sha256,
        size=row.size if row else None,
        mime=row.mime if row else None,
        status=row.status if row else None,
        outcome=decision.outcome if decision else None,
        actions=list(decision.actions) if decision else [],
        reason=decision.reason if decision else None,
        degraded=decision.degraded if decision else None,
        artificialness=row.assessment.artificialness if row else None,
        case_id=one.case,
    )


def _match(match: Match) -> MatchOut:
    region = match.altered_region or most_replaced(match.segments)
    return MatchOut(
        match_type=match.kind,
        algorithm=match.algorithm,
        bank=match.bank,
        entry=match.entry,
        classification=match.classification,
        distance=match.distance,
        p_false_match=match.p_false_match,
        negative=match.negative,
        suppressed_by=match.suppressed_by,
        mirrored=match.mirrored,
        inliers=match.inliers,
        altered=region.area if region else None,
        time=match.time,
        source_time=match.source_time,
        share=match.share,
    )
