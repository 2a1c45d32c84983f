"""Admins make people and change their roles; every change is in the log."""

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from safelight.model.access import Role
from safelight.model.case import SERVICE_CASE, ServiceEvent
from safelight.model.errors import ForbiddenError, UsageError
from safelight.web.accounts.models import User
from safelight.web.accounts.people import change_roles, invitation, make_person, set_active
from safelight.web.container import the_app
from tests.web.conftest import MakeUser

pytestmark = pytest.mark.usefixtures("db")

PASSWORD = "correct horse battery staple"
CHOICE = {"password1": PASSWORD, "password2": PASSWORD}


def logged() -> list[tuple[str, str, dict[str, str]]]:
    bodies = [(str(entry.event.actor), entry.event.body) for entry in the_app().cases.events(SERVICE_CASE)]
    return [(actor, body.what, body.details) for actor, body in bodies if isinstance(body, ServiceEvent)]


def test_an_admin_makes_a_person_who_chooses_a_password(user: MakeUser, client_of: Callable[[User], Client]) -> None:
    admin = user(Role.ADMIN)
    page = client_of(admin).post("/accounts/people/", {"username": "bea", "roles": ["reviewer"], "oidc": ""})
    assert page.status_code == 200
    path = urlsplit(page.context["link"]).path
    bea = User.objects.get(username="bea")
    assert bea.role_set == {Role.REVIEWER}
    assert not bea.has_usable_password()
    guest = Client()
    assert b"Welcome, bea" in guest.get(path).content
    assert guest.post(path, CHOICE)["Location"] == "/accounts/2fa/"
    bea.refresh_from_db()
    assert bea.check_password(PASSWORD)
    assert Client().get(path).status_code == 404
    assert logged() == [
        (f"user:{admin.pk}", "user.made", {"user": f"user:{bea.pk}", "roles": "reviewer"}),
        (f"user:{admin.pk}", "user.invited", {"user": f"user:{bea.pk}"}),
        (f"user:{bea.pk}", "user.joined", {"user": f"user:{bea.pk}"}),
    ]


def test_roles_change_at_once_in_open_sessions(user: MakeUser, client_of: Callable[[User], Client]) -> None:
    admin, other = user(Role.ADMIN), user(Role.ADMIN)
    client = client_of(other)
    assert client.get("/accounts/people/", headers={"Accept": "text/html"}).status_code == 200
    answer = client_of(admin).post(f"/accounts/people/{other.pk}/", {"roles": ["curator", "integrator"]})
    assert answer.status_code == 302
    assert client.get("/accounts/people/").status_code == 403
    assert logged() == [
        (
            f"user:{admin.pk}",
            "user.roles_changed",
            {"user": f"user:{other.pk}", "before": "admin", "after": "curator integrator"},
        )
    ]


def test_nobody_changes_his_own_rights(user: MakeUser, client_of: Callable[[User], Client]) -> None:
    admin = user(Role.ADMIN)
    client = client_of(admin)
    assert client.post(f"/accounts/people/{admin.pk}/", {"roles": ["curator"]}).status_code == 403
    assert client.post(f"/accounts/people/{admin.pk}/deactivate/").status_code == 403
    admin.refresh_from_db()
    assert admin.role_set == {Role.ADMIN}
    assert admin.is_active
    with pytest.raises(ForbiddenError):
        change_roles(admin, admin, [Role.INTEGRATOR])


@pytest.mark.parametrize("roles", [["admin", "reviewer"], ["auditor", "child_safety_lead"], [], ["king"]])
def test_roles_that_do_not_go_together(user: MakeUser, client_of: Callable[[User], Client], roles: list[str]) -> None:
    client, other = client_of(user(Role.ADMIN)), user(Role.CURATOR)
    assert client.post("/accounts/people/", {"username": "bea", "roles": roles}).status_code == 200
    assert not User.objects.filter(username="bea").exists()
    assert client.post(f"/accounts/people/{other.pk}/", {"roles": roles}).status_code == 200
    other.refresh_from_db()
    assert other.role_set == {Role.CURATOR}


def test_the_rules_hold_below_the_pages(user: MakeUser) -> None:
    admin, other = user(Role.ADMIN), user(Role.CURATOR)
    with pytest.raises(UsageError):
        make_person(admin, "bea", [Role.ADMIN, Role.SENIOR])
    with pytest.raises(UsageError):
        change_roles(admin, other, [])


def test_who_is_shut_out_is_out_at_once(user: MakeUser, client_of: Callable[[User], Client]) -> None:
    admin, other = user(Role.ADMIN), user(Role.REVIEWER)
    path = invitation(other, admin.actor)
    client = client_of(other)
    assert client.get("/accounts/").status_code == 200
    client_of(admin).post(f"/accounts/people/{other.pk}/deactivate/")
    assert client.get("/accounts/")["Location"].startswith("/accounts/login/")
    assert Client().get(path).status_code == 404
    client_of(admin).post(f"/accounts/people/{other.pk}/activate/")
    other.refresh_from_db()
    assert other.is_active
    assert client.get("/accounts/").status_code == 302  # the old session stays ended
    assert [what for _, what, _ in logged()] == ["user.invited", "user.deactivated", "user.activated"]


def test_a_new_link_replaces_password_factors_and_sessions(user: MakeUser, client_of: Callable[[User], Client]) -> None:
    admin, other = user(Role.ADMIN), user(Role.REVIEWER, password="the password of before")
    client = client_of(other)
    client.get("/accounts/")
    page = client_of(admin).post(f"/accounts/people/{other.pk}/invite/")
    first = urlsplit(page.context["link"]).path
    assert client.get("/accounts/").status_code == 200  # until it is used
    second = urlsplit(client_of(admin).post(f"/accounts/people/{other.pk}/invite/").context["link"]).path
    assert Client().get(first).status_code == 404
    assert Client().post(second, CHOICE).status_code == 302
    other.refresh_from_db()
    assert other.check_password(PASSWORD)
    assert not Authenticator.objects.filter(user=other).exists()
    assert client.get("/accounts/").status_code == 302


def test_nothing_changes_when_the_log_cannot_be_written(user: MakeUser, monkeypatch: pytest.MonkeyPatch) -> None:
    admin, other = user(Role.ADMIN), user(Role.CURATOR)

    def fail(*_: object) -> None:
        raise OSError

    monkeypatch.setattr(type(the_app().cases), "append", fail)
    with pytest.raises(OSError):
        set_active(admin, other, active=False)
    other.refresh_from_db()
    assert other.is_active


def test_names_are_taken_whatever_their_case(user: MakeUser, client_of: Callable[[User], Client]) -> None:
    admin = user(Role.ADMIN)
    form = {"username": admin.username.upper(), "roles": ["curator"]}
    assert client_of(admin).post("/accounts/people/", form).context["form"].errors["username"] == [
        "This name is taken."
    ]
