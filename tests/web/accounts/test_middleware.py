"""Who is recognised by what, and who gets no further."""

from collections.abc import Callable
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from asgiref.sync import async_to_sync, iscoroutinefunction
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.models import Session
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import AsyncClient, Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from ninja import NinjaAPI

from safelight.model.access import SCOPES, SECOND_FACTOR, Permission, Principal, Role, Scope, granted
from safelight.web.access import api_auth, declared, principal_of, requires
from safelight.web.accounts import sessions
from safelight.web.accounts.middleware import PrincipalMiddleware
from safelight.web.accounts.models import User
from tests.web.conftest import MakeUser, session_of, sign_in

pytestmark = pytest.mark.usefixtures("db")

ClientOf = Callable[[User], Client]
MakeKey = Callable[..., str]


def recognised(request: HttpRequest) -> Principal | None:
    """What the middleware makes of a request, by both of its ways."""
    seen: list[Principal | None] = []

    def view(request: HttpRequest) -> HttpResponse:
        seen.append(principal_of(request))
        return HttpResponse()

    async def async_view(request: HttpRequest) -> HttpResponse:
        return view(request)

    request.user = AnonymousUser()
    PrincipalMiddleware(view)(request)
    loop_bound = PrincipalMiddleware(async_view)
    assert iscoroutinefunction(loop_bound)
    async_to_sync(loop_bound)(request)
    first, second = seen
    assert first == second
    return first


def permissions_in(answer: object) -> frozenset[Permission]:
    """The permissions with which a request was answered."""
    principal = principal_of(answer.wsgi_request)  # type: ignore[attr-defined]
    assert principal is not None
    return principal.permissions


@pytest.mark.parametrize("path", ["/api/v1/gate", "/metrics"])
@pytest.mark.parametrize("header", ["Authorization", "X-API-Key"])
def test_keys_come_by_either_header(key: MakeKey, path: str, header: str) -> None:
    text = key(Scope.GATE)
    request = RequestFactory().get(path, headers={header: f"Bearer {text}" if header == "Authorization" else text})
    principal = recognised(request)
    assert principal is not None
    assert principal.permissions == SCOPES[Scope.GATE]


@pytest.mark.parametrize("value", ["Basic abc", "Bearer", "Bearer slk_no_such", "slk_no_such"])
def test_what_is_no_key_is_nobody(value: str) -> None:
    assert recognised(RequestFactory().get("/api/v1/gate", headers={"Authorization": value})) is None


def test_the_api_knows_no_sessions(user: MakeUser, client_of: ClientOf) -> None:
    request = RequestFactory().get("/api/v1/cases")
    request.COOKIES.update({name: morsel.value for name, morsel in client_of(user(Role.LEAD)).cookies.items()})
    assert recognised(request) is None
    assert not request.COOKIES


def test_a_request_with_a_key_is_not_looked_up_by_its_cookies(
    user: MakeUser, client_of: ClientOf, key: MakeKey
) -> None:
    client = client_of(user(Role.ADMIN))
    assert client.get("/accounts/").status_code == 200
    for text in (key(Scope.GATE), "slk_no_such"):
        answer = client.get("/accounts/", headers={"X-API-Key": text})
        assert answer.status_code in (302, 403)
        assert "sessionid" not in answer.cookies  # the browser keeps its session
    assert client.get("/accounts/").status_code == 200


def test_a_remembered_key_needs_no_thread_and_no_query(key: MakeKey, monkeypatch: pytest.MonkeyPatch) -> None:
    text = key(Scope.GATE)
    headers = {"Authorization": f"Bearer {text}"}
    assert recognised(RequestFactory().get("/api/v1/gate", headers=headers))

    def hop(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr("safelight.web.accounts.middleware.sync_to_async", hop)
    with CaptureQueriesContext(connection) as queries:
        assert recognised(RequestFactory().get("/api/v1/gate", headers=headers))
        assert recognised(RequestFactory().get("/healthz")) is None
    assert len(queries) == 0


def test_a_session_is_recognised_in_the_loop_too(user: MakeUser) -> None:
    client = AsyncClient()
    sign_in(client, user(Role.ADMIN))
    assert async_to_sync(client.get)("/accounts/").status_code == 200


@pytest.mark.parametrize("role", Role)
def test_without_a_second_factor_there_is_only_its_set_up(user: MakeUser, client_of: ClientOf, role: Role) -> None:
    person = user(role, second_factor=False)
    client = client_of(person)
    answer = client.get("/accounts/sessions/")
    if role not in SECOND_FACTOR:
        assert answer.status_code == 200
        return
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/2fa/")
    assert permissions_in(answer) == {Permission.OWN_ACCOUNT}
    for path in ("/accounts/2fa/", "/accounts/2fa/totp/activate/", "/accounts/logout/"):
        assert client.get(path).status_code == 200, path


@pytest.mark.parametrize("role", sorted(SECOND_FACTOR))
def test_recovery_codes_alone_are_no_second_factor(user: MakeUser, client_of: ClientOf, role: Role) -> None:
    person = user(role, second_factor=False)
    Authenticator.objects.create(user=person, type=Authenticator.Type.RECOVERY_CODES, data={"seed": "x"})
    assert client_of(person).get("/accounts/sessions/").status_code == 302


@pytest.mark.parametrize("role", Role)
def test_permissions_are_those_of_the_roles(user: MakeUser, client_of: ClientOf, role: Role) -> None:
    answer = client_of(user(role)).get("/accounts/")
    assert permissions_in(answer) == granted([role])


def test_a_session_belongs_to_its_browser(user: MakeUser) -> None:
    client = Client(headers={"User-Agent": "Firefox"})
    sign_in(client, user(Role.CURATOR), browser="Firefox")
    assert client.get("/accounts/").status_code == 200
    assert client.get("/accounts/", headers={"User-Agent": "curl"}).status_code == 302
    assert not Session.objects.exists()
    assert client.get("/accounts/").status_code == 302


@pytest.mark.parametrize(
    ("began", "seen", "good"),
    [(0, 0, True), (7.9 * 3600, 0, True), (8 * 3600, 0, False), (3600, 3590, True), (3600, 3600, False)],
)
def test_sessions_are_short(
    user: MakeUser, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch, began: float, seen: float, good: bool
) -> None:
    client = client_of(user(Role.CURATOR))
    session = session_of(client)
    mark = session["safelight"]
    session["safelight"] = mark | {"began": mark["began"] - began, "seen": mark["seen"] - seen}
    session.save()
    monkeypatch.setattr(sessions, "time", lambda: mark["began"])
    assert (client.get("/accounts/").status_code == 200) is good


def test_an_unmarked_session_is_none(user: MakeUser, client_of: ClientOf) -> None:
    client = client_of(user(Role.CURATOR))
    session = session_of(client)
    del session["safelight"]
    session.save()
    assert client.get("/accounts/").status_code == 302


def test_use_is_noted_once_a_minute(user: MakeUser, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch) -> None:
    client = client_of(user(Role.CURATOR))
    began = session_of(client)["safelight"]["seen"]
    for seconds, noted in ((30, 0), (61, 61), (100, 61), (121, 121)):
        monkeypatch.setattr(sessions, "time", lambda: began + seconds)  # noqa: B023 (called within this turn)
        client.get("/accounts/")
        assert session_of(client)["safelight"]["seen"] == began + noted


def test_undeclared_views_are_refused() -> None:
    def view(_request: HttpRequest) -> HttpResponse:
        return HttpResponse()

    middleware = PrincipalMiddleware(view)
    with pytest.raises(PermissionDenied):
        middleware.process_view(RequestFactory().get("/"), view, (), {})
    assert middleware.process_view(RequestFactory().get("/"), requires(Permission.LOOKUP)(view), (), {}) is None


def test_declared_reads_every_operation() -> None:
    def operation() -> None:
        """Nothing."""

    def view(_request: HttpRequest) -> HttpResponse:
        return HttpResponse()

    api = NinjaAPI(urls_namespace="test-declared")
    for path, auth in (("/a", api_auth(Permission.ITEM_ADD)), ("/b", None)):
        api.get(path, auth=api_auth(Permission.LOOKUP))(lambda request: operation())  # noqa: ARG005 (ninja gives it)
        api.post(path, auth=auth)(lambda request: operation())  # noqa: ARG005 (as above)
    views: dict[str, Any] = {str(pattern.pattern): pattern.callback for pattern in api.urls[0]}
    assert declared(views["a"]) == {"GET": Permission.LOOKUP, "POST": Permission.ITEM_ADD}
    assert declared(views["b"]) is None
    assert declared(views[""]) is None
    assert declared(view) is None
    assert declared(requires(Permission.LOOKUP)(view)) == {"": Permission.LOOKUP}
