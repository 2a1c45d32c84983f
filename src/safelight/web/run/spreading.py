"""Clients that keep their connections, spread over the processes that answer.

A process that is woken takes all connections that wait at the moment, and whoever keeps one stays with it: four busy
clients can be with one process while the other is idle. So that this does not last, an answer now and then ends its
connection (RFC 9112, section 9.6). The kernel hands the next one to a process that waits, which is one with time.
"""

import random
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from safelight.web.bodies import Receive, Scope, Send

EVERY: Final = 64
"""One answer in so many, by chance, ends its connection. A new one costs a fraction of an answer."""

_CLOSE: Final = (b"connection", b"close")


class Spread:
    """An ASGI application that answers as `app` does. `draw`: a number from 0 to below 1."""

    def __init__(
        self, app: Callable[[Scope, Receive, Send], Awaitable[None]], draw: Callable[[], float] = random.random
    ) -> None:
        self._app = app
        self._draw = draw

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See the class."""
        if scope["type"] != "http" or self._draw() * EVERY >= 1:
            await self._app(scope, receive, send)
            return

        async def last(message: Mapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", ()), _CLOSE]}
            await send(message)

        await self._app(scope, receive, last)
