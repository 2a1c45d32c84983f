"""The first admin comes by a link that works once."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from safelight.model.access import Role
from safelight.model.errors import ForbiddenError
from safelight.web.accounts.models import Link, User
from safelight.web.accounts.people import find_link, first_run_link, has_admin, redeem_first_run
from tests.web.conftest import MakeUser

pytestmark = pytest.mark.usefixtures("db")

PASSWORD = "correct horse battery staple"
FORM = {"username": "ada", "password1": PASSWORD, "password2": PASSWORD}


def link() -> str:
    url = first_run_link("https://safelight.example/")
    assert url is not None
    assert url.startswith("https://safelight.example/accounts/link/")
    return urlsplit(url).path


def test_the_link_makes_the_first_admin_who_then_sets_up_a_second_factor() -> None:
    client, path = Client(), link()
    assert client.get(path).status_code == 200
    answer = client.post(path, FORM)
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/2fa/")
    admin = User.objects.get()
    assert admin.username == "ada"
    assert admin.role_set == {Role.ADMIN}
    assert admin.check_password(PASSWORD)
    assert client.get("/accounts/people/")["Location"] == "/accounts/2fa/"
    assert client.get("/accounts/2fa/totp/activate/").status_code == 200  # without the password again


def test_it_works_once() -> None:
    path = link()
    Client().post(path, FORM)
    assert Client().get(path).status_code == 404
    assert Client().post(path, FORM | {"username": "eve"}).status_code == 404
    assert User.objects.count() == 1


def test_only_its_hash_is_kept() -> None:
    token = link().rstrip("/").rpartition("/")[2]
    (row,) = Link.objects.values_list("digest", flat=True)
    assert token.encode() not in bytes(row)
    assert len(bytes(row)) == 32


def test_it_dies_after_a_day() -> None:
    path, made = link(), timezone.now()
    assert abs(Link.objects.get().expires - made - timedelta(days=1)) < timedelta(minutes=1)
    Link.objects.update(expires=made)
    assert Client().get(path).status_code == 404
    assert Client().post(path, FORM).status_code == 404


def test_there_is_none_while_there_is_an_admin(user: MakeUser) -> None:
    path = link()
    admin = user(Role.ADMIN)
    assert first_run_link("https://safelight.example") is None
    assert Client().get(path).status_code == 404
    admin.is_active = False
    admin.save()
    assert not has_admin()
    assert Client().get(path).status_code == 200


def test_of_two_links_only_one_makes_an_admin() -> None:
    first, second = (find_link(link().rstrip("/").rpartition("/")[2]) for _ in range(2))
    assert first is not None
    assert second is not None
    redeem_first_run(first, "ada", PASSWORD)
    with pytest.raises(ForbiddenError):
        redeem_first_run(second, "eve", PASSWORD)
    with pytest.raises(ForbiddenError):
        redeem_first_run(first, "eve", PASSWORD)


@pytest.mark.parametrize(
    "change",
    [
        {"password2": "something else entirely"},
        {"password1": "short", "password2": "short"},
        {"password1": "password1234", "password2": "password1234"},
        {"username": ""},
        {"username": "a b"},
    ],
)
def test_bad_choices_do_not_use_it_up(change: dict[str, str]) -> None:
    path = link()
    assert Client().post(path, FORM | change).status_code == 200
    assert not User.objects.exists()
    assert Client().post(path, FORM).status_code == 302


def test_unknown_links_look_like_dead_ones() -> None:
    path = link()
    Client().post(path, FORM)
    dead, unknown = Client().get(path), Client().get("/accounts/link/nothing/")
    assert (dead.status_code, dead.content) == (unknown.status_code, unknown.content)
