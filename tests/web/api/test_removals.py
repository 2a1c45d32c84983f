"""Requests of people depicted, from the intake form of a platform."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.test import Client

from safelight.adapter.closing.models import RequestRow
from safelight.app import App
from safelight.model.access import Scope
from safelight.model.service import Item
from safelight.web.api.models import Answer
from safelight.web.hooks.models import Endpoint
from tests.web.api.conftest import NEAR
from tests.web.closing.operator import operated

Clients = Callable[..., Client]
MARK = "planted-marker"
WHOLE = {name: f"{MARK} {name}\r\nmore" for name in ("signature", "name", "identification", "belief", "contact")}

pytestmark = pytest.mark.usefixtures("db", "listed")


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> App:
    return operated(monkeypatch, jurisdictions=("us",))


@pytest.fixture
def item(app: App, take: Callable[..., Item]) -> Item:
    return take(b"1", NEAR)


@pytest.fixture
def one(client: Clients) -> Client:
    return client(Scope.REPORT)


def at_case(item: Item, rest: str = "") -> str:
    return f"/api/v1/cases/{item.case}/removal-requests{rest}"


def sent(client: Client, path: str, key: str = "", **body: object) -> Any:
    headers = {"Idempotency-Key": key} if key else {}
    return client.post(path, body, content_type="application/json", headers=headers)


def test_a_whole_request_starts_48_hours_and_tells_nothing_of_what_it_says(
    app: App, one: Client, item: Item, client: Clients
) -> None:
    at = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
    answer = sent(one, at_case(item), "k", item_id=item.id, at=at.isoformat(), pass_on=True, **WHOLE)
    assert answer.status_code == 201
    told = answer.json()
    assert (told["state"], told["missing"], told["item_id"]) == ("valid", [], item.id)
    assert datetime.fromisoformat(told["due"]) == at + timedelta(hours=48)
    again = sent(one, at_case(item), "k", item_id=item.id, at=at.isoformat(), pass_on=True, **WHOLE)
    assert again.content == answer.content
    assert RequestRow.objects.count() == 1
    assert len(app.cases.case(str(item.case)).duties) == 1
    every = client(*Scope)
    pages = [every.get(path) for path in (at_case(item), "/api/v1/duties", "/api/v1/cases", "/metrics")]
    pages += [every.get(f"/api/v1/cases/{item.case}{rest}") for rest in ("", "/events", "/duties", "/statements")]
    assert pages[0].json()["requests"] == [told]
    assert not any(MARK.encode() in page.content for page in (answer, *pages))
    assert not any(MARK.encode() in bytes(kept.body or b"") for kept in Answer.objects.all())


def test_what_is_missing_is_told_and_can_come_later(one: Client, item: Item) -> None:
    at = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=3)
    part = WHOLE | {"signature": " ___ "}
    told = sent(one, at_case(item), item_id=item.id, at=at.isoformat(), **part).json()
    assert (told["state"], told["missing"], told["due"], told["duty_id"]) == ("incomplete", ["signature"], None, "")
    later = at + timedelta(hours=1)
    answer = sent(one, at_case(item, f"/{told['id']}/complete"), signature="/s/ A", at=later.isoformat())
    whole = answer.json()
    assert (answer.status_code, whole["state"], whole["missing"]) == (200, "valid", [])
    assert datetime.fromisoformat(whole["due"]) == later + timedelta(hours=48)


def test_what_cannot_be_taken_down(one: Client, item: Item, client: Clients) -> None:
    at = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=3)
    nothing = "00000000-0000-7000-8000-000000000000"
    asked = {"item_id": item.id, "at": at.isoformat()} | WHOLE
    for change, status in (
        ({"at": (at + timedelta(days=1)).isoformat()}, 400),
        ({"item_id": nothing}, 400),
        ({"at": "2026-11-20T12:00:00"}, 422),
        ({"belief": "x" * 2_001}, 422),
        ({"unknown": "x"}, 422),
        (dict.fromkeys(WHOLE, ""), 400),
    ):
        refused = sent(one, at_case(item), **asked | change)
        assert refused.status_code == status
        assert MARK.encode() not in refused.content
    elsewhere = at_case(item).replace(str(item.case), nothing)
    assert sent(one, elsewhere, **asked).status_code == 404
    assert sent(one, at_case(item, f"/{nothing}/complete"), at=at.isoformat()).status_code == 404
    for scope in (Scope.GATE, Scope.REVIEW):
        assert sent(client(scope), at_case(item), **asked).status_code == 403
        assert client(scope).get(at_case(item)).status_code == 403
    assert not RequestRow.objects.exists()


def test_no_other_table_and_no_line_of_the_log_has_any_of_it(
    one: Client, item: Item, capfd: pytest.CaptureFixture[str]
) -> None:
    at = datetime.now(UTC) - timedelta(hours=3)
    Endpoint.objects.create(url="https://hooks.example/a", cases=True)
    for signature in ("", f"{MARK} signature"):
        sent(
            one,
            at_case(item),
            "k" + signature[:1],
            item_id=item.id,
            at=at.isoformat(),
            **WHOLE | {"signature": signature},
        )
    tables = {model: list(model._default_manager.values_list()) for model in apps.get_models()}
    assert MARK in str(tables.pop(RequestRow))
    assert MARK not in str(tables)
    assert MARK.encode().hex() not in str(tables)
    out, err = capfd.readouterr()
    assert "removal-requests" in out + err
    assert MARK not in out + err
