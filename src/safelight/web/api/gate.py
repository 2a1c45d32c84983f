"""The upload gate: one request for each upload, one answer; see docs/gate.md."""

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import cache
from typing import BinaryIO

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema, Status
from pydantic import Field, ValidationError

from safelight.flow.gate import Gate
from safelight.flow.intake import Arrival
from safelight.model.access import Permission
from safelight.model.service import GateVerdict
from safelight.web.access import api_auth
from safelight.web.api.jobs import the_intake
from safelight.web.api.problem import INVALID, ProblemError, invalid
from safelight.web.api.schemas import ItemIn, Word, answers
from safelight.web.api.uploads import FETCHES, FORM, JSON, of_url
from safelight.web.bodies import body_of
from safelight.web.container import the_app
from safelight.web.ops.metrics import count_gate

router = Router(tags=["gate"])

STATUS = {GateVerdict.ALLOW: 200, GateVerdict.HOLD: 202, GateVerdict.DENY: 451}
NAME = "upload"
"""What rows call an upload: its own name is nobody's business."""

_URL_BYTES = 8 << 10
_TEXTS = {
    "requestBody": {
        "required": True,
        "description": "the bytes of the file, of whatever media type but these: JSON, which names a URL, and forms",
        "content": {
            "application/octet-stream": {"schema": {"type": "string", "format": "binary", "minLength": 1}},
            "application/json": {"schema": ItemIn.model_json_schema()},
        },
    }
}


class GateAbout(Schema):
    """What integrators may say of an upload."""

    reference: Word = Field("", description="your own id of it")
    account: Word = Field("", description="your own id of who uploads it")


class GateOut(Schema):
    """The answer, of the same form whatever it is."""

    verdict: GateVerdict = Field(description="`allow` (200), `hold` (202) until a person has looked, `deny` (451)")
    checked: bool = Field(description="it was looked at in full; else the verdict is what the operator chose for that")
    item: str | None = Field(None, description="under which what is not allowed was kept")


@cache
def the_gate() -> Gate:
    """The one of this process."""
    return the_app().gate(lambda file, arrival: the_intake().receive(file, arrival).id)


@cache
def _threads() -> Executor:
    """Those that fetch, and do nothing else: what is slow elsewhere holds nothing up here."""
    return ThreadPoolExecutor(FETCHES, "fetch")


@router.post(
    "/gate",
    auth=api_auth(Permission.GATE_CHECK),
    response={**answers(GateOut, 400, 408, 413, 503), 202: GateOut, 451: GateOut},
    exclude_none=True,
    openapi_extra=_TEXTS,
    summary="May this be uploaded?",
)
async def check(request: HttpRequest, response: HttpResponse, about: Query[GateAbout]) -> Status[GateOut]:
    """Say whether an upload may go ahead, within the time that the operator has set.

    A file that could not be looked at is held, or allowed with `checked` false, as the operator chose. What is not
    allowed is kept as an item. An idempotency key means nothing here.
    """
    async with _file(request) as (file, url):
        answer = await the_gate().check(file, NAME, Arrival("gate", about.reference, about.account, url=url))
    count_gate(answer.verdict, checked=answer.checked)
    if answer.retry:
        response["Retry-After"] = str(answer.retry)
    out = GateOut(verdict=answer.verdict, checked=answer.checked, item=answer.item)
    return Status(STATUS[answer.verdict], out)


@asynccontextmanager
async def _file(request: HttpRequest) -> AsyncIterator[tuple[BinaryIO, str]]:
    """The upload as an open file in anonymous memory, and its URL; empty where its bytes were sent."""
    if request.content_type == FORM:
        raise _not_so("send the bytes themselves, not a form")
    if request.content_type == JSON:
        url, threads = _url(request), _threads()
        fetched = of_url(request, url)
        file = await asyncio.get_running_loop().run_in_executor(threads, fetched.__enter__)
        try:
            yield file, url
        finally:
            fetched.__exit__(None, None, None)
        return
    body = getattr(request, "body_file", None) or body_of([request.body], the_app().settings.service.max_upload)
    with body:
        if not body.size:
            raise _not_so("the file is empty")
        yield body, ""


def _url(request: HttpRequest) -> str:
    try:
        return ItemIn.model_validate_json(request.read(_URL_BYTES)).url
    except ValidationError as error:
        raise invalid(error.errors()) from None


def _not_so(what: str) -> ProblemError:
    return ProblemError(INVALID, "something in the request cannot be used", [{"where": ["body"], "what": what}])
