"""The way of requests by programs: no session, no cookies, and no body before it is clear who may send one.

    key -> route -> may this key use this route? -> body into anonymous memory -> view

Whoever has no key, or one that is not for the route, is refused before a byte of the body is read: in the same time
and the same words, whatever was to be sent. All middleware runs in the event loop; views that are no coroutines run in
threads that are kept, with their connections to the database.
"""

import asyncio
import io
import re
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from asgiref.sync import ThreadSensitiveContext, iscoroutinefunction, markcoroutinefunction
from django.core.exceptions import RequestDataTooBig
from django.core.handlers.asgi import ASGIHandler, ASGIRequest, get_script_prefix
from django.core.handlers.exception import convert_exception_to_response
from django.http import HttpRequest, HttpResponse
from django.urls import set_script_prefix

from safelight.model.errors import BusyError
from safelight.web.access import View, declared, principal_of
from safelight.web.accounts.middleware import PrincipalMiddleware
from safelight.web.api import problem as problems
from safelight.web.api.uploads import JSON
from safelight.web.bodies import Body, GoneError, Receive, Scope, Send, SlowError, read_body
from safelight.web.container import the_app
from safelight.web.ops.middleware import ErrorsMiddleware, HeadersMiddleware, RequestIdMiddleware

AREAS: Final = ("/api/", "/h/", "/m/", "/c/", "/status/")
"""Where programs are answered; `/status` alone, too."""
LANES: Final = 16
"""Views that are no coroutines and run at a time; each has a thread, made when it is first needed."""

JSON_BYTES: Final = 4 << 20
"""Largest body that is no file: once it is read as JSON, it takes many times its size."""
_FILES: Final = re.compile(r"/(api/v1/(items|gate)|h/hash|m/lookup|c/bank/[^/]+/content)")


def is_machine(path: str) -> bool:
    """Whether a path is one that programs ask for."""
    return path.startswith(AREAS) or path == "/status"


def most_of(request: HttpRequest) -> int:
    """Bytes that are taken as the body of a request: those of a file where one is expected, else those of JSON."""
    largest = the_app().settings.service.max_upload
    is_file = _FILES.fullmatch(request.path) and request.content_type != JSON
    return largest if is_file else min(largest, JSON_BYTES)


class BodyMiddleware:
    """Reads the body of those who may use the route that they ask for; others are refused by the view, without it."""

    sync_capable = False
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Awaitable[HttpResponse]]) -> None:
        self._next = get_response
        markcoroutinefunction(self)

    async def __call__(self, request: HttpRequest) -> HttpResponse:
        """See the class."""
        return await self._next(request)

    async def process_view(
        self, request: "MachineRequest", view: View, _args: object, _kwargs: object
    ) -> HttpResponse | None:
        """Read the body, or say why it is not taken."""
        wanted = declared(view) or {}
        permission = wanted.get("") or wanted.get(request.method or "")
        principal = principal_of(request)
        if permission is None or principal is None or not principal.may(permission):
            return None
        most = most_of(request)
        try:
            await request.fill(most)
        except GoneError:
            raise asyncio.CancelledError from None  # nobody is there to be answered
        except RequestDataTooBig:
            response = problems.too_large(request, most)
        except SlowError:
            kind = problems.Kind("too-slow", 408, "The body came too slowly")
            response = problems.problem(request, kind, "send it faster")
        except BusyError as error:
            response = problems.of_error(request, error)
        else:
            return None
        response["Connection"] = "close"  # the rest of the body is not waited for
        return response


class MachineRequest(ASGIRequest):
    """A request whose body is still to come. `body_file`: the body once it is there, sealed in anonymous memory."""

    def __init__(self, scope: Scope, receive: Receive) -> None:
        super().__init__(scope, io.BytesIO())
        self.body_file: Body | None = None
        self.is_whole = asyncio.Event()
        self._receive = receive

    async def fill(self, most: int) -> None:
        """Read the body; see `read_body`."""
        length = self.META.get("CONTENT_LENGTH", "")
        self.body_file = await read_body(self._receive, most, int(length) if length.isdecimal() else None)
        self._stream = self.body_file
        self.is_whole.set()

    async def gone(self) -> None:
        """Return when the client has hung up after all of its request was read."""
        await self.is_whole.wait()
        while (await self._receive())["type"] != "http.disconnect":
            pass


@dataclass(slots=True)
class _Lane:
    threads: Executor
    load: int = 0


class MachineHandler(ASGIHandler):
    """Answers programs."""

    chain: Final[tuple[Callable[[Any], Any], ...]] = (
        RequestIdMiddleware,
        PrincipalMiddleware,
        HeadersMiddleware,
        ErrorsMiddleware,
        BodyMiddleware,
    )

    def __init__(self) -> None:
        super().__init__()
        self._lanes = [_Lane(the_app().threads("machine", 1)) for _ in range(LANES)]

    def load_middleware(self, is_async: bool = True) -> None:
        """Put the chain together; see `BaseHandler.load_middleware`, which takes that of the settings."""
        self._view_middleware: list[Any] = []
        self._template_response_middleware: list[Any] = []
        self._exception_middleware: list[Any] = []
        handler = convert_exception_to_response(self._get_response_async)  # type: ignore[attr-defined]
        for kind in reversed(self.chain):
            middleware = kind(handler)
            if hasattr(middleware, "process_view"):
                self._view_middleware.insert(0, self.adapt_method_mode(is_async, middleware.process_view))
            if hasattr(middleware, "process_exception"):
                self._exception_middleware.append(middleware.process_exception)
            handler = convert_exception_to_response(middleware)
        self._middleware_chain = handler

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        with self._lane() as threads:
            async with ThreadSensitiveContext(executor=threads):
                await self.handle(scope, receive, send)

    @contextmanager
    def _lane(self) -> Iterator[Executor]:
        """The threads with the least to do; of equals always the same, so that few are ever made."""
        lane = min(self._lanes, key=lambda one: one.load)
        lane.load += 1
        try:
            yield lane.threads
        finally:
            lane.load -= 1

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; give up when the client does.

        A view in a thread cannot be given up: its body stays open until it is done, and nobody hears of it.
        """
        set_script_prefix(get_script_prefix(scope))
        try:
            request = MachineRequest(scope, receive)
        except UnicodeDecodeError:
            await self.send_response(HttpResponse(status=400), send)
            return
        work = asyncio.ensure_future(self._respond(request, send))
        watch = asyncio.ensure_future(request.gone())
        try:
            await asyncio.wait((work, watch), return_when=asyncio.FIRST_COMPLETED)
        finally:
            watch.cancel()
            if not (work.done() or _in_thread(request)):
                work.cancel()
            await asyncio.wait((work,))
            request.close()
        if not work.cancelled():
            work.result()

    async def _respond(self, request: MachineRequest, send: Send) -> None:
        response = await self.run_get_response(request)
        if isinstance(response, HttpResponse):
            response.headers.setdefault("Content-Length", str(len(response.content)))
        await self.send_response(response, send)
        response.close()


def _in_thread(request: MachineRequest) -> bool:
    """Whether all of the request is here, and a view that is no coroutine has it, or will."""
    return request.is_whole.is_set() and not iscoroutinefunction(getattr(request.resolver_match, "func", None))
