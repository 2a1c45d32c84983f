"""Every route declares one permission here; without it nobody gets in. docs/access.md follows a request through.

`PrincipalMiddleware` says who asks, from a session or from an API key, never from both: a request with a key is not
looked up by its cookies. `requires` is for views, `api_auth` for routes of the API. Both leave the permission on what
they decorate; `declared` finds it there. The middleware refuses routes without, and a test asks every route for it.
`step_up` further wants the second factor of the last five minutes; what was typed is not lost by that.
"""

from collections.abc import Callable
from functools import wraps
from inspect import iscoroutinefunction
from time import time
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from allauth.account.authentication import get_authentication_records
from allauth.mfa.utils import is_mfa_enabled
from asgiref.sync import sync_to_async
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from ninja.operation import PathView
from ninja.security.base import AuthBase

from safelight.model.access import Permission, Principal
from safelight.model.errors import ForbiddenError
from safelight.web import kept

View = Callable[..., Any]

RECENT: Final = 300
"""Seconds for which a second factor counts as recent."""


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

    def __call__(self, request: HttpRequest) -> Principal | bool | None:
        """The principal, or True where anyone may come in; None when nobody is known."""
        principal = principal_of(request)
        if principal is not None and not principal.may(self.permission):
            raise ForbiddenError
        return principal or self.permission is Permission.PUBLIC or None


def declared(view: View) -> dict[str, Permission] | None:
    """What a view asks for, by HTTP method; "" stands for all. None when it, or a method of it, declares nothing."""
    by_method = getattr(view, "permissions", None)
    if isinstance(by_method, dict):
        return by_method or None
    permission = getattr(view, "permission", None)
    if isinstance(permission, Permission):
        return {"": permission}
    held = [cell.cell_contents for cell in getattr(view, "__closure__", None) or ()]  # ninja's views close over theirs
    found: dict[str, Permission] = {}
    for operation in (operation for path in held if isinstance(path, PathView) for operation in path.operations):
        match operation.auth_callbacks:
            case [api_auth() as auth]:
                found.update(dict.fromkeys(operation.methods, auth.permission))
            case _:
                return None
    return found or None


def recently_authenticated(request: HttpRequest) -> bool:
    """Whether this person has proved within `RECENT` seconds to be the one who signed in.

    By the second factor; by password only where there is no second factor, which no role that sees media is without.
    """
    user = request.user
    if not user.is_authenticated:
        return False
    since = time() - RECENT
    methods = {record["method"] for record in get_authentication_records(request, user) if record["at"] > since}
    return "mfa" in methods or ("password" in methods and not is_mfa_enabled(user))


def step_up(what: str, *, keeps: bool = True) -> Callable[[View], View]:
    """A view that asks for the second factor first, unless that was given within `RECENT` seconds.

    A form that was sent is kept meanwhile (`safelight.web.kept`): afterwards the person is shown what was typed, and
    sends it by one button. It passed the check against forged requests and, with `requires` outside of this, that of
    permission before; it passes both again. Forms that lead here include `accounts/_again.html`, which says beforehand
    that it will be asked.

    Args:
        what: what the view does, in a few words for that person, as "Export the evidence".
        keeps: False where it makes no sense later, or must not be kept: what was sent is forgotten.
    """

    def decorate(view: View) -> View:
        if iscoroutinefunction(view):

            @wraps(view)
            async def stepped(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
                refusal = await sync_to_async(_again)(request, what, keeps)
                response: HttpResponse = refusal or await view(request, *args, **kwargs)
                return response
        else:

            @wraps(view)
            def stepped(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
                refusal = _again(request, what, keeps)
                response: HttpResponse = refusal or view(request, *args, **kwargs)
                return response

        stepped.step_up = what  # type: ignore[attr-defined]
        return stepped

    return decorate


def _again(request: HttpRequest, what: str, keeps: bool) -> HttpResponse | None:
    if recently_authenticated(request):
        return None
    page = _way_back(request)
    token = kept.keep(request, what, page) if keeps and request.method == "POST" else None
    return ask_again(request, page if token is None else reverse("accounts_go_on", args=[token]))


def ask_again(request: HttpRequest, back: str) -> HttpResponse:
    """The answer that sends to the page where the second factor is asked for, and from there to `back`, a path.

    A redirect for a browser; for scripts 401, with the page's address in `HX-Redirect`, which htmx follows by itself.
    """
    url = f"{reverse('mfa_reauthenticate')}?{urlencode({'next': back})}"
    script = request.headers.get("HX-Request") == "true" or "text/html" not in request.headers.get("Accept", "")
    if not script:
        return HttpResponseRedirect(url)
    detail = "enter your second factor again"
    return JsonResponse({"title": "step-up", "detail": detail}, status=401, headers={"HX-Redirect": url})


def _way_back(request: HttpRequest) -> str:
    """The page that the person looks at: what was asked for, or, after a POST or from a script, where it came from."""
    page = request.headers.get("HX-Current-URL") or request.headers.get("Referer") or ""
    if request.method == "GET" and "HX-Request" not in request.headers:
        return request.get_full_path()
    if not url_has_allowed_host_and_scheme(page, {request.get_host()}):
        return "/"
    parts = urlsplit(page)
    back = parts.path + (f"?{parts.query}" if parts.query else "")
    # Once more: of an address with two slashes after the host, what is left names another host.
    return back if url_has_allowed_host_and_scheme(back, None) else "/"
