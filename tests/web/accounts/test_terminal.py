"""Who acts at a terminal proves it as at the sign-in page, against the same limits."""

from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.contrib.sessions.models import Session
from django.test import Client

from safelight.model.access import Permission, Role, granted
from safelight.model.errors import SignInError
from safelight.web.accounts import terminal
from safelight.web.accounts.models import User
from safelight.web.accounts.people import change_roles, set_active
from safelight.web.accounts.terminal import HOLDS, prove
from safelight.web.container import the_app
from tests.web.accounts.test_sign_in import PASSWORD, SECRET, code, log_in
from tests.web.conftest import MakeUser, add_second_factor

pytestmark = pytest.mark.usefixtures("db")

MISMATCH = "username and/or password you specified are not correct"
INCORRECT = "Incorrect code"


@pytest.fixture
def ada(user: MakeUser) -> User:
    person = user(Role.LEAD, password=PASSWORD, second_factor=False)
    add_second_factor(person, SECRET)
    return person


def says(*answers: str) -> Callable[[str], str]:
    """Somebody who types these; who is asked for more fails."""
    left: Iterator[str] = iter(answers)
    return lambda _called: next(left)


def browser() -> Client:
    """One that reaches the service by its address, as people do."""
    return Client(headers={"Host": urlsplit(the_app().settings.service.url).netloc})


def test_password_and_code_give_the_person_with_all_roles_and_no_session(ada: User) -> None:
    proof = prove(ada.username, says(PASSWORD, code()))
    who = proof.person()
    assert ada.password not in repr(proof)
    assert (who.actor, who.permissions, who.name) == (ada.actor, granted([Role.LEAD]), ada.username)
    assert who.may(Permission.REPORT_FILE)
    assert not Session.objects.exists()
    assert Authenticator.objects.get(user=ada).last_used_at is not None


@pytest.mark.parametrize(
    ("name", "answers", "why"),
    [
        ("ada", ("wrong",), MISMATCH),
        ("nobody", (PASSWORD,), MISMATCH),
        ("ada", (PASSWORD, "000000"), INCORRECT),
        ("ada", (PASSWORD, PASSWORD), INCORRECT),
    ],
)
def test_who_types_something_else_is_nobody(ada: User, name: str, answers: tuple[str, ...], why: str) -> None:
    with pytest.raises(SignInError, match=why):
        prove(ada.username if name == "ada" else name, says(*answers))


def test_who_is_shut_out_or_has_no_second_factor_does_nothing_here(ada: User, user: MakeUser) -> None:
    ada.is_active = False
    ada.save()
    with pytest.raises(SignInError, match="shut out"):
        prove(ada.username, says(PASSWORD))
    with pytest.raises(SignInError, match=MISMATCH):  # told so only with the right password
        prove(ada.username, says("wrong"))
    for role in (Role.LEAD, Role.INTEGRATOR):
        with pytest.raises(SignInError, match="no second factor"):
            prove(user(role, password=PASSWORD, second_factor=False).username, says(PASSWORD))


def shut_out(person: User, admin: User) -> None:
    set_active(admin, person, False)


def change_password(person: User, _admin: User) -> None:
    person.set_password("another staple battery")
    person.save()


def drop_second_factor(person: User, _admin: User) -> None:
    Authenticator.objects.filter(user=person).delete()


def replace_second_factor(person: User, _admin: User) -> None:
    """As an admin does whose colleague's phone was stolen, and then the colleague."""
    drop_second_factor(person, _admin)
    add_second_factor(person, "B" * 32)


def leave(person: User, _admin: User) -> None:
    person.delete()


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (shut_out, "shut out"),
        (change_password, "another password"),
        (drop_second_factor, "no second factor"),
        (replace_second_factor, "another second factor"),
        (leave, "another password"),
    ],
)
def test_what_changes_after_the_proof_holds(
    ada: User, user: MakeUser, change: Callable[[User, User], None], why: str
) -> None:
    proof = prove(ada.username, says(PASSWORD, code()))
    change(User.objects.get(pk=ada.pk), user(Role.ADMIN))
    with pytest.raises(SignInError, match=why):
        proof.person()


@pytest.mark.parametrize(("change", "why"), [(shut_out, "shut out"), (change_password, "another password")])
def test_so_does_what_changes_while_the_code_is_asked_for(
    ada: User, user: MakeUser, change: Callable[[User, User], None], why: str
) -> None:
    admin = user(Role.ADMIN)

    def ask(called: str) -> str:
        if called == "Password":
            return PASSWORD
        change(User.objects.get(pk=ada.pk), admin)
        return code()

    with pytest.raises(SignInError, match=why):
        prove(ada.username, ask).person()


def test_another_second_factor_besides_changes_nothing(ada: User) -> None:
    proof = prove(ada.username, says(PASSWORD, code()))
    RecoveryCodes.activate(ada)
    assert proof.person().actor == ada.actor


def test_roles_are_those_of_the_moment_when_it_is_done(ada: User, user: MakeUser) -> None:
    proof = prove(ada.username, says(PASSWORD, code()))
    change_roles(user(Role.ADMIN), User.objects.get(pk=ada.pk), [Role.CURATOR])
    assert proof.person().permissions == granted([Role.CURATOR])


@pytest.mark.parametrize(("seconds", "good"), [(HOLDS - 1, True), (HOLDS + 1, False), (-1, False)])
def test_a_prompt_that_is_left_open_is_over_after_five_minutes(
    ada: User, seconds: float, good: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    proof = prove(ada.username, says(PASSWORD, code()))
    monkeypatch.setattr(terminal, "time", lambda: proof.at + seconds)
    if good:
        assert proof.person().actor == ada.actor
    else:
        with pytest.raises(SignInError, match="5 minutes"):
            proof.person()


def test_a_code_works_once_at_the_terminal_and_the_sign_in_page_together(ada: User) -> None:
    now = code()
    prove(ada.username, says(PASSWORD, now))
    with pytest.raises(SignInError, match=INCORRECT):
        prove(ada.username, says(PASSWORD, now))
    client = browser()
    log_in(client, ada.username)
    assert client.post("/accounts/2fa/authenticate/", {"code": now}).status_code == 200
    assert client.get("/accounts/").status_code == 302


def test_a_recovery_code_works_once(ada: User) -> None:
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes

    (recovery, *_) = RecoveryCodes.activate(ada).get_unused_codes()
    assert prove(ada.username, says(PASSWORD, recovery)).person().actor == ada.actor
    with pytest.raises(SignInError, match=INCORRECT):
        prove(ada.username, says(PASSWORD, recovery))


def test_failures_count_together_with_those_of_the_sign_in_page(ada: User) -> None:
    for _ in range(3):
        log_in(browser(), ada.username, "wrong")
    for _ in range(2):
        with pytest.raises(SignInError, match=MISMATCH):
            prove(ada.username, says("wrong"))
    with pytest.raises(SignInError, match="Too many failed login attempts"):
        prove(ada.username, says(PASSWORD, code()))
    assert (
        b"Too many failed" in browser().post("/accounts/login/", {"login": ada.username, "password": PASSWORD}).content
    )


def test_codes_cannot_be_guessed(ada: User) -> None:
    for number in range(5):
        with pytest.raises(SignInError, match=INCORRECT):
            prove(ada.username, says(PASSWORD, f"{number:06}"))
    with pytest.raises(SignInError, match="Too many failed"):
        prove(ada.username, says(PASSWORD, code()))
