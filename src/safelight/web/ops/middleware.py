"""What every request passes: an id, headers, and errors told the same way everywhere."""

from collections.abc import Callable
from uuid import uuid4

from django.http import HttpRequest, HttpResponse, JsonResponse

from safelight.model.errors import SafelightError

Next = Callable[[HttpRequest], HttpResponse]


class RequestIdMiddleware:
    """Gives each request an id, which logs and the answer carry as `X-Request-Id`."""

    def __init__(self, get_response: Next) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """See the class."""
        request.id = uuid4().hex  # type: ignore[attr-defined]
        response = self._next(request)
        response["X-Request-Id"] = request.id  # type: ignore[attr-defined]
        return response


class HeadersMiddleware:
    """Nothing is cached but what says so itself, and pages load nothing from elsewhere."""

    def __init__(self, get_response: Next) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """See the class."""
        response = self._next(request)
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers.setdefault(
            "Content-Security-Policy",
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
            "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        )
        return response


class ErrorsMiddleware:
    """Turns errors of the model into answers with their status."""

    def __init__(self, get_response: Next) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """See the class."""
        return self._next(request)

    def process_exception(self, _request: HttpRequest, error: Exception) -> HttpResponse | None:
        """The answer to an error of ours; others are Django's."""
        if isinstance(error, SafelightError):
            return JsonResponse({"title": error.code, "detail": str(error)}, status=error.http)
        return None
