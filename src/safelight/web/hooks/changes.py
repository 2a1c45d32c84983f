"""Endpoints and who asks: changes go into the log, and of cases hears who may read them."""

from django.db import transaction
from django.http import HttpRequest

from safelight.model.access import Permission
from safelight.web.access import principal_of
from safelight.web.accounts.events import log
from safelight.web.hooks.events import OPEN
from safelight.web.hooks.models import Delivery, Endpoint

_SHOWN = 100


def note(request: HttpRequest, what: str, endpoint: Endpoint) -> None:
    """Put into the log who changed which endpoint."""
    principal = principal_of(request)
    if principal is not None:
        log(principal.actor, what, endpoint=str(endpoint.pk))


def set_cases(request: HttpRequest, endpoint: Endpoint, *, cases: bool) -> None:
    """Let an endpoint hear of cases or not, and put that into the log."""
    if endpoint.cases is not cases:
        with transaction.atomic():
            Endpoint.objects.filter(pk=endpoint.pk).update(cases=cases)
            note(request, "webhook.granted" if cases else "webhook.withdrawn", endpoint)
        endpoint.cases = cases


def may_read_cases(request: HttpRequest) -> bool:
    """Whether who asks may read cases, and so may let a server hear of them."""
    principal = principal_of(request)
    return principal is not None and principal.may(Permission.CASE_READ)


def deliveries_of(endpoint: Endpoint, request: HttpRequest) -> list[Delivery]:
    """The latest deliveries, the newest first. That there was a message of a case is for who may read cases."""
    found = Delivery.objects.filter(endpoint=endpoint).select_related("message").order_by("-pk")
    return list((found if may_read_cases(request) else found.filter(message__event__in=OPEN))[:_SHOWN])
