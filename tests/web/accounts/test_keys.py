"""API keys: what is kept of them, how they are recognised, how they end."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from safelight.model.access import Scope, granted
from safelight.web.accounts import keys
from safelight.web.accounts.keys import forget_keys, is_remembered, make_key, principal_of_key, revoke_key, rotate_key
from safelight.web.accounts.models import ApiKey

pytestmark = pytest.mark.usefixtures("db")


def test_a_key_is_known_by_its_text_alone() -> None:
    text, key = make_key("uploads", {Scope.GATE, Scope.LOOKUP})
    assert text.startswith(f"slk_{key.prefix}_")
    assert len(text) >= 55
    principal = principal_of_key(text)
    assert principal is not None
    assert str(principal.actor) == f"key:{key.pk}"
    assert principal.permissions == granted(scopes=[Scope.GATE, Scope.LOOKUP])


def test_the_text_is_kept_nowhere() -> None:
    text, key = make_key("uploads", [Scope.GATE])
    kept = "".join(str(bytes(value) if isinstance(value, memoryview) else value) for value in vars(key).values())
    assert text.split("_", 2)[2] not in kept


@pytest.mark.parametrize("change", [lambda text: text[:-1], lambda text: text + "A", str.upper, lambda _: ""])
def test_another_text_is_nobody(change: Callable[[str], str]) -> None:
    text, _ = make_key("uploads", [Scope.GATE])
    assert principal_of_key(text) is not None  # also with what is remembered of it
    assert principal_of_key(change(text)) is None


@pytest.mark.parametrize("text", ["", "slk", "slk__", "slk_abc_def", "xyz_abc_def", "slk_äöü_x", "a_b_c_d"])
def test_what_is_no_key(text: str) -> None:
    assert principal_of_key(text) is None


def test_only_a_right_key_counts_as_used() -> None:
    text, key = make_key("uploads", [Scope.GATE])
    principal_of_key(f"slk_{key.prefix}_wrong")
    key.refresh_from_db()
    assert key.last_used is None
    forget_keys()
    principal_of_key(text)
    key.refresh_from_db()
    assert key.last_used == timezone.now().date()


def test_a_key_is_read_once_in_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    text, _ = make_key("uploads", [Scope.GATE])
    now = 1000.0
    monkeypatch.setattr(keys, "monotonic", lambda: now)
    assert not is_remembered(text)
    principal_of_key(text)
    assert is_remembered(text)
    with CaptureQueriesContext(connection) as queries:
        for _ in range(10):
            principal_of_key(text)
    assert len(queries) == 0
    now += keys.REMEMBERED
    assert not is_remembered(text)


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "_MOST", 3)
    texts = [make_key(str(number), [Scope.GATE])[0] for number in range(8)]
    for text in texts:
        assert principal_of_key(text) is not None
        assert len(keys._known) <= 3


def test_unknown_prefixes_are_not_remembered() -> None:
    for number in range(20):
        principal_of_key(f"slk_nothing{number}_x")
    assert not keys._known


def test_revoked_elsewhere_ends_within_five_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    text, key = make_key("uploads", [Scope.GATE])
    now = 1000.0
    monkeypatch.setattr(keys, "monotonic", lambda: now)
    assert principal_of_key(text)
    ApiKey.objects.filter(pk=key.pk).update(revoked=timezone.now())  # as another process does
    assert principal_of_key(text)
    now += 5.0
    assert principal_of_key(text) is None


def test_revoked_here_ends_at_once() -> None:
    text, key = make_key("uploads", [Scope.GATE])
    assert principal_of_key(text)
    revoke_key(key)
    assert principal_of_key(text) is None


def test_an_expired_key_ends_although_it_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    now = timezone.now()
    text, _ = make_key("uploads", [Scope.GATE], now + timedelta(seconds=2))
    monkeypatch.setattr(timezone, "now", lambda: now)
    assert principal_of_key(text)
    monkeypatch.setattr(timezone, "now", lambda: now + timedelta(seconds=2))
    assert principal_of_key(text) is None


def test_rotation_overlaps(monkeypatch: pytest.MonkeyPatch) -> None:
    now = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: now)
    old_text, old = make_key("uploads", [Scope.GATE], now + timedelta(days=90))
    new_text, new = rotate_key(old, timedelta(days=7))
    assert (new.name, new.scopes, new.replaces) == (old.name, old.scopes, old)
    assert principal_of_key(old_text)
    assert principal_of_key(new_text)
    now += timedelta(days=7)
    assert principal_of_key(old_text) is None
    assert principal_of_key(new_text)
    assert new.expires is not None
    assert abs(new.expires - now - timedelta(days=83)) < timedelta(minutes=1)


def test_rotation_never_lengthens_a_life() -> None:
    now = timezone.now()
    _, old = make_key("uploads", [Scope.GATE], now + timedelta(days=1))
    rotate_key(old, timedelta(days=7))
    assert old.expires == now + timedelta(days=1)
    _, endless = make_key("uploads", [Scope.GATE])
    _, new = rotate_key(endless, timedelta(days=7))
    assert endless.expires is not None
    assert new.expires is None
