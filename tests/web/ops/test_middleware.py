"""Every answer has an id and strict headers, and errors say no more than they must, in either way of calling."""

import asyncio
import json
from collections.abc import Iterator

import pytest
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.test import AsyncClient, Client, override_settings

from safelight.web.ops import middleware
from safelight.web.ops.middleware import HEADERS

pytestmark = pytest.mark.usefixtures("db")

STATUS = {
    "unknown": 404,
    "forbidden": 403,
    "storage": 507,
    "bug": 500,
    "missing": 404,
    "denied": 403,
    "suspicious": 400,
}


@pytest.fixture(autouse=True)
def failing_routes() -> Iterator[None]:
    with override_settings(ROOT_URLCONF="tests.web.ops.urls"):
        yield


def test_answers_carry_an_id_and_strict_headers() -> None:
    first, second = Client().get("/version"), Client().get("/nothing/here")
    for answer in (first, second):
        assert len(answer["X-Request-Id"]) == 32
        assert {name: answer[name] for name in HEADERS} == HEADERS
        assert int(answer["Content-Length"]) == len(answer.content)
    assert first["X-Request-Id"] != second["X-Request-Id"]


def test_policies_allow_nothing_inline() -> None:
    policy = HEADERS["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert policy.startswith("default-src 'none';")
    assert "frame-ancestors 'none'" in policy


def test_a_callers_own_id_is_not_taken() -> None:
    answer = Client().get("/version", headers={"X-Request-Id": "f" * 32})
    assert answer["X-Request-Id"] != "f" * 32


@pytest.mark.parametrize(("name", "status"), STATUS.items())
@pytest.mark.parametrize("way", ["fail", "later"])
def test_people_get_a_page_that_quotes_nothing(name: str, status: int, way: str) -> None:
    answer = Client().get(f"/{way}/{name}?q=beach")
    assert answer.status_code == status
    assert answer["Content-Type"].startswith("text/html")
    text = answer.content.decode()
    assert answer["X-Request-Id"] in text
    for secret in ("beach", "9f86d0", "secret-place", "Traceback"):
        assert secret not in text


@pytest.mark.parametrize(("name", "status"), STATUS.items())
def test_programs_get_problem_details(name: str, status: int) -> None:
    answer = Client().get(f"/h/fail/{name}")
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"
    problem = json.loads(answer.content)
    assert problem["status"] == status
    assert problem["instance"] == answer["X-Request-Id"]
    assert "beach" not in answer.content.decode()


def test_nothing_here_is_told_in_both_ways() -> None:
    assert b"There is nothing here." in Client().get("/no/such/page").content
    assert json.loads(Client().get("/h/no/such/thing").content)["detail"] == "There is nothing here."


def test_the_event_loop_is_not_left() -> None:
    """An async view behind our middlewares runs in the loop's own thread."""
    steps: list[bool] = []

    async def view(_request: HttpRequest) -> HttpResponse:
        steps.append(asyncio.get_running_loop() is loop)
        return HttpResponse("x")

    loop = asyncio.new_event_loop()
    chain: middleware.Next = view
    for one in (middleware.ErrorsMiddleware, middleware.HeadersMiddleware, middleware.RequestIdMiddleware):
        chain = one(chain)
    request = HttpRequest()
    request.method, request.path = "GET", "/"
    result = chain(request)
    assert not isinstance(result, HttpResponseBase)
    response = loop.run_until_complete(result)
    loop.close()
    assert steps == [True]
    assert response["X-Request-Id"]
    assert response["X-Frame-Options"] == "DENY"


def test_async_clients_get_the_same() -> None:
    async def ask() -> HttpResponseBase:
        return await AsyncClient().get("/version")

    answer = asyncio.run(ask())
    assert {name: answer[name] for name in HEADERS} == HEADERS
