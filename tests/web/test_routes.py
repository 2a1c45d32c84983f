"""Every route of the service declares a permission, and nobody comes in without it."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import chain
from typing import cast

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from safelight.model.access import ROLES, SCOPES, Permission, Role, Scope
from safelight.web.access import View, declared
from safelight.web.accounts.middleware import MACHINES
from safelight.web.accounts.models import ApiKey, User
from safelight.web.accounts.routes import ALLAUTH, SET_UP
from safelight.web.container import the_app
from tests.web.conftest import MakeUser

THERE, ELSEWHERE = 123456789, 987654321
"""Ids of the same length: of things that are there, and of none."""

_IDS = {
    THERE: ("123456789", "01890000-0000-7000-8000-000123456789", "there"),
    ELSEWHERE: ("987654321", "01890000-0000-7000-8000-000987654321", "where"),
}


@dataclass(frozen=True)
class Route:
    """A route: its pattern for people to read, what matches it, and what it leads to."""

    name: str
    regex: str
    view: View

    def path(self, number: int) -> str:
        """A path that leads here and names this id."""
        return self.through(*_IDS[number])

    def through(self, *words: str) -> str:
        """A path that leads here; each of its parts is the first of these words that it can be."""
        path = "/"
        for piece in re.split(r"(\(\?P<\w+>(?:[^()]|\([^()]*\))*\))", self.regex.removesuffix(r"\Z").removesuffix("$")):
            group = re.fullmatch(r"\(\?P<\w+>(.*)\)", piece)
            path += _sample(group[1], words) if group else re.sub(r"\\(.)", r"\1", piece)
        assert re.fullmatch(self.regex, path[1:]), (self.name, path)
        return path

    def wanted(self) -> dict[str, Permission]:
        """Permissions by HTTP method."""
        found = declared(self.view) or {}
        return dict.fromkeys(("GET", "POST"), found[""]) if "" in found else found


def _sample(regex: str, words: Iterable[str]) -> str:
    """The first of these words that a group matches; where it lists its own, the first of them."""
    return next(str(word) for word in (*words, *re.findall(r"\w+", regex)) if re.fullmatch(regex, word))


def walk(patterns: Iterable[URLPattern | URLResolver], before: str = "", regex: str = "") -> Iterator[Route]:
    """All routes below."""
    for entry in patterns:
        own = entry.pattern.regex.pattern.removeprefix("^")
        if isinstance(entry, URLResolver):
            yield from walk(entry.url_patterns, before + str(entry.pattern), regex + own)
        else:
            assert entry.callback is not None
            yield Route(f"/{before}{entry.pattern}", regex + own, entry.callback)


ROUTES = list({route.name: route for route in walk(get_resolver().url_patterns)}.values())
GUARDED = [
    (route, method, permission)
    for route in ROUTES
    for method, permission in route.wanted().items()
    if permission is not Permission.PUBLIC
]


def show(value: object) -> str:
    return value.name if isinstance(value, Route) else str(value)


def ask(client: Client, route: Route, method: str, number: int = ELSEWHERE) -> HttpResponse:
    return cast("HttpResponse", client.generic(method, route.path(number), headers={"Accept": "text/html"}))


def refused(answer: HttpResponse) -> bool:
    """Whether an answer sends away who asks, as nobody or as somebody who may not, or knows no such method at all."""
    return answer.status_code in {401, 403, 405} or (
        answer.status_code == 302 and answer["Location"].startswith("/accounts/login/?next=")
    )


@pytest.mark.parametrize("route", ROUTES, ids=show)
def test_every_route_declares_a_permission(route: Route) -> None:
    assert declared(route.view) is not None


def test_the_walk_misses_nothing() -> None:
    names = {route.name for route in ROUTES}
    assert {f"/accounts/{route.path}" for route in ALLAUTH} <= names
    assert {"/accounts/people/<int:pk>/", "/healthz", "/metrics"} <= names


def test_pages_of_the_set_up_are_all_there() -> None:
    assert {route.name for route in ALLAUTH} >= SET_UP
    assert len({route.name for route in ALLAUTH}) == len({route.path for route in ALLAUTH}) == len(ALLAUTH)


def test_what_is_public_is_short_and_known() -> None:
    public = {route.name for route in ROUTES if Permission.PUBLIC in route.wanted().values()}
    assert public == {
        "/healthz",
        "/readyz",
        "/version",
        "/status",
        "/status/live",
        "/api/",
        "/api/openapi.json",
        "/api/docs",
        "/accounts/login/",
        "/accounts/logout/",
        "/accounts/inactive/",
        "/accounts/2fa/authenticate/",
        "/accounts/oidc/cancelled/",
        "/accounts/oidc/error/",
        "/accounts/oidc/<slug:provider_id>/login/",
        "/accounts/oidc/<slug:provider_id>/login/callback/",
        "/accounts/link/<str:token>/",
    }


@pytest.fixture
def things(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """People and keys of the id THERE; all that may be switched on is on."""
    app = the_app()
    monkeypatch.setattr(app, "settings", replace(app.settings, service=replace(app.settings.service, hma=True)))
    User.objects.create(pk=THERE, username="there", roles=[Role.REVIEWER])
    ApiKey.objects.create(pk=THERE, prefix="there", digest=b"", name="there", scopes=[Scope.GATE])


@pytest.mark.usefixtures("things")
@pytest.mark.parametrize(("route", "method", "permission"), GUARDED, ids=show)
def test_strangers_get_nothing_and_learn_nothing(route: Route, method: str, permission: Permission) -> None:
    answers = [
        ask(Client(headers=headers), route, method, number)
        for number in (THERE, ELSEWHERE)
        for headers in ({}, {"Authorization": "Bearer slk_nothing_here"}, {"Cookie": "sessionid=nothing"})
    ]
    assert all(map(refused, answers)), [answer.status_code for answer in answers]
    assert len({(answer.status_code, len(answer.content)) for answer in answers}) == 1


def not_granted(permissions: frozenset[Permission]) -> Iterator[tuple[Route, str]]:
    return ((route, method) for route, method, permission in GUARDED if permission not in permissions)


@pytest.mark.usefixtures("things")
@pytest.mark.parametrize("role", Role)
def test_a_role_gets_no_more_than_is_granted(user: MakeUser, client_of: Callable[[User], Client], role: Role) -> None:
    client = client_of(user(role))
    for route, method in not_granted(ROLES[role]):
        answers = [ask(client, route, method, number) for number in (THERE, ELSEWHERE)]
        wanted = 401 if route.name.startswith(MACHINES) else 403
        assert {answer.status_code for answer in answers} in ({wanted}, {405}), (route.name, method)
        assert len(answers[0].content) == len(answers[1].content), route.name


@pytest.mark.usefixtures("things")
@pytest.mark.parametrize("scope", Scope)
def test_a_scope_gets_no_more_than_is_granted(
    key: Callable[..., str], api_client: Callable[[str], Client], scope: Scope
) -> None:
    client = api_client(key(scope))
    for route, method in not_granted(SCOPES[scope]):
        answers = [ask(client, route, method, number) for number in (THERE, ELSEWHERE)]
        assert {answer.status_code for answer in answers} in ({403}, {405}), (route.name, method)
        assert len(answers[0].content) == len(answers[1].content), route.name


@pytest.mark.usefixtures("things")
@pytest.mark.parametrize("role", Role)
def test_a_role_gets_what_is_granted(user: MakeUser, client_of: Callable[[User], Client], role: Role) -> None:
    client = client_of(user(role, password="correct horse battery staple"))
    for route, method, permission in GUARDED:
        if method == "GET" and permission in ROLES[role] and route.name.startswith("/accounts/"):
            assert ask(client, route, method).status_code not in {401, 403}, route.name


def test_every_permission_is_asked_for_somewhere() -> None:
    asked = set(chain.from_iterable(route.wanted().values() for route in ROUTES))
    assert asked == set(Permission)
