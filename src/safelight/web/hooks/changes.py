"""Changes of endpoints, in the log."""

from django.http import HttpRequest

from safelight.model.case import SERVICE_CASE, Draft, ServiceEvent
from safelight.web.access import principal_of
from safelight.web.container import the_app
from safelight.web.hooks.models import Endpoint


def note(request: HttpRequest, what: str, endpoint: Endpoint) -> None:
    """Put into the log who changed which endpoint."""
    principal = principal_of(request)
    if principal is not None:
        event = ServiceEvent(what, {"endpoint": str(endpoint.pk)})
        the_app().cases.append([Draft(SERVICE_CASE, principal.actor, event)])
