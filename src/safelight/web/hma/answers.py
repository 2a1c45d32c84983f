"""How HMA answers: plain JSON, and errors as one `message`."""

from collections.abc import Callable, Mapping
from http import HTTPStatus

import structlog
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from safelight.model.access import Permission
from safelight.model.errors import BankExistsError, BusyError, SafelightError
from safelight.web.access import principal_of
from safelight.web.api.door import limiter
from safelight.web.container import the_app

View = Callable[..., HttpResponse]

_log = structlog.get_logger("safelight.hma")


class RefusedError(Exception):
    """The request is answered with this status and message."""

    def __init__(self, status: int, message: str) -> None:
        self.status = status
        super().__init__(message)


def told(value: object, status: int = 200) -> HttpResponse:
    """JSON of anything, lists too."""
    return JsonResponse(value, status=status, safe=False)


def route(**by_method: tuple[Permission, View]) -> View:
    """A view that takes each of these methods to a view of its own, for keys with its permission.

    `permission` on it is the first one's, which other methods ask for, too; `permissions` lists all.
    """

    @csrf_exempt  # keys alone: cookies are not looked at
    def dispatched(request: HttpRequest, **kwargs: object) -> HttpResponse:
        if not the_app().settings.service.hma:
            raise Http404
        permission, view = by_method.get(request.method or "", (None, None))
        refusal = _refusal(request, permission or next(iter(by_method.values()))[0]) or _held_back(request)
        if refusal is not None:
            return refusal
        if view is None:
            return told({"message": "The method is not allowed for the requested URL."}, 405)
        return _answered(view, request, kwargs)

    dispatched.permission = next(iter(by_method.values()))[0]  # type: ignore[attr-defined]
    dispatched.permissions = {method: permission for method, (permission, _) in by_method.items()}  # type: ignore[attr-defined]
    return dispatched


def _refusal(request: HttpRequest, permission: Permission) -> HttpResponse | None:
    if permission is Permission.PUBLIC:
        return None
    principal = principal_of(request)
    if principal is None:
        return told({"message": "an API key is required"}, 401)
    return None if principal.may(permission) else told({"message": "not permitted"}, 403)


def _held_back(request: HttpRequest) -> HttpResponse | None:
    """The answer to a key that has made too many requests, here and through the API."""
    principal, box = principal_of(request), limiter()
    standing = box.take(str(principal.actor)) if box and principal else None
    if standing is None or not standing.wait:
        return None
    refused = told({"message": "too many requests"}, HTTPStatus.TOO_MANY_REQUESTS)
    refused["Retry-After"] = str(standing.wait)
    return refused


def _answered(view: View, request: HttpRequest, kwargs: Mapping[str, object]) -> HttpResponse:
    try:
        return view(request, **kwargs)
    except RefusedError as error:
        return told({"message": str(error)}, error.status)
    except BankExistsError:
        return told({"message": "Bank already exists"}, 403)
    except BusyError as error:
        refused = told({"message": str(error)}, error.http)
        refused["Retry-After"] = str(error.details.get("seconds", 1))
        return refused
    except SafelightError as error:
        if error.http >= HTTPStatus.INTERNAL_SERVER_ERROR:  # paths, names and causes are for the log
            _log.error("request failed", exc_info=error, request=getattr(request, "id", ""))
            return told({"message": "a fault in the service; its log has more"}, error.http)
        return told({"message": str(error)}, 400 if error.http in {404, 409, 422} else error.http)
