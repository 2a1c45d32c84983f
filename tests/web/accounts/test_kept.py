"""What was typed survives the second factor: kept for one person and one path, shown once, sent by one button."""

import re
import time
from datetime import timedelta
from html import unescape
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import pytest
from asgiref.sync import async_to_sync
from django.contrib.sessions.models import Session
from django.core import signing
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.signing import dumps, loads
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.utils import timezone

from safelight.model.access import Role
from safelight.web import kept
from safelight.web.access import RECENT, step_up
from safelight.web.accounts.models import CacheEntry, User
from safelight.web.accounts.session_store import SessionStore
from safelight.web.jobs.kinds import KINDS
from tests.web.accounts.test_sign_in import PASSWORD, SECRET, code
from tests.web.conftest import MakeUser, add_second_factor, session_of, sign_in

pytestmark = pytest.mark.usefixtures("db")

BROWSER = {"Accept": "text/html"}
TYPED = {"username": '<b>"Zoë" & co', "roles": ["auditor", "curator"], "oidc": ""}
PEOPLE = "/accounts/people/"


def admin_of(user: MakeUser, client: Client, seconds_ago: float = RECENT) -> User:
    """An admin, who has signed in there so long ago."""
    person = user(Role.ADMIN, second_factor=False, password=PASSWORD)
    add_second_factor(person, SECRET)
    sign_in(client, person, seconds_ago)
    return person


def refused(client: Client, path: str = PEOPLE, **options: object) -> str:
    """Where somebody is led on to who posted what is refused for now."""
    answer = client.post(path, TYPED, headers=BROWSER, **options)  # type: ignore[arg-type] # options of Django's client
    assert answer.status_code == 302
    url = urlsplit(answer["Location"])
    assert url.path == "/accounts/2fa/reauthenticate/"
    return parse_qs(url.query)["next"][0]


def prove(client: Client) -> None:
    """Give the second factor now, as if at its page."""
    session = session_of(client)
    session["account_authentication_methods"] += [{"method": "mfa", "at": time.time(), "type": "totp"}]
    session.save()


def forms() -> QuerySet[CacheEntry]:
    """What is kept of anybody."""
    return CacheEntry.objects.filter(cache_key__contains="kept_form")


def fields_of(content: bytes) -> list[tuple[str, str]]:
    """Names and values of the form's hidden fields, without the token."""
    form = content.decode().split("<main", 1)[1]
    found = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', form)
    return [(unescape(name), unescape(value)) for name, value in found if name != "csrfmiddlewaretoken"]


def test_what_was_typed_comes_back_after_the_code_and_is_sent_by_one_button(user: MakeUser) -> None:
    client = Client(headers=BROWSER, enforce_csrf_checks=True)
    admin_of(user, client)
    client.get("/accounts/")
    token = client.cookies["csrftoken"].value
    answer = client.post(PEOPLE, TYPED | {"csrfmiddlewaretoken": token})
    on = client.post(answer["Location"], {"code": code(), "csrfmiddlewaretoken": token})["Location"]
    assert on.startswith("/accounts/go-on/")
    page = client.get(on)
    words = page.content.decode()
    assert page.status_code == 200
    assert "no-store" in page["Cache-Control"]
    assert "Go on: Make a person" in words
    assert '<b>"Zoë"' not in words
    assert "&lt;b&gt;&quot;Zoë&quot; &amp; co" in words
    assert '<form method="post" action="/accounts/people/">' in words
    assert words.split("<main", 1)[1].count("<button") == 1
    sent = [("username", TYPED["username"]), ("roles", "auditor"), ("roles", "curator"), ("oidc", "")]
    assert fields_of(page.content) == sent
    assert not User.objects.filter(username=TYPED["username"]).exists()
    fresh = re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', words)[-1]
    told = {"username": "zoe", "roles": ["auditor"], "csrfmiddlewaretoken": fresh}
    assert client.post(PEOPLE, told).status_code == 200  # a token of that page is good
    assert User.objects.filter(username="zoe").exists()


def test_it_is_shown_once(user: MakeUser) -> None:
    client = Client(headers=BROWSER)
    admin_of(user, client)
    on = refused(client)
    prove(client)
    assert client.get(on).status_code == 200
    again = client.get(on)
    assert again.status_code == 404
    assert "Zoë" not in again.content.decode()
    assert not forms()


def test_without_the_second_factor_it_is_neither_shown_nor_lost(user: MakeUser) -> None:
    client = Client(headers=BROWSER)
    admin_of(user, client)
    on = refused(client)
    answer = client.get(on)
    assert answer["Location"].startswith("/accounts/2fa/reauthenticate/")
    assert parse_qs(urlsplit(answer["Location"]).query)["next"] == [on]
    prove(client)
    assert client.get(on).status_code == 200


def test_one_at_a_time(user: MakeUser) -> None:
    client = Client(headers=BROWSER)
    admin_of(user, client)
    first, second = refused(client), refused(client)
    prove(client)
    assert client.get(first).status_code == 404
    assert client.get(second).status_code == 200


def test_another_session_or_person_gets_nothing(user: MakeUser) -> None:
    client, other, stranger = Client(headers=BROWSER), Client(headers=BROWSER), Client(headers=BROWSER)
    person = admin_of(user, client)
    on = refused(client)
    sign_in(other, person)
    sign_in(stranger, user(Role.ADMIN))
    for one in (other, stranger):
        assert one.get(on).status_code == 404
    assert Client(headers=BROWSER).get(on)["Location"].startswith("/accounts/login/")
    places = [f"kept_form:{session_of(one).session_key}" for one in (client, stranger)]
    cache.set(places[1], cache.get(places[0]))  # even if it came to that session
    assert stranger.get(on).status_code == 404
    prove(client)
    assert client.get(on).status_code == 200


@pytest.mark.parametrize("signed", [False, True])
def test_who_changes_its_row_has_nobody_send_another_form(user: MakeUser, signed: bool) -> None:
    """Neither by writing it, nor by putting one there that was kept of another session of the same person."""
    client, other = Client(headers=BROWSER), Client(headers=BROWSER)
    sign_in(other, admin_of(user, client), RECENT)
    on, _ = refused(client), refused(other, "/accounts/keys/")
    place, another = (f"kept_form:{session_of(one).session_key}" for one in (client, other))
    text = cache.get(place)
    form = loads(text, salt=place)
    form["form"] |= {"what": "Rename a queue", "path": "/accounts/keys/"}
    of_another = dumps(form, salt=another)
    cache.set(place, of_another if signed else form)
    prove(client)
    assert client.get(on).status_code == 404
    cache.set(place, text)
    assert client.get(on).status_code == 200


def test_a_row_that_is_put_back_is_over_after_five_minutes(user: MakeUser, monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client(headers=BROWSER)
    admin_of(user, client)
    on = refused(client)
    prove(client)
    later = time.time() + kept.KEPT + 1
    monkeypatch.setattr(signing, "time", SimpleNamespace(time=lambda: later))
    forms().update(expires=timezone.now() + timedelta(days=1))
    assert client.get(on).status_code == 404


def test_it_is_forgotten_after_five_minutes_also_when_nobody_comes_back(user: MakeUser) -> None:
    client = Client(headers=BROWSER)
    admin_of(user, client)
    on = refused(client)
    prove(client)
    [entry] = forms()
    assert abs((entry.expires - timezone.now()).total_seconds() - kept.KEPT) < 60
    assert kept.KEPT == 300
    forms().update(expires=timezone.now())
    assert client.get(on).status_code == 404
    KINDS["accounts.prune"].work("")
    assert not forms()


def test_sessions_that_are_over_are_deleted_and_others_stay(user: MakeUser) -> None:
    clients = Client(), Client()
    for client in clients:
        sign_in(client, user(Role.ADMIN))
    over, good = (session_of(client).session_key for client in clients)
    Session.objects.filter(session_key=over).update(expire_date=timezone.now())
    KINDS["accounts.prune"].work("")
    left = set(Session.objects.values_list("session_key", flat=True))
    assert (over in left, good in left) == (False, True)


def test_it_is_forgotten_when_the_password_changes_or_one_signs_out(user: MakeUser) -> None:
    client = Client(headers=BROWSER)
    admin_of(user, client)
    on = refused(client)
    prove(client)
    changed = {"oldpassword": PASSWORD, "password1": "another staple battery", "password2": "another staple battery"}
    assert client.post("/accounts/password/change/", changed).status_code == 302
    assert client.get(on).status_code == 404
    client = Client(headers=BROWSER)
    person = admin_of(user, client)
    on = refused(client)
    client.post("/accounts/logout/")
    sign_in(client, person)
    assert client.get(on).status_code == 404


def test_what_a_forged_request_or_one_without_permission_sent_is_not_kept(user: MakeUser) -> None:
    client = Client(headers=BROWSER, enforce_csrf_checks=True)
    admin_of(user, client)
    assert client.post(PEOPLE, TYPED).status_code == 403
    assert not forms()
    client = Client(headers=BROWSER)
    sign_in(client, user(Role.REVIEWER), RECENT)
    assert client.post(PEOPLE, TYPED).status_code == 403
    assert not forms()


def test_htmx_is_led_the_same_way(user: MakeUser) -> None:
    client = Client()
    admin_of(user, client)
    htmx = {"HX-Request": "true", "HX-Current-URL": "http://testserver/accounts/people/?x=1"}
    answer = client.post(PEOPLE, TYPED, headers=htmx)
    assert answer.status_code == 401
    on = parse_qs(urlsplit(answer["HX-Redirect"]).query)["next"][0]
    prove(client)
    page = client.get(on).content.decode()
    assert "Zoë" in page
    assert '<a class="back" href="/accounts/people/?x=1">Back, without doing it</a>' in page


ELSEWHERE = [
    "//evil.example/x",
    "//evil.example",
    "///evil.example/x",
    "/\\\\evil.example/x",
    "//testserver//evil.example",
]


@pytest.mark.parametrize("page", ELSEWHERE)
def test_the_way_back_leads_nowhere_else(user: MakeUser, page: str) -> None:
    client = Client(headers=BROWSER)
    admin_of(user, client)
    there = f"http://testserver{page}"
    htmx = {"HX-Request": "true", "HX-Current-URL": there}
    url = client.post(PEOPLE, {"secret": "never kept"}, headers=htmx)["HX-Redirect"]
    assert parse_qs(urlsplit(url).query)["next"] == ["/"]
    answer = client.post(PEOPLE, TYPED, headers={"Referer": there})
    on = parse_qs(urlsplit(answer["Location"]).query)["next"][0]
    prove(client)
    assert '<a class="back" href="/">' in client.get(on).content.decode()


def view(_request: HttpRequest) -> HttpResponse:
    return HttpResponse(b"done")


async def async_view(_request: HttpRequest) -> HttpResponse:
    return HttpResponse(b"done")


def post(person: User, data: dict[str, object], path: str = "/x", **headers: str) -> HttpRequest:
    request = RequestFactory().post(path, data, headers=BROWSER | headers)
    request.user = person
    request.session = SessionStore()
    request.session.create()
    return request


@pytest.mark.parametrize("data", [{"reason": "why"}, {}, {"reason": "ü" * 8_000}])
def test_what_is_kept(user: MakeUser, data: dict[str, object]) -> None:
    for guarded in (step_up("Do it")(view), async_to_sync(step_up("Do it")(async_view))):
        request = post(user(Role.REVIEWER), data, Referer="https://evil.example/")
        on = parse_qs(urlsplit(guarded(request)["Location"]).query)["next"][0]
        found = kept.take(request, on.split("/")[-2])
        assert found == kept.Kept("Do it", "/x", "/", tuple((name, str(value)) for name, value in data.items()))


@pytest.mark.parametrize(
    "data",
    [
        *({name: "x"} for name in ("password1", "oldpassword", "api_key", "secret", "Token", "code", "otp")),
        {"reason": "ü" * 8_192},
        {f"field-{number}": "" for number in range(201)},
        {"reason": "why", "file": SimpleUploadedFile("a.txt", b"a")},
    ],
)
def test_what_is_never_kept(user: MakeUser, data: dict[str, object]) -> None:
    request = post(user(Role.REVIEWER), data, Referer="http://testserver/from")
    answer = step_up("Do it")(view)(request)
    assert parse_qs(urlsplit(answer["Location"]).query)["next"] == ["/from"]
    assert not forms()


def test_a_view_may_opt_out(user: MakeUser) -> None:
    request = post(user(Role.REVIEWER), {"reason": "why"})
    answer = step_up("Do it", keeps=False)(view)(request)
    assert parse_qs(urlsplit(answer["Location"]).query)["next"] == ["/"]
    assert not forms()


def test_forms_say_so_only_when_one_will_be_asked(user: MakeUser) -> None:
    client = Client(headers=BROWSER)
    lead = user(Role.LEAD)
    sign_in(client, lead)
    said = "You will be asked first to prove again"
    from safelight.web.hooks.sending import add_endpoint

    add_endpoint(url="https://one.example/", description="", events=[], cases=False)
    assert said not in client.get("/webhooks/cases").content.decode()
    sign_in(client, lead, RECENT)
    assert said in client.get("/webhooks/cases").content.decode()
