"""The service for its tests: a migrated database for each process, people, keys and clients."""

import os
import shutil
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import cache, partial
from itertools import count
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections, transaction
from django.http import HttpRequest
from django.test import AsyncClient, Client
from django.test.utils import override_settings, setup_test_environment
from django.utils import timezone

from safelight.model.access import SECOND_FACTOR, Role, Scope
from safelight.web.accounts.keys import forget_keys, make_key
from safelight.web.accounts.models import User
from safelight.web.accounts.session_store import SessionStore
from safelight.web.container import the_app
from tests.databases import kept
from tests.service import ELSEWHERE

_number = count(1)


@cache
def _migrated() -> Callable[[], None]:
    """The database as it is before any test: what this returns makes it so again."""
    setup_test_environment()
    # The service's own takes a tenth of a second for each password.
    override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]).enable()
    call_command("migrate", verbosity=0, interactive=False)
    connection.close()  # and thereby write everything to the file itself
    if connection.vendor == "postgresql":
        return kept(os.environ[ELSEWHERE])
    file = Path(connection.settings_dict["NAME"])
    return partial(_copied_back, shutil.copyfile(file, file.with_name("fresh.sqlite3")), file)


def _copied_back(fresh: Path, file: Path) -> None:
    for name in (file.name, f"{file.name}-wal", f"{file.name}-shm"):
        file.with_name(name).unlink(missing_ok=True)
    shutil.copyfile(fresh, file)


@pytest.fixture(scope="session", autouse=True)
def made_ready() -> None:
    """Before any test's own settings, which would take these along when they end."""
    _migrated()


def _forget() -> None:
    """What other tests left outside of the database, about what is undone: numbers of banks and events come again."""
    app = the_app()
    forget_keys()
    (app.settings.home / "log-head.json").unlink(missing_ok=True)
    if "live" in vars(app):
        app.live.close()
        del app.live
        vars(app).pop("looker", None)
    shutil.rmtree(app.settings.home / "index", ignore_errors=True)


@pytest.fixture
def db() -> Iterator[None]:
    """The database; what the test does in it is undone. For on_commit callbacks see `captureOnCommitCallbacks`."""
    _migrated()
    _forget()
    # As django.test.TestCase does: within the test's transaction, none can be durable.
    transaction.Atomic._ensure_durability = False  # type: ignore[attr-defined] # Django's own tests' way
    try:
        with transaction.atomic():
            yield
            transaction.set_rollback(True)
    finally:
        transaction.Atomic._ensure_durability = True  # type: ignore[attr-defined]
        _forget()


@pytest.fixture
def committed_db() -> Iterator[None]:
    """The database for tests whose threads or processes must see what is committed; made anew afterwards."""
    make_anew = _migrated()
    _forget()
    yield
    connections.close_all()
    _forget()
    make_anew()


MakeUser = Callable[..., User]


@pytest.fixture
def user() -> MakeUser:
    """Makes people: `user(Role.REVIEWER)` has that role and a second factor where that asks for one.

    Use it with `db` or `committed_db`. `password`: without one, nobody can sign in but by `client_of`.
    """

    def make(*roles: Role, password: str | None = None, second_factor: bool = True) -> User:
        made = User.objects.create_user(f"person-{next(_number)}", password, roles)
        if second_factor and SECOND_FACTOR & set(roles):
            add_second_factor(made)
        return made

    return make


def add_second_factor(person: User, secret: str = "A" * 32) -> None:
    """Give a person a TOTP authenticator with this secret, base32."""
    from allauth.mfa.totp.internal.auth import TOTP

    TOTP.activate(person, secret)


def sign_in(client: Client | AsyncClient, person: User, seconds_ago: float = 0, browser: str = "") -> None:
    """Sign in as if by password and second factor, so long ago, in a browser of this `User-Agent`."""
    from allauth.usersessions.models import UserSession

    from safelight.web.accounts import sessions

    client.force_login(person)
    session, at = client.session, time.time() - seconds_ago
    assert isinstance(session, SessionStore)
    session.cycle_key()  # Django's client puts the row's name into the cookie, which lets nobody in here
    client.cookies[settings.SESSION_COOKIE_NAME] = session.cookie
    session["account_authentication_methods"] = [
        {"method": "password", "at": at, "username": person.username},
        {"method": "mfa", "at": at, "type": "totp", "reauthenticated": True},
    ]
    session["account_authentication_methods_user"] = str(person.pk)
    request = HttpRequest()
    request.META["HTTP_USER_AGENT"] = browser
    request.session = session
    sessions.begin(request)
    session.save()
    UserSession.objects.update_or_create(
        session_key=session.session_key, defaults={"user": person, "ip": "127.0.0.1", "user_agent": browser}
    )


def session_of(client: Client | AsyncClient) -> SessionStore:
    """The session that a client has a cookie of."""
    return SessionStore.of_cookie(client.cookies[settings.SESSION_COOKIE_NAME].value)


@pytest.fixture
def client_of() -> Callable[[User], Client]:
    """A browser in which this person has just signed in, with the second factor."""

    def make(person: User) -> Client:
        client = Client()
        sign_in(client, person)
        return client

    return make


@pytest.fixture
def key() -> Callable[..., str]:
    """Makes API keys: `key(Scope.GATE)` is the text of one."""

    def make(*scopes: Scope, expires: timedelta | None = None) -> str:
        text, _ = make_key(f"key {next(_number)}", scopes, timezone.now() + expires if expires else None)
        return text

    return make


@pytest.fixture
def api_client() -> Callable[[str], Client]:
    """A program that sends this key: `api_client(key(Scope.GATE)).get("/api/v1/...")`."""

    def make(text: str) -> Client:
        return Client(headers={"Authorization": f"Bearer {text}"})

    return make
