"""The service as an ASGI application: programs go one way (`machine`), people the other, through all of Django."""

import asyncio
import logging
import os
from collections.abc import Mapping
from typing import Any, Final

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "safelight.web.settings")
django.setup(set_prefix=False)

from django.conf import settings  # noqa: E402 (settings must be known first; so the next ones)
from django.core.exceptions import RequestDataTooBig  # noqa: E402
from django.core.handlers.asgi import ASGIHandler  # noqa: E402
from django.http import HttpResponse  # noqa: E402

from safelight.model.errors import BusyError  # noqa: E402
from safelight.web.bodies import (  # noqa: E402
    PEOPLE,
    Body,
    GoneError,
    Receive,
    Scope,
    Send,
    SlowError,
    read_body,
)
from safelight.web.container import the_app  # noqa: E402
from safelight.web.machine import MachineHandler, is_machine  # noqa: E402

FORM_BYTES: Final = 1 << 20
"""Largest body that is taken from people, who send forms."""
STRANGER_BYTES: Final = 64 << 10
"""Largest body without a session's cookie: to sign in takes no more."""

_log = logging.getLogger("safelight.web")


class _Read:
    """`receive` of a request whose body was read."""

    def __init__(self, body: Body, receive: Receive) -> None:
        self.body = body
        self._receive = receive

    async def __call__(self) -> Mapping[str, Any]:
        return await self._receive()


class PeopleHandler(ASGIHandler):
    """Django's own, but for bodies: they are read into anonymous memory, within bounds."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        try:
            body = await read_body(receive, _most(scope), meter=PEOPLE)
        except GoneError:
            return
        except (RequestDataTooBig, SlowError, BusyError) as error:
            status = {RequestDataTooBig: 413, SlowError: 408}.get(type(error), 503)
            headers = {"Connection": "close", "Cache-Control": "no-store"}
            await self.send_response(HttpResponse(status=status, headers=headers), send)
        else:
            await super().__call__(scope, _Read(body, receive), send)

    async def read_body(self, receive: Receive) -> Body:
        """The body that was read."""
        assert isinstance(receive, _Read)
        return receive.body


def _most(scope: Scope) -> int:
    """Bytes that are taken: whether there is such a session is asked later, by middleware, with the body in hand."""
    name = f"{settings.SESSION_COOKIE_NAME}=".encode()
    cookies = (text for key, value in scope["headers"] if key == b"cookie" for text in value.split(b";"))
    return FORM_BYTES if any(text.strip().startswith(name) for text in cookies) else STRANGER_BYTES


class Application:
    """Sends each request its way. The gate is opened when the server starts, and closed when that ends."""

    def __init__(self) -> None:
        self._people = PeopleHandler()
        self._machines = MachineHandler()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI entry point."""
        if scope["type"] == "lifespan":
            await _live(receive, send)
        elif scope["type"] != "http":
            raise ValueError(f"{scope['type']} is not spoken here")
        elif is_machine(scope["path"]):
            await self._machines(scope, receive, send)
        else:
            await self._people(scope, receive, send)


async def _live(receive: Receive, send: Send) -> None:
    """The server's life, see the ASGI lifespan protocol."""
    while True:
        message = await receive()
        if message["type"] == "lifespan.shutdown":
            await asyncio.to_thread(the_app().close_gate)
            await send({"type": "lifespan.shutdown.complete"})
            return
        await asyncio.to_thread(_open_gate)
        await send({"type": "lifespan.startup.complete"})


def _open_gate() -> None:
    """Without a gate the service is still of use, and the gate itself answers as it does when it cannot look."""
    try:
        the_app().open_gate()
    except Exception:  # noqa: BLE001 - whatever it is, people can still work
        _log.exception("the gate could not be opened")


application = Application()
