"""Webhooks in the API, and their page."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from safelight.model.access import Role, Scope
from safelight.model.case import SERVICE_CASE, ServiceEvent
from safelight.web.accounts.models import User
from safelight.web.container import the_app
from safelight.web.hooks.models import Delivery, Endpoint
from safelight.web.hooks.secrets import unseal
from safelight.web.hooks.sending import emit

pytestmark = pytest.mark.usefixtures("db")
Call = Callable[..., Any]


@pytest.fixture
def call(key: Callable[..., str]) -> Call:
    """Asks the API with an admin's key."""
    client, admin = Client(), key(Scope.ADMIN)

    def ask(method: str, path: str, body: object = None) -> Any:
        return client.generic(
            method,
            f"/api/v1/webhooks{path}",
            json.dumps(body) if body is not None else "",
            content_type="application/json",
            headers={"Authorization": f"Bearer {admin}"},
        )

    return ask


def noted() -> list[str]:
    events = [logged.event.body for logged in the_app().cases.events(SERVICE_CASE)]
    return [body.what for body in events if isinstance(body, ServiceEvent) and "endpoint" in body.details]


def test_endpoints_are_added_changed_and_removed(call: Call) -> None:
    made = call("POST", "", {"url": "https://host.example/hook", "events": ["case.opened"]})
    assert made.status_code == 201
    told = json.loads(made.content)
    assert told["secret"] == unseal(Endpoint.objects.get().secret)
    assert [one["url"] for one in json.loads(call("GET", "").content)] == ["https://host.example/hook"]
    assert b"whsec_" not in call("GET", "").content
    number = told["id"]
    assert call("POST", f"/{number}/test").status_code == 202
    [delivery] = json.loads(call("GET", f"/{number}/deliveries").content)
    assert delivery["message"].startswith("msg_")
    turned = json.loads(call("POST", f"/{number}/rotate").content)
    assert turned["secret"] != told["secret"]
    assert call("POST", f"/{number}/enable").status_code == 200
    assert call("DELETE", f"/{number}").status_code == 204
    assert Delivery.objects.count() == Endpoint.objects.count() == 0
    assert noted()[-4:] == ["webhook.added", "webhook.rotated", "webhook.enabled", "webhook.removed"]


def test_of_cases_hears_who_was_added_by_somebody_who_may_read_them(
    call: Call, key: Callable[..., str], user: Callable[..., User], client_of: Callable[[User], Client]
) -> None:
    new = {"url": "https://host.example/hook"}
    plain = call("POST", "", new).json()
    both = Client(headers={"Authorization": f"Bearer {key(Scope.ADMIN, Scope.REVIEW)}"})
    hearing = both.post("/api/v1/webhooks", new, content_type="application/json").json()
    assert (plain["cases"], hearing["cases"]) == (False, True)
    client_of(user(Role.INTEGRATOR)).post("/webhooks", new)
    auditor = client_of(user(Role.INTEGRATOR, Role.AUDITOR))
    auditor.post("/webhooks", new)
    assert list(Endpoint.objects.order_by("pk").values_list("cases", flat=True)) == [False, True, False, True]
    emit("case.opened", {"case": "1"})
    path = f"{hearing['id']}/deliveries"
    assert len(both.get(f"/api/v1/webhooks/{path}").json()) == 1
    assert call("GET", f"/{path}").json() == []  # that there was a case is nothing for this key
    page = f"/webhooks/{hearing['id']}"
    assert "<td>case.opened</td>" in auditor.get(page).content.decode()
    assert "<td>case.opened</td>" not in client_of(user(Role.INTEGRATOR)).get(page).content.decode()


def test_programs_grant_cases_only_if_they_may_read_them(call: Call, key: Callable[..., str]) -> None:
    number = call("POST", "", {"url": "https://host.example/hook"}).json()["id"]
    assert call("POST", f"/{number}/cases", {"cases": True}).status_code == 403
    assert call("POST", "/999/cases", {"cases": True}).status_code == 403
    both = Client(headers={"Authorization": f"Bearer {key(Scope.ADMIN, Scope.REVIEW)}"})
    path = f"/api/v1/webhooks/{number}/cases"
    for _ in range(2):
        answer = both.post(path, {"cases": True}, content_type="application/json")
        assert (answer.status_code, answer.json()["cases"]) == (200, True)
    assert call("POST", f"/{number}/cases", {"cases": False}).json()["cases"] is False
    assert noted() == ["webhook.added", "webhook.granted", "webhook.withdrawn"]


def test_a_lead_says_who_hears_of_cases(
    user: Callable[..., User], client_of: Callable[[User], Client], call: Call
) -> None:
    number = call("POST", "", {"url": "https://host.example/hook"}).json()["id"]
    lead = client_of(user(Role.LEAD))
    assert "Let https://host.example/hook hear of cases" in lead.get("/webhooks/cases").content.decode()
    assert lead.post(f"/webhooks/{number}/cases/grant").status_code == 302
    assert Endpoint.objects.get().cases
    emit("case.opened", {"case": "1"})
    assert Delivery.objects.count() == 1
    assert lead.post(f"/webhooks/{number}/cases/withdraw").status_code == 302
    assert not Endpoint.objects.get().cases
    assert noted() == ["webhook.added", "webhook.granted", "webhook.withdrawn"]
    assert lead.get("/webhooks").status_code == 403  # all else about them is for others
    integrator = client_of(user(Role.INTEGRATOR))
    assert integrator.get("/webhooks/cases").status_code == 403
    assert integrator.post(f"/webhooks/{number}/cases/grant").status_code == 403


@pytest.mark.parametrize(
    "bad",
    [
        {"url": "ftp://host.example/"},
        {"url": "https://host.example/ x"},
        {"url": "https://host.example/", "events": ["no.such"]},
        {"url": "https://host.example/", "events": ["item.done"] * 50},
        {},
    ],
)
def test_bad_endpoints_are_refused(call: Call, bad: object) -> None:
    assert call("POST", "", bad).status_code == 422
    assert Endpoint.objects.count() == 0


def test_other_keys_get_nothing(key: Callable[..., str]) -> None:
    others = key(Scope.GATE, Scope.LOOKUP, Scope.CURATE, Scope.REVIEW, Scope.REPORT)
    client = Client(headers={"Authorization": f"Bearer {others}"})
    assert client.get("/api/v1/webhooks").status_code == 403
    assert Client().get("/api/v1/webhooks").status_code == 401


def test_the_page_does_the_same(user: Callable[..., User], client_of: Callable[[User], Client]) -> None:
    browser = client_of(user(Role.INTEGRATOR))
    page = browser.post("/webhooks", {"url": "https://host.example/", "events": ["item.done"], "description": "ours"})
    found = Endpoint.objects.get()
    assert unseal(found.secret) in page.content.decode()
    assert "https://host.example/" in browser.get("/webhooks").content.decode()
    assert browser.post(f"/webhooks/{found.pk}/test").status_code == 302
    shown = browser.get(f"/webhooks/{found.pk}").content.decode()
    assert "endpoint.test" in shown
    assert "whsec_" not in shown
    assert "whsec_" in browser.post(f"/webhooks/{found.pk}/rotate").content.decode()
    Endpoint.objects.update(disabled=found.created, reason="gone")
    browser.post(f"/webhooks/{found.pk}/enable")
    assert Endpoint.objects.get().disabled is None
    browser.post(f"/webhooks/{found.pk}/remove")
    assert Endpoint.objects.count() == 0
    assert browser.post("/webhooks", {"url": "no url"}).status_code == 200
    assert client_of(user(Role.REVIEWER)).get("/webhooks").status_code == 403
