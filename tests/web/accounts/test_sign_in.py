"""Signing in by password and second factor, and everything that must not help a stranger."""

import base64
import time
from collections.abc import Callable

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.contrib.sessions.models import Session
from django.test import Client, TestCase

from safelight.model.access import Role
from safelight.web import settings as web_settings
from safelight.web.accounts.adapters import SecondFactorAdapter
from safelight.web.accounts.models import CacheEntry, User
from tests.web.accounts.test_people import logged
from tests.web.conftest import MakeUser, add_second_factor, session_of, sign_in

pytestmark = pytest.mark.usefixtures("db")

PASSWORD = "correct horse battery staple"
SECRET = base64.b32encode(b"benign test secret 1").decode()


def code(offset: int = 0) -> str:
    """A code that holds for some seconds yet: the machine may be slow."""
    if (left := 30 - time.time() % 30) < 6:
        time.sleep(left)
    return str(format_hotp_value(hotp_value(SECRET, int(time.time()) // 30 + offset)))


@pytest.fixture
def ada(user: MakeUser) -> User:
    person = user(Role.REVIEWER, password=PASSWORD, second_factor=False)
    add_second_factor(person, SECRET)
    return person


def log_in(client: Client, name: str, password: str = PASSWORD, **more: str) -> tuple[int, str]:
    answer = client.post("/accounts/login/", {"login": name, "password": password, **more})
    return answer.status_code, answer.get("Location", "")


def test_password_then_code(ada: User) -> None:
    client = Client()
    assert log_in(client, ada.username) == (302, "/accounts/2fa/authenticate/")
    assert client.get("/accounts/").status_code == 302  # not in yet
    assert client.post("/accounts/2fa/authenticate/", {"code": "000000"}).status_code == 200
    before = session_of(client).session_key
    assert client.post("/accounts/2fa/authenticate/", {"code": code()}).status_code == 302
    assert session_of(client).session_key != before
    assert client.get("/accounts/").status_code == 200


def test_second_factors_that_come_and_go_are_logged(user: MakeUser) -> None:
    person = user(Role.REVIEWER, second_factor=False)
    client = Client()
    sign_in(client, person)
    page = client.get("/accounts/2fa/totp/activate/")
    now = format_hotp_value(hotp_value(page.context["form"].secret, int(time.time()) // 30))
    with TestCase.captureOnCommitCallbacks(execute=True):
        answer = client.post("/accounts/2fa/totp/activate/", {"code": now})
    assert answer["Location"] == "/accounts/2fa/recovery-codes/"
    assert client.get("/accounts/sessions/").status_code == 200
    client.post("/accounts/2fa/totp/deactivate/")
    assert client.get("/accounts/sessions/")["Location"] == "/accounts/2fa/"
    told = [(what, details["factor"]) for actor, what, details in logged() if actor == f"user:{person.pk}"]
    assert told == [
        (f"user.factor_{verb}", kind) for verb in ("added", "removed") for kind in ("totp", "recovery_codes")
    ]


def test_a_code_works_once(ada: User) -> None:
    first, second, now = Client(), Client(), code()
    for client in (first, second):
        log_in(client, ada.username)
    assert first.post("/accounts/2fa/authenticate/", {"code": now}).status_code == 302
    assert second.post("/accounts/2fa/authenticate/", {"code": now}).status_code == 200
    assert second.get("/accounts/").status_code == 302


def test_passwords_are_kept_by_scrypt() -> None:
    assert web_settings.PASSWORD_HASHERS == ["django.contrib.auth.hashers.ScryptPasswordHasher"]


def test_the_secret_is_kept_encrypted(ada: User) -> None:
    kept = Authenticator.objects.get(user=ada).data["secret"]
    assert SECRET not in kept
    assert SecondFactorAdapter().decrypt(kept) == SECRET


def test_wrong_name_and_wrong_password_look_alike(ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    hashed: list[str] = []
    monkeypatch.setattr(User, "set_password", lambda _self, raw: hashed.append(raw))
    pages = [
        Client().post("/accounts/login/", {"login": name, "password": "wrong"}) for name in (ada.username, "nobody-xyz")
    ]
    bodies = [page.content.replace(ada.username.encode(), b"NAME").replace(b"nobody-xyz", b"NAME") for page in pages]
    tokens = [page.context["csrf_token"] for page in pages]
    bodies = [body.replace(str(token).encode(), b"TOKEN") for body, token in zip(bodies, tokens, strict=True)]
    assert pages[0].status_code == pages[1].status_code == 200
    assert bodies[0] == bodies[1]
    assert hashed == ["wrong"]  # a password is hashed for nobody, too, so it takes as long


def test_who_is_shut_out_is_told_so_only_with_the_right_password(ada: User) -> None:
    ada.is_active = False
    ada.save()
    assert log_in(Client(), ada.username, "wrong") == (200, "")
    assert log_in(Client(), ada.username) == (302, "/accounts/inactive/")


def test_guessing_is_throttled_across_processes(ada: User) -> None:
    for _ in range(5):
        log_in(Client(), ada.username, "wrong")
    page = Client().post("/accounts/login/", {"login": ada.username, "password": PASSWORD})
    assert page.status_code == 200
    assert b"Too many failed login attempts" in page.content
    assert CacheEntry.objects.filter(cache_key__contains="login_failed").exists()  # in the database that they share


def test_guessing_codes_is_throttled(ada: User) -> None:
    client = Client()
    log_in(client, ada.username)
    for number in range(12):
        client.post("/accounts/2fa/authenticate/", {"code": f"{number:06}"})
    assert client.post("/accounts/2fa/authenticate/", {"code": code()}).status_code in (200, 429)
    assert client.get("/accounts/").status_code == 302


@pytest.mark.parametrize(
    "path",
    [
        "signup/",
        "email/",
        "password/reset/",
        "password/set/",
        "login/code/",
        "3rdparty/",
        "oidc/",
        "2fa/webauthn/login/",
    ],
)
def test_there_are_no_other_ways_in(path: str) -> None:
    assert Client().get(f"/accounts/{path}").status_code == 404


def test_after_signing_in_nobody_is_sent_elsewhere(user: MakeUser) -> None:
    person = user(Role.INTEGRATOR, password=PASSWORD)
    assert log_in(Client(), person.username, next="https://evil.example/") == (302, "/")
    assert log_in(Client(), person.username, next="/accounts/keys/") == (302, "/accounts/keys/")


def test_forms_need_their_token(ada: User) -> None:
    client = Client(enforce_csrf_checks=True)
    assert log_in(client, ada.username)[0] == 403


def test_sessions_are_listed_and_ended(user: MakeUser) -> None:
    person = user(Role.INTEGRATOR, password=PASSWORD)
    clients = [Client(headers={"User-Agent": name}) for name in ("Firefox", "Chromium", "Epiphany")]
    for client in clients:
        log_in(client, person.username)
    page = clients[0].get("/accounts/sessions/").content.decode()
    assert all(name in page for name in ("Firefox (this one)", "Chromium", "Epiphany"))
    clients[0].post("/accounts/sessions/")
    assert [client.get("/accounts/").status_code for client in clients] == [200, 302, 302]
    log_in(clients[1], person.username)
    assert clients[0].post("/accounts/sessions/end/")["Location"] == "/accounts/login/"
    assert [client.get("/accounts/").status_code for client in clients] == [302, 302, 302]
    assert not Session.objects.filter(
        session_key__in=[session_of(client).session_key for client in clients[:2]]
    ).exists()


def test_ending_sessions_is_a_post(user: MakeUser, client_of: Callable[[User], Client]) -> None:
    client = client_of(user(Role.INTEGRATOR))
    assert client.get("/accounts/sessions/end/").status_code == 405
    assert client.get("/accounts/").status_code == 200


def test_a_new_password_ends_other_sessions(user: MakeUser) -> None:
    person = user(Role.INTEGRATOR, password=PASSWORD)
    here, there = Client(), Client()
    for client in (here, there):
        log_in(client, person.username)
    new = "another horse battery staple"
    form = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    assert here.post("/accounts/password/change/", form).status_code == 302
    assert here.get("/accounts/").status_code == 200
    assert there.get("/accounts/").status_code == 302


def test_signing_out_takes_a_post_and_ends_the_session(user: MakeUser, client_of: Callable[[User], Client]) -> None:
    client = client_of(user(Role.INTEGRATOR))
    client.get("/accounts/logout/")
    assert client.get("/accounts/").status_code == 200
    client.post("/accounts/logout/")
    assert client.get("/accounts/").status_code == 302


def test_a_recovery_code_works_once(ada: User) -> None:
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes

    (recovery, *_) = RecoveryCodes.activate(ada).get_unused_codes()
    for status in (302, 200):
        client = Client()
        log_in(client, ada.username)
        assert client.post("/accounts/2fa/authenticate/", {"code": recovery}).status_code == status
