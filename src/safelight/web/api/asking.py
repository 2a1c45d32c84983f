"""Who asks, for operations that act in their name."""

from django.http import HttpRequest

from safelight.model.access import Principal
from safelight.model.errors import ForbiddenError
from safelight.web.access import principal_of


def who(request: HttpRequest) -> Principal:
    """The principal of a request that its route let in. Raises ForbiddenError."""
    found = principal_of(request)
    if found is None:  # the route's permission has seen to it
        raise ForbiddenError
    return found
