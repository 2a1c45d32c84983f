"""Every route declares one permission here; without it nobody gets in. docs/access.md follows a request through.

`PrincipalMiddleware` says who asks, from a session or from an API key, never from both: a request with a key is not
looked up by its cookies. `requires` is for views, `api_auth` for routes of the API. Both leave the permission on what
they decorate, so that a test can ask every route for it.
"""

from collections.abc import Callable
from functools import wraps
from inspect import iscoroutinefunction
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from ninja.security.base import AuthBase

from safelight.model.access import Permission, Principal
from safelight.model.errors import ForbiddenError

View = Callable[..., Any]


def principal_of(request: HttpRequest) -> Principal | None:
    """Who asks; None for nobody that is known."""
    found: Principal | None = getattr(request, "principal", None)
    return found


def requires(permission: Permission) -> Callable[[View], View]:
    """A view that only those with this permission reach; others are asked to sign in, or get ForbiddenError."""

    def decorate(view: View) -> View:
        if iscoroutinefunction(view):

            @wraps(view)
            async def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
                refusal = _refusal(request, permission)
                response: HttpResponse = refusal or await view(request, *args, **kwargs)
                return response
        else:

            @wraps(view)
            def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
                refusal = _refusal(request, permission)
                response: HttpResponse = refusal or view(request, *args, **kwargs)
                return response

        guarded.permission = permission  # type: ignore[attr-defined]
        return guarded

    return decorate


def _refusal(request: HttpRequest, permission: Permission) -> HttpResponse | None:
    if permission is Permission.PUBLIC:
        return None
    principal = principal_of(request)
    if principal is None:
        return redirect_to_login(request.get_full_path())
    if not principal.may(permission):
        raise ForbiddenError
    return None


class api_auth(AuthBase):  # noqa: N801 (reads as what it is at a route: auth=api_auth(...))
    """Lets through who has the permission; the API answers others with 401, or 403 by ForbiddenError."""

    openapi_type = "http"
    openapi_scheme = "bearer"

    def __init__(self, permission: Permission) -> None:
        super().__init__()
        self.permission = permission

    def __call__(self, request: HttpRequest) -> Principal | None:
        """The principal; None when nobody is known."""
        principal = principal_of(request)
        if principal is not None and not principal.may(self.permission):
            raise ForbiddenError
        return principal
