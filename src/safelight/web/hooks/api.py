"""Webhooks in the API: `/api/v1/webhooks`."""

from datetime import datetime
from typing import Annotated

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Router, Schema, Status
from pydantic import AfterValidator, Field, StringConstraints

from safelight.model.access import Permission
from safelight.model.errors import ForbiddenError
from safelight.web.access import api_auth
from safelight.web.hooks.changes import deliveries_of, may_read_cases, note, set_cases
from safelight.web.hooks.events import EVENTS
from safelight.web.hooks.models import Delivery, Endpoint
from safelight.web.hooks.sending import add_endpoint, emit, rotate

router = Router(tags=["webhooks"], auth=api_auth(Permission.HOOK_MANAGE))


def _known(event: str) -> str:
    if event not in EVENTS:
        raise ValueError("there is no such event")
    return event


EventName = Annotated[str, AfterValidator(_known), Field(json_schema_extra={"enum": list(EVENTS)})]
Url = Annotated[str, StringConstraints(pattern=r"^https?://[!-~]+$", max_length=2_048)]


class NewEndpoint(Schema):
    """An endpoint to add. No `events` means all that it may hear."""

    url: Url
    events: list[EventName] = Field(default_factory=list, max_length=len(EVENTS))
    description: str = Field("", max_length=200)


class Hearing(Schema):
    """Whether an endpoint is to hear of cases."""

    cases: bool


class EndpointOut(Schema):
    """An endpoint as it is now."""

    id: int
    url: str
    description: str
    events: list[str]
    cases: bool = Field(description="it hears of cases: somebody who may read them has said so")
    created: datetime
    disabled: datetime | None
    reason: str


class EndpointWithSecret(EndpointOut):
    """An endpoint with its secret, which is told this once."""

    secret: str


class DeliveryOut(Schema):
    """How telling one message went. `status`: of the last answer."""

    id: int
    message: str = Field(alias="message_id")
    attempts: int
    status: int | None
    done: datetime | None
    failed: datetime | None


@router.get("", response=list[EndpointOut], summary="Webhook endpoints")
def endpoints(request: HttpRequest) -> list[Endpoint]:
    """All endpoints, oldest first."""
    del request
    return list(Endpoint.objects.order_by("pk"))


@router.post("", response={201: EndpointWithSecret}, summary="Add a webhook endpoint")
def add(request: HttpRequest, given: NewEndpoint) -> Status[dict[str, object]]:
    """Add an endpoint; its secret is in this answer and never again. It hears of cases if you may read them."""
    made, secret = add_endpoint(given.url, given.events, given.description, cases=may_read_cases(request))
    note(request, "webhook.added", made)
    return Status(201, _with_secret(made, secret))


@router.post("/{int:endpoint}/rotate", response=EndpointWithSecret, summary="Give an endpoint another secret")
def rotate_secret(request: HttpRequest, endpoint: int) -> dict[str, object]:
    """A new secret; for a day, messages are signed with the old one, too."""
    found = get_object_or_404(Endpoint, pk=endpoint)
    secret = rotate(found)
    note(request, "webhook.rotated", found)
    return _with_secret(found, secret)


@router.post("/{int:endpoint}/test", response={202: None}, summary="Send a test message")
def test(request: HttpRequest, endpoint: int) -> Status[None]:
    """Send a message that says nothing."""
    del request
    emit("endpoint.test", {}, only=get_object_or_404(Endpoint, pk=endpoint))
    return Status(202, None)


@router.post("/{int:endpoint}/enable", response=EndpointOut, summary="Enable an endpoint again")
def enable(request: HttpRequest, endpoint: int) -> Endpoint:
    """What happened while it was disabled is not told."""
    found = get_object_or_404(Endpoint, pk=endpoint)
    found.disabled, found.reason = None, ""
    found.save()
    note(request, "webhook.enabled", found)
    return found


@router.post("/{int:endpoint}/cases", response=EndpointOut, summary="Let an endpoint hear of cases, or not any more")
def hear(request: HttpRequest, endpoint: int, given: Hearing) -> Endpoint:
    """Say whether it hears of cases. To let it, you must be one who may read them."""
    if given.cases and not may_read_cases(request):
        raise ForbiddenError
    found = get_object_or_404(Endpoint, pk=endpoint)
    set_cases(request, found, cases=given.cases)
    return found


@router.get("/{int:endpoint}/deliveries", response=list[DeliveryOut], summary="The latest 100 deliveries")
def deliveries(request: HttpRequest, endpoint: int) -> list[Delivery]:
    """How telling went, the newest first; without messages of cases for who may not read these."""
    return deliveries_of(get_object_or_404(Endpoint, pk=endpoint), request)


@router.delete("/{int:endpoint}", response={204: None}, summary="Remove an endpoint")
def remove(request: HttpRequest, endpoint: int) -> Status[None]:
    """Remove it, with what was still to be sent."""
    found = get_object_or_404(Endpoint, pk=endpoint)
    note(request, "webhook.removed", found)
    found.delete()
    return Status(204, None)


def _with_secret(endpoint: Endpoint, secret: str) -> dict[str, object]:
    return {**EndpointOut.from_orm(endpoint).dict(), "secret": secret}
