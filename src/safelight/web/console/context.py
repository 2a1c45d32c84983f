"""What every page of the console knows."""

from django.http import HttpRequest

from safelight.web.access import principal_of


def console(request: HttpRequest) -> dict[str, object]:
    """`principal`: who is signed in, None for nobody."""
    return {"principal": principal_of(request)}
