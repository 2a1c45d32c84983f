"""Answers that end their connection."""

import asyncio
from collections.abc import Iterator, Mapping
from itertools import cycle
from typing import Any

from safelight.web.bodies import Receive, Scope, Send
from safelight.web.run.spreading import EVERY, Spread

CLOSE = (b"connection", b"close")


async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
    """Answers with a header of its own."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"x-own", b"1")]})
    await send({"type": "http.response.body", "body": b"all of it"})


def ask(spread: Spread, kind: str = "http") -> list[Mapping[str, Any]]:
    """What is sent for one request."""
    sent: list[Mapping[str, Any]] = []

    async def keep(message: Mapping[str, Any]) -> None:
        sent.append(message)

    async def never() -> Mapping[str, Any]:
        raise AssertionError

    asyncio.run(spread({"type": kind}, never, keep))
    return sent


def test_one_answer_in_so_many_ends_its_connection_and_is_whole() -> None:
    draws: Iterator[float] = cycle(number / EVERY for number in range(EVERY))
    spread = Spread(app, lambda: next(draws))
    answers = [ask(spread) for _ in range(3 * EVERY)]
    assert [CLOSE in start["headers"] for start, _ in answers] == ([True] + [False] * (EVERY - 1)) * 3
    assert all((b"x-own", b"1") in start["headers"] and body["body"] == b"all of it" for start, body in answers)


def test_what_is_no_request_is_left_alone() -> None:
    assert CLOSE not in ask(Spread(app, lambda: 0.0), "lifespan")[0]["headers"]
