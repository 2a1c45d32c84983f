"""Who asks, and that every route says what it wants."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from asgiref.sync import iscoroutinefunction, markcoroutinefunction, sync_to_async
from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from safelight.model.access import SECOND_FACTOR, Permission, Principal, granted
from safelight.web.access import View, declared
from safelight.web.accounts import sessions
from safelight.web.accounts.keys import is_remembered, key_text, principal_of_key
from safelight.web.accounts.models import User
from safelight.web.accounts.routes import SET_UP
from safelight.web.accounts.session_store import SessionStore

MACHINES: Final = ("/api/", "/h/", "/m/", "/c/")
"""Below these, only keys count."""


class PrincipalMiddleware:
    """Puts `request.principal` there, and refuses routes that declare no permission; see `safelight.web.access`.

    A request with a key, and every request below `MACHINES`, is stripped of its cookies before anything looks at them.
    Who must have a second factor and has none can set one up, and nothing else.
    """

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse | Awaitable[HttpResponse]]) -> None:
        self._next = get_response
        self._later = iscoroutinefunction(get_response)
        self.process_view: Callable[..., Any] = self._check_in_loop if self._later else self._check
        if self._later:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponse | Awaitable[HttpResponse]:
        """See the class."""
        if self._later:
            return self._in_loop(request)
        _recognise(request)
        return self._next(request)

    async def _in_loop(self, request: HttpRequest) -> HttpResponse:
        text = key_text(request)
        at_hand = settings.SESSION_COOKIE_NAME not in request.COOKIES if text is None else is_remembered(text)
        if at_hand:
            _recognise(request)  # nothing is read from the database, so no thread is needed
        else:
            await sync_to_async(_recognise)(request)
        response: HttpResponse = await self._next(request)  # type: ignore[misc]
        return response

    def _check(self, request: HttpRequest, view: View, _args: object, _kwargs: object) -> HttpResponse | None:
        """Refuse what declares nothing; send to the second factor's set-up who must have one."""
        wanted = declared(view)
        if wanted is None:
            raise PermissionDenied
        match = request.resolver_match
        free = wanted.get("", wanted.get(request.method or "")) is Permission.PUBLIC or (
            match is not None and match.url_name in SET_UP
        )
        if getattr(request, "lacks_second_factor", False) and not free:
            return HttpResponseRedirect(reverse("mfa_index"))
        return None

    async def _check_in_loop(self, request: HttpRequest, view: View, args: object, kw: object) -> HttpResponse | None:
        return self._check(request, view, args, kw)


def _recognise(request: HttpRequest) -> None:
    text = key_text(request)
    if text is not None or request.path_info.startswith(MACHINES):
        _strip(request)
        principal = principal_of_key(text) if text is not None else None
    elif settings.SESSION_COOKIE_NAME in request.COOKIES:
        principal = _of_session(request)
    else:
        principal = None
    request.principal = principal  # type: ignore[attr-defined]


def _strip(request: HttpRequest) -> None:
    request.COOKIES = {}
    request.session = SessionStore()
    request.user = AnonymousUser()
    request.auser = _nobody


async def _nobody() -> AnonymousUser:
    return AnonymousUser()


def _of_session(request: HttpRequest) -> Principal | None:
    user = getattr(request, "user", None)  # there is none where machines alone come in
    if not isinstance(user, User):
        return None
    if not sessions.is_good(request):
        logout(request)
        return None
    sessions.note_use(request)
    roles = user.role_set
    permissions = granted(roles)
    if roles & SECOND_FACTOR and not is_mfa_enabled(user, [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]):
        request.lacks_second_factor = True  # type: ignore[attr-defined]
        permissions = frozenset({Permission.OWN_ACCOUNT})
    return Principal(user.actor, permissions, str(user.username))
