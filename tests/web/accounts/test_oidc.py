"""Sign-in by OpenID Connect: only for people whom an admin has made. The provider is played by this process."""

import json
from collections.abc import Callable, Iterator
from typing import Any
from unittest.mock import patch
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
import requests
from allauth.socialaccount.models import SocialAccount
from django.db import IntegrityError
from django.test import Client
from django.test.utils import override_settings
from requests.adapters import BaseAdapter

from safelight.model.access import Role
from safelight.web.accounts.adapters import SocialAdapter
from safelight.web.accounts.models import User
from tests.web.conftest import MakeUser, add_second_factor

pytestmark = pytest.mark.usefixtures("db")

ISSUER = "https://id.example"
SETTINGS = {
    "openid_connect": {
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [
            {
                "provider_id": "oidc",
                "name": "id.example",
                "client_id": "safelight",
                "secret": "provider secret",
                "settings": {"server_url": ISSUER},
            }
        ],
    }
}


class Provider(BaseAdapter):
    """A provider whose one user has these claims."""

    def __init__(self, claims: dict[str, str]) -> None:
        super().__init__()
        self.claims = claims
        self.nonce = ""

    def send(self, request: requests.PreparedRequest, **_: Any) -> requests.Response:  # type: ignore[override]
        id_token = self.claims | {"iss": ISSUER, "aud": "safelight", "exp": 2**32, "iat": 0}
        answers: dict[str, dict[str, Any]] = {
            "/.well-known/openid-configuration": {
                "issuer": ISSUER,
                "authorization_endpoint": f"{ISSUER}/authorize",
                "token_endpoint": f"{ISSUER}/token",
                "userinfo_endpoint": f"{ISSUER}/userinfo",
                "jwks_uri": f"{ISSUER}/keys",
            },
            "/token": {"access_token": "x", "token_type": "bearer", "id_token": jwt.encode(id_token, "k" * 32)},
            "/userinfo": dict(self.claims),
        }
        response = requests.Response()
        response.status_code = 200
        response.url = str(request.url)
        response.headers["Content-Type"] = "application/json"
        response._content = json.dumps(answers[urlsplit(str(request.url)).path]).encode()
        return response

    def close(self) -> None:
        """Nothing is open."""


@pytest.fixture(autouse=True)
def _configured(db: None) -> Iterator[None]:
    with override_settings(SOCIALACCOUNT_PROVIDERS=SETTINGS):
        yield


def come(claims: dict[str, str], client: Client | None = None) -> str:
    """Come back from a provider that says this; where one is sent then."""
    session = requests.Session()
    session.mount(ISSUER, Provider(claims))
    client = client or Client()
    with patch.object(SocialAdapter, "get_requests_session", lambda _: session):
        away = urlsplit(client.get("/accounts/oidc/oidc/login/")["Location"])
        assert f"{away.scheme}://{away.netloc}" == ISSUER
        query = parse_qs(away.query)
        assert query["code_challenge_method"] == ["S256"]
        back = client.get("/accounts/oidc/oidc/login/callback/", {"code": "c", "state": query["state"][0]})
    return str(back["Location"])


def made(user: MakeUser, name: str, role: Role = Role.INTEGRATOR) -> User:
    person = user(role)
    person.oidc = name
    person.save()
    return person


@pytest.mark.parametrize("name", ["sub-1", "bea"])
def test_who_was_made_comes_in_and_is_bound_to_sub(user: MakeUser, name: str) -> None:
    person = made(user, name)
    client = Client()
    assert come({"sub": "sub-1", "preferred_username": "bea"}, client) == "/"
    assert client.get("/accounts/").context["request"].user == person
    assert SocialAccount.objects.get(user=person).uid == "sub-1"
    assert come({"sub": "sub-1", "preferred_username": "renamed"}) == "/"


def test_strangers_are_told_nothing_and_not_made(user: MakeUser) -> None:
    person = user(Role.ADMIN)
    client = Client()
    for claims in (
        {"sub": "sub-2"},
        {"sub": "sub-2", "preferred_username": person.username},  # a name here is no name there
        {"sub": "", "preferred_username": ""},
    ):
        if claims["sub"]:
            assert come(claims, client) == "/accounts/oidc/error/"
    assert User.objects.count() == 1
    assert not SocialAccount.objects.exists()
    page = client.get("/accounts/oidc/error/")
    assert b"cannot sign in this way" in page.content


def test_nobody_takes_a_name_that_is_bound(user: MakeUser) -> None:
    made(user, "bea")
    come({"sub": "sub-1", "preferred_username": "bea"})
    assert come({"sub": "sub-2", "preferred_username": "bea"}) == "/accounts/oidc/error/"


def test_one_name_there_is_one_person_here(user: MakeUser, client_of: Callable[[User], Client]) -> None:
    made(user, "bea")
    form = {"username": "other", "roles": ["curator"], "oidc": "bea"}
    assert client_of(user(Role.ADMIN)).post("/accounts/people/", form).context["form"].errors["oidc"]
    with pytest.raises(IntegrityError):
        made(user, "bea")


def test_who_is_shut_out_stays_out(user: MakeUser) -> None:
    person = made(user, "bea")
    come({"sub": "sub-1", "preferred_username": "bea"})
    person.is_active = False
    person.save()
    client = Client()
    assert come({"sub": "sub-1", "preferred_username": "bea"}, client) == "/accounts/inactive/"
    assert client.get("/accounts/").status_code == 302


def test_the_second_factor_is_asked_for_here_too(user: MakeUser) -> None:
    person = made(user, "bea", Role.REVIEWER)
    client = Client()
    assert come({"sub": "sub-1", "preferred_username": "bea"}, client) == "/accounts/2fa/authenticate/"
    assert client.get("/accounts/").status_code == 302
    person.authenticator_set.all().delete()  # type: ignore[attr-defined]
    client = Client()
    come({"sub": "sub-1"}, client)
    assert client.get("/accounts/sessions/")["Location"] == "/accounts/2fa/"
    add_second_factor(person)


def test_a_callback_that_nobody_asked_for_is_refused() -> None:
    answer = Client().get("/accounts/oidc/oidc/login/callback/", {"code": "c", "state": "made-up"})
    assert answer.status_code in (200, 302, 401)
    assert not answer.wsgi_request.user.is_authenticated


def test_the_sign_in_page_offers_it() -> None:
    assert b"by id.example" in Client().get("/accounts/login/").content


@override_settings(SOCIALACCOUNT_PROVIDERS={})
def test_without_a_provider_there_is_none() -> None:
    assert Client().get("/accounts/oidc/oidc/login/").status_code == 404
    assert b"or <a" not in Client().get("/accounts/login/").content
