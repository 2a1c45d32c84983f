"""Talks to the service as a server would, by ASGI messages in this process."""

import asyncio
import json
from collections.abc import Iterable, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Barrier
from typing import Any

from django.db import connections

from safelight.web.asgi import application


@dataclass
class Talk:
    """One request and what came of it. `read`: messages that the service has taken. `hangs_up`: after the last part."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    parts: Iterable[bytes] = (b"",)
    hangs_up: bool = False
    stays_silent: bool = False
    read: int = 0
    sent: list[Mapping[str, Any]] = field(default_factory=list)
    over: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self._parts = list(self.parts)

    @property
    def status(self) -> int:
        return int(self.sent[0]["status"])

    @property
    def answered(self) -> dict[str, str]:
        return {name.decode().lower(): value.decode() for name, value in self.sent[0]["headers"]}

    @property
    def body(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.sent[1:])

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    async def __call__(self) -> "Talk":
        path, _, query = self.path.partition("?")
        headers = {"host": "127.0.0.1", **{name.lower(): value for name, value in self.headers.items()}}
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": self.method,
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
            "client": ("127.0.0.1", 1234),
            "server": ("127.0.0.1", 8411),
        }
        await application(scope, self._receive, self._send)
        return self

    async def _receive(self) -> Mapping[str, Any]:
        if self.read < len(self._parts):
            self.read += 1
            more = self.read < len(self._parts) or self.hangs_up or self.stays_silent
            return {"type": "http.request", "body": self._parts[self.read - 1], "more_body": more}
        if not self.hangs_up:
            await self.over.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Mapping[str, Any]) -> None:
        self.sent.append(message)


def hang_up() -> None:
    """Close the connections to the database that the service keeps: the next test has another under its name."""
    for lane in application._machines._lanes:
        let_go(lane.threads)


def let_go(threads: Executor) -> None:
    """Close the connections to the database that these threads keep."""
    assert isinstance(threads, ThreadPoolExecutor)
    if threads._threads:
        met = Barrier(threads._max_workers)  # so that each of them does it
        for closed in [threads.submit(_close_all, met) for _ in range(threads._max_workers)]:
            closed.result()


def _close_all(met: Barrier) -> None:
    met.wait()
    connections.close_all()


def talk(method: str, path: str, **more: Any) -> Talk:
    """Ask and hear the answer."""
    return asyncio.run(_talk(method, path, **more))


async def _talk(method: str, path: str, **more: Any) -> Talk:
    return await Talk(method, path, **more)()
