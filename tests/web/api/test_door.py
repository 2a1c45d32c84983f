"""What all routes have in common: errors, keys without rights, rates, ids, pages."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from safelight.model.access import SCOPES, Permission, Role, Scope
from safelight.model.errors import SandboxError, StorageError
from safelight.model.service import Item
from safelight.web.api import door, items
from safelight.web.api.api import PREFIX, api
from safelight.web.api.limits import Limiter, Standing
from safelight.web.api.models import Bucket
from safelight.web.api.pages import document
from safelight.web.api.problem import kinds
from safelight.web.container import the_app
from tests.fakes import FakeClock
from tests.web.api.conftest import NEAR

Clients = Callable[..., Client]
OPERATIONS = api.operations()
NOBODY = "00000000-0000-7000-8000-000000000000"


def asked(client: Client, method: str, path: str, **ids: str) -> Any:
    for name in re.findall(r"\{(\w+)\}", path):
        path = path.replace("{" + name + "}", ids.get(name, {"name": "none", "endpoint": "1"}.get(name, NOBODY)))
    return client.generic(method, PREFIX.rstrip("/") + path, b"{}", content_type="application/json")


def without_id(answer: Any) -> tuple[int, bytes, dict[str, str]]:
    """The answer but for what is another every time: the request's id."""
    number = answer["X-Request-Id"]
    assert answer.json()["instance"] == number
    headers = {name: value for name, value in answer.items() if name not in {"X-Request-Id", "RateLimit"}}
    return answer.status_code, answer.content.replace(number.encode(), b"*" * 8), headers


@pytest.mark.usefixtures("db")
class TestWithoutTheRight:
    @pytest.mark.parametrize(("method", "path", "permission"), [one[:3] for one in OPERATIONS])
    def test_only_those_with_the_permission_come_in(
        self, client: Clients, method: str, path: str, permission: Permission
    ) -> None:
        anonymous = asked(Client(), method, path)
        assert (anonymous.status_code, anonymous["WWW-Authenticate"]) == (401, 'Bearer realm="safelight"')
        holders = [scope for scope in Scope if permission in SCOPES[scope]]
        others = [scope for scope in Scope if scope not in holders]
        assert holders
        assert asked(client(*others), method, path).status_code == 403
        assert asked(client(*holders), method, path).status_code not in {401, 403}

    @pytest.mark.parametrize("who", ["anonymous", "key"])
    def test_it_is_the_same_whether_there_is_anything(
        self, client: Clients, take: Callable[..., Item], who: str
    ) -> None:
        item = take(b"1", NEAR)
        one = Client() if who == "anonymous" else client(Scope.GATE)
        for method, path, permission, _ in OPERATIONS:
            if permission not in SCOPES[Scope.GATE]:
                there = asked(one, method, path, item_id=item.id, case_id=item.case or "", name="listed")
                assert without_id(there) == without_id(asked(one, method, path))

    def test_a_session_is_no_key(self, user: Callable[..., Any], client_of: Callable[..., Client]) -> None:
        assert asked(client_of(user(Role.LEAD)), "GET", "/cases").status_code == 401


@pytest.mark.usefixtures("db")
class TestErrors:
    @pytest.mark.parametrize(("method", "path", "status"), [("GET", "/nothing", 404), ("PUT", "/items", 405)])
    def test_addresses_and_methods(self, client: Clients, method: str, path: str, status: int) -> None:
        for one in (Client(), client()):
            answer = asked(one, method, path)
            assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
        if status == 405:
            assert answer["Allow"] == "GET, POST"

    def test_a_problem_has_its_members(self, client: Clients) -> None:
        answer = client().get(f"{PREFIX}items/{NOBODY}")
        told = answer.json()
        assert told.keys() == {"type", "title", "status", "detail", "instance"}
        assert (told["status"], told["title"]) == (404, "There is no item of that id")
        assert told["type"] == f"{the_app().settings.service.url}/api/docs#unknown-item"
        assert answer["Cache-Control"] == "no-store"

    @pytest.mark.parametrize(
        ("error", "status"),
        [
            (RuntimeError("a secret"), 500),
            (StorageError(path="a secret", cause="x"), 507),
            (SandboxError(cause="a secret"), 503),
        ],
    )
    def test_faults_of_ours_say_nothing(
        self, client: Clients, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int
    ) -> None:
        def broken() -> None:
            raise error

        monkeypatch.setattr(items, "the_app", broken)
        answer = client().get(f"{PREFIX}items")
        assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
        assert b"secret" not in answer.content

    def test_what_was_sent_is_not_repeated(self, client: Clients) -> None:
        body = {"queries": [{"md5": "not a hash of mine"}]}
        answer = client().post(f"{PREFIX}lookup", body, content_type="application/json")
        assert answer.status_code == 422
        assert b"hash of mine" not in answer.content
        assert answer.json()["errors"][0]["where"] == ["body", "asked", "queries", "0", "md5"]

    @pytest.mark.parametrize("body", [b'"\\ud800"', b'{"name": "\\ud800"}', b"\xff", b"[" * 100_000])
    def test_texts_that_are_none(self, client: Clients, body: bytes) -> None:
        answer = client().post(f"{PREFIX}banks", body, content_type="application/json")
        assert answer.status_code in {400, 422}

    def test_too_large_a_body(self, client: Clients, settings_of: Callable[..., None]) -> None:
        settings_of(DATA_UPLOAD_MAX_MEMORY_SIZE=100)
        answer = client().post(f"{PREFIX}banks", b" " * 101, content_type="application/json")
        assert (answer.status_code, answer["Content-Type"]) == (413, "application/problem+json")

    def test_titles_are_sentences_and_codes_are_told_once(self) -> None:
        told = list(kinds())
        assert len({kind.code for kind in told}) == len(told)
        assert all(kind.title and not kind.title.endswith(".") and 400 <= kind.status < 600 for kind in told)


@pytest.mark.usefixtures("db")
class TestPages:
    def test_they_are_public(self) -> None:
        told = Client().get("/api/openapi.json").json()
        assert told["openapi"].startswith("3.1")
        page = Client().get("/api/docs")
        text = page.content.decode()
        assert page.status_code == 200
        assert "default-src 'none'" in page["Content-Security-Policy"]
        assert "http" not in "".join(re.findall(r'(?:src|href)="([^"]*)"', text))
        assert not re.search(r"<script(?![^>]*src=)|\son\w+=|style=", text)
        for kind in kinds():
            assert f'id="{kind.code}"' in text
        for methods in told["paths"].values():
            for operation in methods.values():
                assert f'id="{operation["operationId"]}"' in text

    def test_they_are_only_read(self) -> None:
        for path in ("/api/docs", "/api/openapi.json"):
            assert Client().post(path).status_code == 405

    def test_every_operation_says_what_it_asks_for(self) -> None:
        told = {
            (method.upper(), path.removeprefix(PREFIX.rstrip("/"))): operation["x-permission"]
            for path, methods in document()["paths"].items()
            for method, operation in methods.items()
        }
        assert told == {(method, path): permission for method, path, permission, _ in OPERATIONS}


@pytest.fixture
def settings_of() -> Any:
    from django.test import override_settings

    changed: list[Any] = []

    def change(**values: object) -> None:
        changed.append(override_settings(**values))
        changed[-1].enable()

    yield change
    for one in changed:
        one.disable()


@pytest.mark.usefixtures("db")
class TestRates:
    def test_tokens_run_out_and_come_back(self) -> None:
        clock = FakeClock()
        box = Limiter(1, clock)
        assert [box.take("key:1") for _ in range(3)] == [
            Standing(9, 10),
            Standing(9, 10),
            Standing(9, 10),
        ]  # a second each
        clock.now = lambda: clock.time  # type: ignore[method-assign]
        taken = [box.take("key:1") for _ in range(11)]
        assert [one.wait for one in taken] == [0] * 9 + [1, 1]
        assert box.take("key:2").wait == 0
        clock.time += timedelta(seconds=2)
        assert [box.take("key:1").wait for _ in range(3)] == [0, 0, 1]

    def test_processes_share_a_bucket(self) -> None:
        clock = FakeClock()
        clock.now = lambda: clock.time  # type: ignore[method-assign]
        boxes = [Limiter(20, clock) for _ in range(3)]
        given = 0
        while any(not box.take("key:1").wait for box in boxes):
            given += 1
        assert Bucket.objects.get(actor="key:1").tokens < 1
        assert given <= 200

    def test_a_clock_that_was_ahead_shuts_nobody_out(self) -> None:
        clock = FakeClock()
        clock.now = lambda: clock.time  # type: ignore[method-assign]
        box = Limiter(1, clock)
        clock.time += timedelta(days=365)
        while not box.take("key:1").wait:
            pass
        clock.time -= timedelta(days=365)
        assert box.take("key:1").wait == 1
        clock.time += timedelta(seconds=2)
        assert not box.take("key:1").wait

    def test_most_requests_cost_no_query(self) -> None:
        clock = FakeClock()
        box = Limiter(1_000, clock)
        assert box.at_hand("key:1") is None
        first = box.take("key:1")
        assert [box.at_hand("key:1") for _ in range(99)] == [replace(first, left=first.left - n - 1) for n in range(99)]
        assert box.at_hand("key:1") is None

    def test_who_asks_too_often_waits(self, client: Clients, monkeypatch: pytest.MonkeyPatch) -> None:
        clock = FakeClock()
        clock.now = lambda: clock.time  # type: ignore[method-assign]
        box = Limiter(0.2, clock)
        monkeypatch.setattr(door, "limiter", lambda: box)
        one = client(Scope.CURATE)
        first = one.get(f"{PREFIX}banks")
        assert (first.status_code, first["RateLimit-Policy"], first["RateLimit"]) == (
            200,
            '"key";q=2;w=10',
            '"key";r=1',
        )
        one.get(f"{PREFIX}banks")
        answer = one.get(f"{PREFIX}banks")
        assert (answer.status_code, answer["Retry-After"]) == (429, "5")
        assert answer.json()["type"].endswith("#too-many")
        assert asked(one, "POST", "/gate").status_code == 429
        assert client(Scope.CURATE).get(f"{PREFIX}banks").status_code == 200
        assert "RateLimit" not in Client().get(f"{PREFIX}banks").headers

    def test_the_operator_may_want_none(self, client: Clients, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(door, "limiter", lambda: None)
        assert "RateLimit" not in client(Scope.CURATE).get(f"{PREFIX}banks").headers
