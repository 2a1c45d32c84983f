"""What every request passes: an id, headers, and errors told the same way everywhere.

All of it runs where the request runs, in the event loop or in a thread: a change between them costs more than it does.
"""

from collections.abc import Awaitable, Callable
from time import perf_counter
from typing import cast

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from structlog.contextvars import bound_contextvars

from safelight.web.access import principal_of
from safelight.web.ops.errors import answer_to
from safelight.web.ops.requests import finished, new_request_id

Answer = HttpResponseBase | Awaitable[HttpResponseBase]
Next = Callable[[HttpRequest], Answer]

_UNUSED = ("camera", "display-capture", "geolocation", "microphone", "payment", "usb")

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; media-src 'self' blob:; "
        "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(f"{what}=()" for what in _UNUSED),
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
"""On every answer that does not say otherwise itself: nothing is cached, framed, guessed or loaded from elsewhere."""


class _Middleware:
    """One that runs in the way of what follows it. `iscoroutinefunction` then tells the one before."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Next) -> None:
        self._next = get_response
        self._later = iscoroutinefunction(get_response)
        if self._later:
            markcoroutinefunction(self)  # type: ignore[type-var] # how Django itself does it with instances


class RequestIdMiddleware(_Middleware):
    """Gives each request an id, which logs and the answer carry as `X-Request-Id`; logs and counts how it ended."""

    def __call__(self, request: HttpRequest) -> Answer:
        """See the class."""
        if self._later:
            return self._call(request)
        began = _begin(request)
        with bound_contextvars(request=_id(request)):
            response = cast("HttpResponseBase", self._next(request))
        return _end(request, response, began)

    async def _call(self, request: HttpRequest) -> HttpResponseBase:
        began = _begin(request)
        with bound_contextvars(request=_id(request)):
            response = await cast("Awaitable[HttpResponseBase]", self._next(request))
        return _end(request, response, began)


def _begin(request: HttpRequest) -> float:
    request.id = new_request_id()  # type: ignore[attr-defined]
    return perf_counter()


def _id(request: HttpRequest) -> str:
    return str(request.id)  # type: ignore[attr-defined]


def _end(request: HttpRequest, response: HttpResponseBase, began: float) -> HttpResponseBase:
    response.headers["X-Request-Id"] = _id(request)
    principal = principal_of(request)
    route = request.resolver_match.route if request.resolver_match else ""
    seconds = perf_counter() - began
    finished(
        _id(request),
        request.method or "",
        route,
        response.status_code,
        seconds,
        str(principal.actor) if principal else "",
    )
    return response


class HeadersMiddleware(_Middleware):
    """Sets `HEADERS`, and the length of what is not streamed."""

    def __call__(self, request: HttpRequest) -> Answer:
        """See the class."""
        return self._call(request) if self._later else _head(cast("HttpResponseBase", self._next(request)))

    async def _call(self, request: HttpRequest) -> HttpResponseBase:
        return _head(await cast("Awaitable[HttpResponseBase]", self._next(request)))


def _head(response: HttpResponseBase) -> HttpResponseBase:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if isinstance(response, HttpResponse):  # one whose content is here
        response.headers.setdefault("Content-Length", str(len(response.content)))
    return response


class ErrorsMiddleware(_Middleware):
    """Turns what views raise into answers; see `errors`."""

    def __call__(self, request: HttpRequest) -> Answer:
        """See the class."""
        return self._next(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse:
        """The answer to an error in a view."""
        return answer_to(request, error)
