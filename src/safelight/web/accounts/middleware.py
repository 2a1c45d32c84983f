"""Who asks."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from safelight.model.access import Actor, ActorKind, Principal, Role, granted


class PrincipalMiddleware:
    """Puts `request.principal` there; see `safelight.web.access`."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """See the class."""
        user = request.user
        request.principal = (  # type: ignore[attr-defined]
            Principal(Actor(ActorKind.USER, str(user.pk)), granted(map(Role, user.roles)), str(user.username))
            if user.is_authenticated
            else None
        )
        return self._next(request)
