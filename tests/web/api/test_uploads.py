"""Files that are fetched from elsewhere: whoever names slow servers holds up nobody else."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from io import BytesIO
from itertools import islice
from threading import Event
from typing import BinaryIO

import pytest
from django.http import HttpRequest

from safelight.model.access import Actor, ActorKind, Principal, Scope
from safelight.model.errors import BusyError, FetchError
from safelight.web.api.uploads import FETCHES, _turns, of_url
from safelight.web.container import the_app
from tests.web.talking import Talk, hang_up


def request_of(key: str) -> HttpRequest:
    made = HttpRequest()
    made.principal = Principal(Actor(ActorKind.KEY, key), frozenset())  # type: ignore[attr-defined]
    return made


class Fetcher:
    """Serves what is asked for, or not at all; not before `may` is set."""

    def __init__(self) -> None:
        self.may = Event()
        self.may.set()

    @contextmanager
    def fetch(self, url: str) -> Iterator[BinaryIO]:
        assert self.may.wait(60)
        if "gone" in url:
            raise FetchError(cause="there is nothing")
        yield BytesIO(url.encode())


def test_turns_are_given_back_and_are_shared_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(vars(the_app()), "fetcher", Fetcher())
    with ExitStack() as stack:
        for key in "ab":
            for _ in range(FETCHES // 2):
                stack.enter_context(_turns.taken(f"key:{key}"))
            with pytest.raises(BusyError), of_url(request_of(key), "https://host.example/"):
                pass
        with pytest.raises(BusyError), of_url(request_of("c"), "https://host.example/"):
            pass
    for url in ("https://host.example/gone", "https://host.example/") * FETCHES:
        with ExitStack() as stack:
            if "gone" in url:
                with pytest.raises(FetchError):
                    stack.enter_context(of_url(request_of("a"), url))
            else:
                assert stack.enter_context(of_url(request_of("a"), url)).read() == url.encode()
                assert not _turns.now  # the file is here: what is done with it takes no turn
    assert not _turns.now


@pytest.mark.usefixtures("committed_db")
def test_slow_servers_hold_up_nobody_else(key: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> None:
    fetcher = Fetcher()
    fetcher.may.clear()
    monkeypatch.setitem(vars(the_app()), "fetcher", fetcher)
    json = {"Content-Type": "application/json"}
    gate, other = (json | {"X-API-Key": key(scope)} for scope in (Scope.GATE, Scope.CURATE))

    async def crowd() -> list[int]:
        slow = [
            Talk("POST", "/api/v1/items", headers=gate, parts=[b'{"url": "https://slow.example/"}']) for _ in range(16)
        ]
        asking = [asyncio.ensure_future(one()) for one in slow]
        try:
            for refused in islice(asyncio.as_completed(asking), 16 - FETCHES // 2):
                await refused
            assert (await Talk("GET", "/api/v1/banks", headers=other)()).status == 200
            assert sum(one.done() for one in asking) == 16 - FETCHES // 2
        finally:
            fetcher.may.set()
        await asyncio.gather(*asking)
        return sorted(one.status for one in slow)

    try:
        statuses = asyncio.run(crowd())
    finally:
        hang_up()
        the_app().close_gate()
    assert statuses == [202] * (FETCHES // 2) + [503] * (16 - FETCHES // 2)
