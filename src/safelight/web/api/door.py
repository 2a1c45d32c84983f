"""What every request to the API passes, the gate included: its method, its rate, and headers that say how it stands."""

from collections.abc import Callable, Iterator
from functools import cache, wraps
from inspect import iscoroutinefunction
from typing import Any

from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern
from ninja import NinjaAPI
from ninja.operation import PathView

from safelight.web.access import principal_of
from safelight.web.api.limits import BURST, Limiter, Standing
from safelight.web.api.problem import METHOD, TOO_MANY, problem
from safelight.web.api.uploads import Upload
from safelight.web.container import the_app

View = Callable[..., Any]


def patterns(api: NinjaAPI) -> Iterator[URLPattern]:
    """The API's routes behind the door; those that are no operations are left out."""
    for pattern in api.urls[0]:
        path = _path_of(pattern.callback) if isinstance(pattern, URLPattern) else None
        if isinstance(pattern, URLPattern) and path is not None:
            pattern.callback = _behind(path, pattern.callback)
            yield pattern


@cache
def limiter() -> Limiter | None:
    """The one of this process; None when the operator wants no limit."""
    app = the_app()
    rate = app.settings.service.rate
    return Limiter(rate, app.clock) if rate else None


def _path_of(view: View) -> PathView | None:
    held = (cell.cell_contents for cell in getattr(view, "__closure__", None) or ())
    return next((one for one in held if isinstance(one, PathView)), None)


def _behind(path: PathView, view: View) -> View:
    """The view behind the door. It holds `path`, too, where `access.declared` looks for what is asked for."""
    if iscoroutinefunction(view):

        @wraps(view)
        async def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
            actor, box = _actor(request), limiter()
            standing = box.at_hand(actor) if box and actor else None
            if box and actor and standing is None:
                standing = await sync_to_async(box.take)(actor)
            refused = _refusal(request, path, standing)
            try:
                return _told(refused or await view(request, *args, **kwargs), standing)
            finally:
                _let_go(request)
    else:

        @wraps(view)
        def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
            actor, box = _actor(request), limiter()
            standing = box.take(actor) if box and actor else None
            try:
                return _told(_refusal(request, path, standing) or view(request, *args, **kwargs), standing)
            finally:
                _let_go(request)

    return guarded


def _actor(request: HttpRequest) -> str:
    """Whose tokens are taken; empty for nobody, who gets no further than to the question for a key."""
    principal = principal_of(request)
    return str(principal.actor) if principal else ""


def _refusal(request: HttpRequest, path: PathView, standing: Standing | None) -> HttpResponse | None:
    methods = {method for operation in path.operations for method in operation.methods}
    if request.method not in methods:
        return problem(request, METHOD, "see Allow", headers={"Allow": ", ".join(sorted(methods))})
    if standing is not None and standing.wait:
        return problem(request, TOO_MANY, "wait", headers={"Retry-After": str(standing.wait)})
    return None


def _let_go(request: HttpRequest) -> None:
    """Give the memory of an upload back."""
    upload: Upload | None = getattr(request, "upload", None)
    if upload is not None and upload.file is not None:
        upload.file.close()


def _told(response: HttpResponse, standing: Standing | None) -> HttpResponse:
    """The answer with the headers of draft-ietf-httpapi-ratelimit-headers-10."""
    if standing is not None:
        response["RateLimit-Policy"] = f'"key";q={standing.most};w={BURST}'
        response["RateLimit"] = f'"key";r={standing.left}'
    return response
