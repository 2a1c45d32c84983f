"""The page of API keys: who may give which, and what is shown of them."""

import re
from collections.abc import Callable

import pytest
from django.test import Client

from safelight.model.access import Role, Scope
from safelight.web.accounts.keys import make_key, principal_of_key
from safelight.web.accounts.models import ApiKey, User
from tests.web.accounts.test_people import logged
from tests.web.conftest import MakeUser

pytestmark = pytest.mark.usefixtures("db")

ClientOf = Callable[[User], Client]


def form(*scopes: Scope, days: str = "90") -> dict[str, object]:
    return {"name": "uploads", "scopes": list(scopes), "days": days}


def test_a_key_is_shown_once(user: MakeUser, client_of: ClientOf) -> None:
    admin = user(Role.ADMIN)
    client = client_of(admin)
    page = client.post("/accounts/keys/", form(Scope.GATE, Scope.REPORT))
    text, key = page.context["text"], ApiKey.objects.get()
    assert text in page.content.decode()
    assert page["Cache-Control"] == "no-store"
    assert principal_of_key(text) is not None
    assert key.expires is not None
    assert (key.expires - key.created).days in (89, 90)
    later = client.get("/accounts/keys/").content.decode()
    assert text not in later
    assert f"slk_{key.prefix}" in later
    assert logged() == [
        (f"user:{admin.pk}", "key.made", {"key": f"key:{key.pk}", "scopes": "gate report"}),
    ]


def test_what_is_shown_once_has_the_focus_above_all_else(user: MakeUser, client_of: ClientOf) -> None:
    client, bea = client_of(user(Role.ADMIN)), user(Role.REVIEWER)
    pages = {
        "key": client.post("/accounts/keys/", form(Scope.GATE)),
        "link": client.post(f"/accounts/people/{bea.pk}/invite/"),
        "secret": client.post("/webhooks", {"url": "https://host.example/hook"}),
    }
    for name, page in pages.items():
        content = page.content.decode().partition("<main")[2]
        head, card, _rest = content.partition('<section class="card fresh" tabindex="-1" autofocus')
        assert (head.count("<p"), card == "") == (0, False), name
        shown = re.search(r"<code>([^<]+)</code>", content)
        assert shown is not None
        assert shown[1] == page.context.get("text", page.context.get("link", page.context.get("secret"))), name
        assert '<button type="button" data-copy hidden>' in content
        assert 'src="/static/safelight/secret.js" defer' in page.content.decode()


@pytest.mark.parametrize("scope", Scope)
def test_an_integrator_gives_only_what_reaches_no_case(user: MakeUser, client_of: ClientOf, scope: Scope) -> None:
    client = client_of(user(Role.INTEGRATOR))
    may = scope in (Scope.GATE, Scope.LOOKUP)
    client.post("/accounts/keys/", form(scope))
    assert ApiKey.objects.exists() is may
    _, other = make_key("other", [scope])
    answer = client.post(f"/accounts/keys/{other.pk}/rotate/", {"days": "7"})
    assert answer.status_code == (200 if may else 403)  # a rotated key is a key given


def test_rotation_shows_the_new_key(user: MakeUser, client_of: ClientOf) -> None:
    client = client_of(user(Role.ADMIN))
    old_text, old = make_key("uploads", [Scope.GATE])
    page = client.post(f"/accounts/keys/{old.pk}/rotate/", {"days": "7"})
    assert principal_of_key(page.context["text"]) is not None
    assert principal_of_key(old_text) is not None
    old.refresh_from_db()
    assert old.expires is not None
    new = ApiKey.objects.get(replaces=old)
    assert logged()[-1][1:] == ("key.rotated", {"key": f"key:{old.pk}", "by": f"key:{new.pk}"})


@pytest.mark.parametrize("days", ["", "-1", "91", "x"])
def test_rotation_with_other_days_does_nothing(user: MakeUser, client_of: ClientOf, days: str) -> None:
    _, old = make_key("uploads", [Scope.GATE])
    answer = client_of(user(Role.ADMIN)).post(f"/accounts/keys/{old.pk}/rotate/", {"days": days})
    assert answer["Location"] == "/accounts/keys/"
    assert ApiKey.objects.count() == 1


def test_revoking(user: MakeUser, client_of: ClientOf) -> None:
    client = client_of(user(Role.INTEGRATOR))
    text, key = make_key("uploads", [Scope.REPORT])
    for _ in range(2):
        assert client.post(f"/accounts/keys/{key.pk}/revoke/").status_code == 302
    assert principal_of_key(text) is None
    assert [what for _, what, _ in logged()] == ["key.revoked"]
    assert client_of(user(Role.ADMIN)).post(f"/accounts/keys/{key.pk}/rotate/", {"days": "7"}).status_code == 302
    assert ApiKey.objects.count() == 1
