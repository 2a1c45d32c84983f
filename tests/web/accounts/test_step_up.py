"""Before reveal, report and export: the second factor of the last five minutes."""

import time
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from asgiref.sync import async_to_sync
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from safelight.model.access import Role
from safelight.web.access import RECENT, recently_authenticated, step_up
from safelight.web.accounts.models import User
from safelight.web.accounts.session_store import SessionStore
from tests.web.accounts.test_sign_in import PASSWORD, SECRET, code, log_in
from tests.web.conftest import MakeUser, add_second_factor, session_of, sign_in

pytestmark = pytest.mark.usefixtures("db")

BROWSER = {"Accept": "text/html"}


def request_of(person: User, *records: tuple[str, float], method: str = "GET", **headers: str) -> HttpRequest:
    request = RequestFactory().generic(method, "/cases/1", headers=BROWSER | headers)
    request.user = person
    request.session = SessionStore()
    request.session["account_authentication_methods"] = [
        {"method": how, "at": time.time() - seconds} for how, seconds in records
    ]
    request.session["account_authentication_methods_user"] = str(person.pk)
    return request


@pytest.mark.parametrize(
    ("records", "recent"),
    [
        ([("mfa", 0)], True),
        ([("mfa", RECENT - 5)], True),
        ([("mfa", RECENT)], False),
        ([("password", 0)], False),
        ([("socialaccount", 0)], False),
        ([("mfa", RECENT), ("password", 0)], False),
        ([("mfa", RECENT), ("mfa", 0)], True),
        ([], False),
    ],
)
def test_only_the_second_factor_counts(user: MakeUser, records: list[tuple[str, float]], recent: bool) -> None:
    assert recently_authenticated(request_of(user(Role.REVIEWER), *records)) is recent


def test_where_there_is_none_the_password_counts(user: MakeUser) -> None:
    assert recently_authenticated(request_of(user(Role.INTEGRATOR), ("password", 0)))
    assert not recently_authenticated(request_of(user(Role.INTEGRATOR), ("password", RECENT)))


def test_records_of_another_person_do_not_count(user: MakeUser) -> None:
    request = request_of(user(Role.REVIEWER), ("mfa", 0))
    request.user = user(Role.REVIEWER)
    assert not recently_authenticated(request)


def view(_request: HttpRequest) -> HttpResponse:
    return HttpResponse(b"pixels")


async def async_view(_request: HttpRequest) -> HttpResponse:
    return HttpResponse(b"pixels")


@pytest.mark.parametrize("guarded", [step_up("Look")(view), async_to_sync(step_up("Look")(async_view))])
def test_a_browser_is_sent_to_confirm_and_back(user: MakeUser, guarded: Callable[..., HttpResponse]) -> None:
    person = user(Role.REVIEWER)
    assert guarded(request_of(person, ("mfa", 0))).content == b"pixels"
    answer = guarded(request_of(person, ("mfa", RECENT)))
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/2fa/reauthenticate/?next=%2Fcases%2F1")


@pytest.mark.parametrize(
    ("method", "headers", "back"),
    [
        ("POST", {"Referer": "http://testserver/cases/1?item=2"}, "/cases/1?item=2"),
        ("POST", {"Referer": "https://evil.example/x"}, "/"),
        ("POST", {}, "/"),
        ("GET", {"HX-Request": "true", "HX-Current-URL": "http://testserver/queue"}, "/queue"),
        ("GET", {"HX-Request": "true", "HX-Current-URL": "https://evil.example/"}, "/"),
        ("POST", {"Accept": "*/*", "Referer": "http://testserver/queue"}, "/queue"),
    ],
)
def test_nobody_is_sent_elsewhere(user: MakeUser, method: str, headers: dict[str, str], back: str) -> None:
    answer = step_up("Look")(view)(request_of(user(Role.REVIEWER), method=method, **headers))
    script = "HX-Request" in headers or headers.get("Accept") == "*/*"
    assert answer.status_code == (401 if script else 302)
    url = urlsplit(answer["HX-Redirect" if script else "Location"])
    assert parse_qs(url.query) == {"next": [back]}
    assert b"pixels" not in answer.content


def test_confirming_opens_the_page_again(user: MakeUser) -> None:
    admin = user(Role.ADMIN, second_factor=False)
    add_second_factor(admin, SECRET)
    client = Client(headers=BROWSER)
    sign_in(client, admin, seconds_ago=RECENT)
    url = client.get("/accounts/people/")["Location"]
    assert url.startswith("/accounts/2fa/reauthenticate/")
    assert client.get(url).status_code == 200
    assert client.post(url, {"code": "000000"}).status_code == 200
    assert client.get("/accounts/people/").status_code == 302
    assert client.post(url, {"code": code()})["Location"] == "/accounts/people/"
    assert client.get("/accounts/people/").status_code == 200


def test_a_password_confirms_nothing_where_there_is_a_second_factor(user: MakeUser) -> None:
    person = user(Role.REVIEWER, password=PASSWORD)
    client = Client(headers=BROWSER)
    sign_in(client, person, seconds_ago=RECENT)
    answer = client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    assert answer["Location"].startswith("/accounts/2fa/reauthenticate/")
    for path in ("totp/deactivate/", "webauthn/add/", "recovery-codes/generate/"):
        answer = client.get(f"/accounts/2fa/{path}")
        assert answer["Location"].startswith("/accounts/2fa/reauthenticate/"), path


def test_an_integrator_confirms_by_password(user: MakeUser) -> None:
    person = user(Role.INTEGRATOR, password=PASSWORD)
    client = Client(headers=BROWSER)
    log_in(client, person.username)
    assert client.get("/accounts/keys/").status_code == 200
    sign_in(client, person, seconds_ago=RECENT)
    session = session_of(client)
    session["account_authentication_methods"] = []
    session.save()
    url = client.get("/accounts/keys/")["Location"]
    url = client.get(url)["Location"]
    assert url.startswith("/accounts/reauthenticate/")
    assert client.post(url, {"password": PASSWORD})["Location"] == "/accounts/keys/"
    assert client.get("/accounts/keys/").status_code == 200
