"""The two ways of a request, and what becomes of its body."""

import asyncio
import logging
import os
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory, override_settings
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from safelight.model.access import Permission, Scope
from safelight.web import asgi, bodies, machine
from safelight.web.access import requires
from safelight.web.asgi import FORM_BYTES, STRANGER_BYTES
from safelight.web.bodies import Body, body_of
from safelight.web.container import the_app
from safelight.web.machine import MachineRequest, is_machine
from tests.web.talking import Talk, hang_up, talk

MOST = 1 << 20
Key = Callable[..., str]
seen: dict[str, Any] = {}


def _kind(body: Body) -> str:
    return str(Path(f"/proc/self/fd/{body.fileno()}").readlink())


@requires(Permission.GATE_CHECK)
async def asynchronous(request: HttpRequest) -> HttpResponse:
    assert isinstance(request, MachineRequest)
    body = request.body_file
    assert body is not None
    seen["link"] = _kind(body)
    seen["held"] = bodies.PROGRAMS.bytes
    return HttpResponse(request.body)


@requires(Permission.GATE_CHECK)
def synchronous(request: HttpRequest) -> HttpResponse:
    seen["session"] = getattr(request, "session", None)
    return HttpResponse(request.read())


@requires(Permission.GATE_CHECK)
async def waiting(_request: HttpRequest) -> HttpResponse:
    seen["began"].set()
    try:
        await asyncio.sleep(30)
    except asyncio.CancelledError:
        seen["cancelled"] = True
        raise
    return HttpResponse()


@requires(Permission.GATE_CHECK)
def slow(request: HttpRequest) -> HttpResponse:
    seen["began"].set()
    assert seen["gone"].wait(10)
    seen["read"] = request.read()
    return HttpResponse()


@csrf_exempt
@requires(Permission.PUBLIC)
def people(request: HttpRequest) -> HttpResponse:
    return HttpResponse(request.read())


urlpatterns = [
    path("api/async", asynchronous),
    path("api/sync", synchronous),
    path("api/wait", waiting),
    path("api/slow", slow),
    path("people", people),
    path("login", people, name="account_login"),
]


@pytest.fixture(autouse=True)
def _routes(committed_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    seen.clear()
    app = the_app()
    service = replace(app.settings.service, max_upload=MOST)
    monkeypatch.setattr(app, "settings", replace(app.settings, service=service))
    with override_settings(ROOT_URLCONF=__name__):
        yield
    hang_up()
    assert bodies.PROGRAMS.bytes == bodies.PEOPLE.bytes == 0


@pytest.fixture
def sign(key: Key) -> dict[str, str]:
    """The header with a key for the gate."""
    return {"Authorization": f"Bearer {key(Scope.GATE)}"}


def test_which_paths_are_for_programs() -> None:
    assert all(map(is_machine, ("/api/v1/gate", "/h/hash", "/m/lookup", "/c/banks", "/status", "/status/live")))
    assert not any(map(is_machine, ("/", "/cases/1", "/apis", "/statuses", "/healthz", "/accounts/login/")))


@pytest.mark.parametrize("where", ["/api/async", "/api/sync"])
def test_a_body_comes_whole_in_sealed_memory(where: str, sign: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "SpooledTemporaryFile", None)
    parts = [bytes([number]) * 50_000 for number in range(20)]
    answer = talk("POST", where, headers=sign, parts=parts)
    assert (answer.status, answer.body) == (200, b"".join(parts))
    assert answer.answered["content-length"] == str(sum(map(len, parts)))
    assert answer.answered["cache-control"] == "no-store"
    assert len(answer.answered["x-request-id"]) == 32
    if where == "/api/async":
        assert seen["link"].startswith("/memfd:")
        assert seen["held"] == 1_000_000


def test_nobody_can_change_a_body() -> None:
    with body_of([b"one", b"two"], 6) as body:
        assert (body.size, body.read()) == (6, b"onetwo")
        with pytest.raises(PermissionError):
            os.pwrite(os.open(f"/proc/self/fd/{body.fileno()}", os.O_RDWR), b"x", 0)
        with pytest.raises(PermissionError):
            os.ftruncate(body.fileno(), 0)


def test_without_the_right_key_no_byte_is_read(key: Key) -> None:
    answers = [
        talk("POST", "/api/async", headers=headers, parts=[b"x" * size])
        for headers in ({}, {"X-API-Key": "slk_no_such"}, {"X-API-Key": key(Scope.LOOKUP)})
        for size in (1, 100_000)
    ]
    assert [answer.read for answer in answers] == [0] * 6
    assert [answer.status for answer in answers] == [302, 302, 302, 302, 403, 403]
    for small, large in zip(answers[::2], answers[1::2], strict=True):
        for answer in (small, large):
            answer.answered.pop("x-request-id")
        assert len(small.body) == len(large.body)
        assert small.answered.keys() == large.answered.keys()


def test_what_is_too_large_is_not_read_to_its_end(sign: dict[str, str]) -> None:
    announced = talk("POST", "/api/async", headers=sign | {"Content-Length": str(MOST + 1)}, parts=[b"x" * 100] * 20)
    sent = talk("POST", "/api/async", headers=sign, parts=[b"x" * (MOST // 4)] * 20)
    assert (announced.status, announced.read) == (413, 0)
    assert (sent.status, sent.read) == (413, 5)
    for answer in (announced, sent):
        assert answer.json["title"] == "The body is larger than the service takes"
        assert answer.answered["connection"] == "close"
    assert talk("POST", "/api/async", headers=sign, parts=[b"x" * (MOST // 4)] * 4).status == 200


def test_what_is_no_file_is_smaller(monkeypatch: pytest.MonkeyPatch) -> None:
    """JSON takes many times its size once it is read."""
    monkeypatch.setattr(machine, "JSON_BYTES", 100)
    asked = RequestFactory().post
    taken = {
        (where, kind): machine.most_of(asked(where, b"x", content_type=kind))
        for where in ("/api/v1/items", "/api/v1/gate", "/h/hash", "/m/lookup", "/c/bank/b/content", "/api/v1/lookup")
        for kind in ("application/json", "image/png")
    }
    assert [where for where, most in taken.items() if most == 100] == [
        *((where, "application/json") for where, kind in taken if kind == "application/json"),
        ("/api/v1/lookup", "image/png"),
    ]
    assert set(taken.values()) == {100, MOST}


def test_json_that_is_too_large_is_not_read_to_its_end(sign: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "JSON_BYTES", 100)
    answer = talk("POST", "/api/async", headers=sign, parts=[b"x" * 60] * 5)
    assert (answer.status, answer.read, answer.json["detail"]) == (413, 2, "at most 100 bytes are taken")


def test_who_sends_too_slowly_is_cut_off(sign: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "GRACE", 0.05)
    answer = talk("POST", "/api/async", headers=sign, parts=[b"x"], stays_silent=True)
    assert (answer.status, answer.answered["connection"]) == (408, "close")
    form = talk("POST", "/people", parts=[b"x"], stays_silent=True)
    assert form.status == 408


def test_all_bodies_together_have_a_bound(sign: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies.PROGRAMS, "most", 1000)
    with body_of([b"x" * 900], MOST):
        answer = talk("POST", "/api/async", headers=sign, parts=[b"x" * 101])
        assert (answer.status, answer.answered["retry-after"]) == (503, "2")
        assert talk("POST", "/people", parts=[b"x" * 101]).status == 200  # counted apart
        assert talk("POST", "/api/async", headers=sign, parts=[b"x" * 100]).status == 200
    assert talk("POST", "/api/async", headers=sign, parts=[b"x" * 5000]).status == 200  # alone


def test_strangers_take_no_memory_from_programs(sign: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """As many as come, before anything is asked of them, slowly: the gate takes its bodies all the same."""
    monkeypatch.setattr(bodies.PEOPLE, "most", 4 * STRANGER_BYTES)
    monkeypatch.setattr(bodies.PROGRAMS, "most", MOST)

    async def crowd() -> tuple[list[int], int, int]:
        slow = [Talk("POST", "/people", parts=[b"x" * STRANGER_BYTES], stays_silent=True) for _ in range(6)]
        asking = [asyncio.ensure_future(one()) for one in slow]
        await asyncio.sleep(0.05)
        held = bodies.PEOPLE.bytes
        gate = await Talk("POST", "/api/async", headers=sign, parts=[b"x" * MOST])()
        for one in slow:
            one.hangs_up = True
            one.over.set()
        await asyncio.gather(*asking)
        return [one.status for one in slow if one.sent], held, gate.status

    assert asyncio.run(crowd()) == ([503, 503], 4 * STRANGER_BYTES, 200)


def test_who_hangs_up_is_not_answered(sign: dict[str, str]) -> None:
    assert talk("POST", "/api/async", headers=sign, parts=[b"x"], hangs_up=True).sent == []
    assert talk("POST", "/people", parts=[b"x"], hangs_up=True).sent == []


def test_who_hangs_up_later_stops_the_work(sign: dict[str, str]) -> None:
    async def leave() -> Talk:
        seen["began"] = asyncio.Event()
        one = Talk("POST", "/api/wait", headers=sign)
        asking = asyncio.ensure_future(one())
        await seen["began"].wait()
        one.over.set()
        return await asking

    assert asyncio.run(leave()).sent == []
    assert seen["cancelled"]


def test_who_hangs_up_while_a_thread_works_leaves_it_its_body(
    sign: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    """A thread cannot be stopped: without its body it would fail, and be logged as a fault of ours."""

    async def leave() -> None:
        seen["began"], seen["gone"] = threading.Event(), threading.Event()
        one = Talk("POST", "/api/slow", headers=sign, parts=[b"x" * 10])
        asking = asyncio.ensure_future(one())
        await asyncio.to_thread(seen["began"].wait, 10)
        one.over.set()
        done, _ = await asyncio.wait((asking,), timeout=0.05)
        seen["gone"].set()
        await asking
        assert not done

    with caplog.at_level(logging.WARNING):
        asyncio.run(leave())
    assert seen["read"] == b"x" * 10
    assert caplog.records == []


def test_programs_have_no_session_and_no_cookies(sign: dict[str, str]) -> None:
    answer = talk("POST", "/api/sync", headers=sign | {"Cookie": "sessionid=abc"})
    assert answer.status == 200
    assert "set-cookie" not in answer.answered
    assert seen["session"].session_key is None


def test_threads_and_connections_are_kept(sign: dict[str, str]) -> None:
    async def ask(times: int) -> None:
        for _ in range(times):
            assert (await Talk("POST", "/api/sync", headers=sign)()).status == 200

    handler = asgi.application._machines
    threads = [cast("ThreadPoolExecutor", lane.threads) for lane in handler._lanes]
    before = sum(len(one._threads) for one in threads)  # other tests' requests have left some
    asyncio.run(ask(5))
    assert [lane.load for lane in handler._lanes] == [0] * len(handler._lanes)
    assert sum(len(one._threads) for one in threads) <= before + 1


def test_people_send_forms() -> None:
    answer = talk("POST", "/people", parts=[b"a" * 60_000, b"b"])
    assert (answer.status, answer.body) == (200, b"a" * 60_000 + b"b")
    large = [b"x" * (FORM_BYTES // 2)] * 2
    cookie = {"Cookie": f"other=1; {settings.SESSION_COOKIE_NAME}=abc"}
    assert talk("POST", "/people", headers=cookie, parts=large).status == 200
    assert talk("POST", "/people", headers=cookie, parts=[*large, b"x"]).status == 413
    for none in ({}, {"Cookie": "xsessionid=abc"}):
        refused = talk("POST", "/people", headers=none, parts=[b"x" * STRANGER_BYTES, b"x"])
        assert (refused.status, refused.read) == (413, 2)


def test_the_gate_opens_and_closes_with_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []

    def opened() -> None:
        calls.append("open")
        raise OSError("no room")  # which keeps nobody from working

    monkeypatch.setattr(the_app(), "open_gate", opened)
    monkeypatch.setattr(the_app(), "close_gate", lambda: calls.append("close"))
    messages = iter(["lifespan.startup", "lifespan.shutdown"])
    sent: list[Mapping[str, Any]] = []

    async def receive() -> Mapping[str, Any]:
        return {"type": next(messages)}

    async def send(message: Mapping[str, Any]) -> None:
        sent.append(message)

    asyncio.run(asgi.application({"type": "lifespan"}, receive, send))
    assert calls == ["open", "close"]
    assert [message["type"] for message in sent] == ["lifespan.startup.complete", "lifespan.shutdown.complete"]


def test_other_protocols_are_refused() -> None:
    async def never() -> Mapping[str, Any]:
        raise AssertionError

    async def nothing(_message: Mapping[str, Any]) -> None:
        raise AssertionError

    with pytest.raises(ValueError, match="websocket"):
        asyncio.run(asgi.application({"type": "websocket", "path": "/"}, never, nothing))


def test_a_body_gives_its_memory_back_once() -> None:
    body = body_of([b"x" * 10], 10)
    assert isinstance(body, Body)
    assert bodies.PROGRAMS.bytes == 10
    body.close()
    body.close()
    assert bodies.PROGRAMS.bytes == 0
