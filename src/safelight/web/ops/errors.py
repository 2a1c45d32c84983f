"""Errors, told the same way everywhere: problem details (RFC 9457) to programs, a plain page to people.

An answer says what kind of error it was, and the request's id for who runs the service. It quotes nothing: messages
may hold what others sent. Only errors of the model that the caller made himself are told in full.
"""

import sys
from http import HTTPStatus
from inspect import getdoc

import structlog
from django.core.exceptions import BadRequest, PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string

from safelight.model.errors import SafelightError
from safelight.web.api.problem import Kind, problem

_log = structlog.get_logger("safelight.errors")
_MACHINES = ("/api/", "/h/", "/m/", "/c/", "/status", "/healthz", "/readyz", "/version", "/metrics")

TEXTS = {
    400: "The request could not be understood.",
    403: "You may not do this.",
    404: "There is nothing here.",
    413: "That was too much at once.",
    500: "Something went wrong on our side. Nothing that you did is half done.",
    503: "Too much is going on right now. Try again in a moment.",
}


def answer_to(request: HttpRequest, error: BaseException | None) -> HttpResponse:
    """The answer to an error; what we did not foresee is logged, with its class and place alone."""
    status, code, detail = _told(error)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR and error is not None:
        _log.error("request failed", exc_info=error, request=_request_id(request))
    return _answer(request, status, code, detail)


def _told(error: BaseException | None) -> tuple[int, str, str]:
    """Status, code and text for an error."""
    if isinstance(error, SafelightError):
        known = (getdoc(type(error)) or "").partition("\n")[0]
        own_fault = error.http < HTTPStatus.INTERNAL_SERVER_ERROR
        return error.http, error.code, str(error) if own_fault else known
    for kind, status in (
        (Http404, 404),
        (PermissionDenied, 403),
        (RequestDataTooBig, 413),
        (SuspiciousOperation, 400),
        (BadRequest, 400),
    ):
        if isinstance(error, kind):
            return status, HTTPStatus(status).phrase.lower().replace(" ", "-"), TEXTS[status]
    return 500, "internal", TEXTS[500]


def _answer(request: HttpRequest, status: int, code: str, detail: str) -> HttpResponse:
    title = HTTPStatus(status).phrase
    if request.path.startswith(_MACHINES):
        return problem(request, Kind(code, status, title), detail)
    page = {"title": title, "text": detail, "request_id": _request_id(request)}
    return HttpResponse(render_to_string("ops/error.html", page), status=status)


def _request_id(request: HttpRequest) -> str:
    return str(getattr(request, "id", ""))


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler400."""
    return answer_to(request, exception)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler403."""
    return answer_to(request, exception)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler404."""
    return answer_to(request, exception)


def failed(request: HttpRequest) -> HttpResponse:
    """Django's handler500: for what was raised outside of views."""
    return answer_to(request, sys.exc_info()[1])
