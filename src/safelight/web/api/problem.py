"""Every error of the API is told as RFC 9457 says: `application/problem+json`, with a type that leads to its meaning.

The same error is told in the same words whatever it is about, and faults of ours without any detail: paths, names and
causes are for the log, under the id of the request.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from inspect import getdoc
from json import dumps
from typing import Any

import structlog
from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from safelight.model.errors import BusyError, ForbiddenError, SafelightError
from safelight.web.container import the_app

MEDIA_TYPE = "application/problem+json"

_log = structlog.get_logger("safelight.api")


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of problem. `code` ends the type's address, `title` is the same every time."""

    code: str
    status: int
    title: str


UNAUTHORIZED = Kind("unauthorized", 401, "No API key that is in force came with the request")
FORBIDDEN = Kind(ForbiddenError.code, 403, "The key may not do this, whether or not there is anything to do it to")
NOT_FOUND = Kind("not-found", 404, "There is nothing at this address")
METHOD = Kind("method", 405, "This address does not take that method")
BAD_REQUEST = Kind("bad-request", 400, "The request cannot be read")
TOO_LARGE = Kind("too-large", 413, "The body is larger than the service takes")
INVALID = Kind("invalid", 422, "The request can be read, and something in it cannot be used; `errors` says what")
REUSED = Kind("idempotency-reused", 422, "The idempotency key was used before, for another request")
IN_FLIGHT = Kind("idempotency-in-flight", 409, "A request with this idempotency key is being worked on")
TOO_MANY = Kind("too-many", 429, "The key has made too many requests; `Retry-After` says when it may go on")
INTERNAL = Kind("internal", 500, "A fault in Safelight itself; its log has more under the request's id")

OWN_KINDS = (
    BAD_REQUEST,
    UNAUTHORIZED,
    FORBIDDEN,
    NOT_FOUND,
    METHOD,
    IN_FLIGHT,
    TOO_LARGE,
    INVALID,
    REUSED,
    TOO_MANY,
    INTERNAL,
)


class ProblemError(Exception):
    """A problem that is not an error of the model."""

    def __init__(self, kind: Kind, detail: str, errors: Sequence[dict[str, Any]] = ()) -> None:
        self.kind = kind
        self.detail = detail
        self.errors = errors
        super().__init__(detail)


def kinds() -> Iterator[Kind]:
    """Every kind of problem that the API can answer with, by status."""
    told = {kind.code: kind for kind in OWN_KINDS}
    for error in _errors(SafelightError):
        told.setdefault(error.code, kind_of(error))
    yield from sorted(told.values(), key=lambda kind: (kind.status, kind.code))


def kind_of(error: type[SafelightError]) -> Kind:
    """The kind of an error of the model: its title is the beginning of what the class says of itself."""
    first = (getdoc(error) or "").partition("\n")[0]
    return Kind(error.code, error.http, first.partition(". ")[0].rstrip("."))


def _errors(base: type[SafelightError]) -> Iterator[type[SafelightError]]:
    for error in base.__subclasses__():
        yield error
        yield from _errors(error)


def problem(
    request: HttpRequest,
    kind: Kind,
    detail: str,
    errors: Sequence[dict[str, Any]] = (),
    headers: Mapping[str, str] | None = None,
) -> HttpResponse:
    """The answer. `errors`: of INVALID, where and what."""
    told: dict[str, Any] = {
        "type": f"{the_app().settings.service.url}/api/docs#{kind.code}",
        "title": kind.title,
        "status": kind.status,
        "detail": detail,
        "instance": getattr(request, "id", ""),
    }
    if errors:
        told["errors"] = list(errors)
    return HttpResponse(dumps(told), status=kind.status, content_type=MEDIA_TYPE, headers=dict(headers or {}))


def unauthorized(request: HttpRequest) -> HttpResponse:
    """The answer to who is nobody we know."""
    headers = {"WWW-Authenticate": 'Bearer realm="safelight"'}
    return problem(request, UNAUTHORIZED, "send a key as Authorization: Bearer, or as X-API-Key", headers=headers)


def of_error(request: HttpRequest, error: SafelightError) -> HttpResponse:
    """The answer to an error of the model."""
    if isinstance(error, ForbiddenError):
        return problem(request, FORBIDDEN, str(error))
    kind = kind_of(type(error))
    if isinstance(error, BusyError):
        return problem(request, kind, str(error), headers={"Retry-After": str(error.details.get("seconds", 1))})
    if kind.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return _fault(request, kind, error)
    return problem(request, kind, str(error))


def register(api: NinjaAPI) -> None:
    """Have the API tell all its errors so."""
    told: dict[type[Exception], Callable[[HttpRequest, Any], HttpResponse]] = {
        SafelightError: of_error,
        ProblemError: _of_problem,
        AuthenticationError: lambda request, _error: unauthorized(request),
        Http404: lambda request, _error: problem(request, NOT_FOUND, "no such thing"),
        ValidationError: lambda request, error: _of_problem(request, invalid(error.errors)),
        HttpError: _http,
        RequestDataTooBig: lambda request, _error: too_large(request),
        BadRequest: lambda request, _error: unreadable(request),
        SuspiciousOperation: lambda request, _error: unreadable(request),
        MultiPartParserError: lambda request, _error: unreadable(request),
        Exception: lambda request, error: _fault(request, INTERNAL, error),
    }
    for error, answer in told.items():
        api.add_exception_handler(error, answer)


def too_large(request: HttpRequest, most: int | None = None) -> HttpResponse:
    """The answer to a body that is too large. `most`: bytes that are taken; of a file, if it is not given."""
    return problem(request, TOO_LARGE, f"at most {most or the_app().settings.service.max_upload:,} bytes are taken")


def unreadable(request: HttpRequest) -> HttpResponse:
    """The answer to a body that is not what its content type says."""
    return problem(request, BAD_REQUEST, "the body is not what its content type says")


def invalid(errors: Iterable[Mapping[str, Any]]) -> ProblemError:
    """The problem with values that pydantic refused. It repeats nothing of what was sent."""
    told = [{"where": [str(part) for part in one["loc"]], "what": str(one["msg"])} for one in errors]
    return ProblemError(INVALID, "something in the request cannot be used", told)


def _of_problem(request: HttpRequest, error: ProblemError) -> HttpResponse:
    return problem(request, error.kind, error.detail, error.errors)


def _http(request: HttpRequest, error: HttpError) -> HttpResponse:
    """What ninja itself complains of: a body that is not JSON."""
    if error.status_code == HTTPStatus.BAD_REQUEST:
        return unreadable(request)
    return problem(request, Kind("http", error.status_code, HTTPStatus(error.status_code).phrase), "")


def _fault(request: HttpRequest, kind: Kind, error: Exception) -> HttpResponse:
    """The answer to a fault of ours: what it is stays in the log."""
    _log.error("request failed", exc_info=error, request=getattr(request, "id", ""))
    return problem(request, kind, "the log has more under this request's id")
