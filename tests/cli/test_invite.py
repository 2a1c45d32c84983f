"""`safelight invite`: links for people from the command line, where no admin is needed."""

from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner
from django.test import Client

from safelight.model.access import SYSTEM, Role
from safelight.model.case import ServiceEvent
from safelight.model.errors import UsageError
from safelight.web.__main__ import main
from safelight.web.accounts.models import Link, User
from safelight.web.container import the_app
from safelight.web.run import invite as module
from tests.web.conftest import MakeUser, db, user

__all__ = ["db", "user"]

pytestmark = pytest.mark.usefixtures("db")

PASSWORD = "correct horse battery staple"
FORM = {"password1": PASSWORD, "password2": PASSWORD}


@pytest.fixture(autouse=True)
def _ready(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tables are there, in a transaction that is undone."""
    monkeypatch.setattr(module, "make_ready", lambda: None)


def invite(*words: str) -> str:
    """The path of the link that is printed."""
    result = CliRunner().invoke(main, ["invite", *words], catch_exceptions=False)
    assert result.exit_code == 0
    assert result.output.startswith(the_app().settings.service.url + "/accounts/link/")
    return urlsplit(result.output.strip()).path


def told() -> list[tuple[str, dict[str, str]]]:
    """What the log says that the service itself did to people."""
    return [
        (logged.event.body.what, dict(logged.event.body.details))
        for logged in the_app().cases.log(-1, 100)
        if isinstance(logged.event.body, ServiceEvent) and logged.event.actor == SYSTEM
    ]


def test_somebody_new_comes_in_by_the_link_with_these_roles_and_no_others() -> None:
    path = invite("bea", "--role", "reviewer", "--role", "curator")
    person = User.objects.get()
    assert person.username == "bea"
    assert person.role_set == {Role.REVIEWER, Role.CURATOR}
    assert not person.has_usable_password()
    assert Client().post(path, FORM).status_code == 302
    person.refresh_from_db()
    assert person.check_password(PASSWORD)
    assert Client().get(path).status_code == 404, "it works once"
    what = [name for name, _ in told()]
    assert what == ["user.made", "user.invited"]
    assert told()[0][1] == {"user": str(person.actor), "roles": "curator reviewer"}


def test_somebody_who_is_there_gets_a_new_link_and_the_old_one_dies(user: MakeUser) -> None:
    person = user(Role.REVIEWER, password="another battery staple")
    first = invite(person.username)
    second = invite(person.username)
    assert Client().get(first).status_code == 404
    assert Client().post(second, FORM).status_code == 302
    person.refresh_from_db()
    assert person.check_password(PASSWORD)
    assert person.role_set == {Role.REVIEWER}


def test_the_first_admin_gets_a_link_again_and_those_of_before_die() -> None:
    first = invite("--first-run")
    second = invite("--first-run")
    assert Link.objects.count() == 1
    assert Client().get(first).status_code == 404
    assert Client().post(second, FORM | {"username": "ada"}).status_code == 302
    assert User.objects.get().role_set == {Role.ADMIN}
    with pytest.raises(UsageError, match="there is an admin"):
        invite("--first-run")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "name a person"),
        (["bea", "--first-run"], "name a person"),
        (["--first-run", "--role", "admin"], "name a person"),
        (["nobody"], "nobody who may come in"),
        (["bea", "--role", "king"], "king"),
        (["bea", "--role", "admin", "--role", "reviewer"], "invite: "),
        (["b e a", "--role", "reviewer"], "valid username"),
    ],
)
def test_what_cannot_be_makes_nobody(words: list[str], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        invite(*words)
    assert not User.objects.exists()
    assert not Link.objects.exists()


def test_names_that_are_taken_and_people_who_are_shut_out(user: MakeUser) -> None:
    person = user(Role.REVIEWER)
    with pytest.raises(UsageError, match="taken"):
        invite(person.username.upper(), "--role", "reviewer")
    person.is_active = False
    person.save()
    with pytest.raises(UsageError, match="nobody who may come in"):
        invite(person.username)
