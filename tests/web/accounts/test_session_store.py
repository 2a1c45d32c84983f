"""What the database keeps of sessions lets nobody in, and sessions work all the same."""

import pytest
from allauth.usersessions.models import UserSession
from asgiref.sync import async_to_sync
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client

from safelight.model.access import Role
from safelight.web.accounts.session_store import CookieMiddleware, SessionStore, row_name
from tests.web.accounts.test_sign_in import PASSWORD, log_in
from tests.web.conftest import MakeUser, sign_in

pytestmark = pytest.mark.usefixtures("db")


def everything_kept() -> str:
    """All rows of the tables that know of sessions."""
    with connection.cursor() as cursor:
        rows = []
        for table in (Session._meta.db_table, UserSession._meta.db_table):
            cursor.execute(f"SELECT * FROM {table}")
            rows += cursor.fetchall()
    return repr(rows)


def cookie_of(client: Client) -> str:
    return str(client.cookies[settings.SESSION_COOKIE_NAME].value)


def test_what_is_read_from_the_database_signs_nobody_in(user: MakeUser) -> None:
    person, client = user(Role.REVIEWER), Client()
    sign_in(client, person)
    assert client.get("/accounts/").status_code == 200
    (row,) = Session.objects.values_list("session_key", flat=True)
    for stolen in (row, UserSession.objects.get().session_key):
        thief = Client()
        thief.cookies[settings.SESSION_COOKIE_NAME] = stolen
        assert thief.get("/accounts/").status_code == 302
    assert cookie_of(client) not in everything_kept()


def test_signing_in_gives_a_cookie_that_no_row_holds(user: MakeUser) -> None:
    person, client = user(Role.INTEGRATOR, password=PASSWORD), Client()
    log_in(client, person.username)
    cookie = cookie_of(client)
    assert client.get("/accounts/").status_code == 200
    assert len(cookie) == 43
    assert cookie not in everything_kept()
    assert row_name(cookie) == Session.objects.get().session_key == UserSession.objects.get().session_key
    assert row_name(cookie) not in {morsel.value for morsel in client.cookies.values()}


def test_sessions_are_listed_and_ended_elsewhere(user: MakeUser) -> None:
    person = user(Role.REVIEWER)
    here, there = Client(), Client()
    sign_in(here, person, browser="here")
    sign_in(there, person, browser="there")
    page = here.get("/accounts/sessions/", headers={"User-Agent": "here"}).content.decode()
    assert UserSession.objects.filter(user=person).count() == 2
    assert cookie_of(here) not in page
    assert "there" in page
    here.post("/accounts/sessions/", headers={"User-Agent": "here"})
    assert [one.session_key for one in UserSession.objects.all()] == [row_name(cookie_of(here))]
    assert there.get("/accounts/", headers={"User-Agent": "there"}).status_code == 302
    assert here.get("/accounts/", headers={"User-Agent": "here"}).status_code == 200


def test_nobody_chooses_the_cookie_of_somebody_else(user: MakeUser) -> None:
    """A cookie that no session has is replaced, so that none can be planted (session fixation)."""
    person, client = user(Role.INTEGRATOR, password=PASSWORD), Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = "planted"
    log_in(client, person.username)
    assert cookie_of(client) != "planted"
    assert client.get("/accounts/").status_code == 200


def test_a_session_that_is_opened_by_its_row_keeps_its_cookie() -> None:
    """As allauth does in the middle of a request."""
    request = HttpRequest()
    CookieMiddleware(lambda _request: HttpResponse()).process_request(request)
    first = request.session
    assert isinstance(first, SessionStore)
    first["a"] = 1
    first.save()
    request.session = SessionStore(first.session_key)
    request.session["a"] = 2
    response = CookieMiddleware(lambda _request: HttpResponse()).process_response(request, HttpResponse())
    morsel = response.cookies[settings.SESSION_COOKIE_NAME]
    assert (morsel.value, bool(morsel["httponly"]), morsel["samesite"]) == (first.cookie, True, "Lax")
    assert SessionStore.of_cookie(first.cookie)["a"] == 2
    request.session = SessionStore(first.session_key)
    del request.first_session  # type: ignore[attr-defined]
    request.session["a"] = 3
    response = CookieMiddleware(lambda _request: HttpResponse()).process_response(request, HttpResponse())
    assert response.cookies[settings.SESSION_COOKIE_NAME].value == "", "the row's name goes to no browser"


def test_sessions_are_made_in_the_loop_too() -> None:
    async def make() -> SessionStore:
        session = SessionStore()
        await session.aset("a", 1)
        await session.asave()
        return session

    made = async_to_sync(make)()
    assert SessionStore.of_cookie(made.cookie)["a"] == 1
    assert SessionStore(made.cookie).get("a") is None
