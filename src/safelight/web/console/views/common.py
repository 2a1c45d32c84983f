"""What the views share: who acts, and mishaps told kindly on the page that somebody came from."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from safelight.model.access import Principal
from safelight.model.assessment import Artificialness
from safelight.model.case import Answer, Finding
from safelight.model.errors import (
    ConflictError,
    DocumentError,
    FetchError,
    HotlineDownError,
    HotlineRefusedError,
    MailDownError,
    MailRefusedError,
    NotNowError,
    PolicyError,
    SafelightError,
    TransitionError,
    UsageError,
)
from safelight.web.access import principal_of
from safelight.web.console.wiring import case_of
from safelight.web.console.words import finding_of

View = Callable[..., HttpResponseBase]
NOTE = 500
"""Characters of a note or a reason that are kept."""
_TOLD = (
    *(NotNowError, UsageError, DocumentError, PolicyError, FetchError),
    *(HotlineDownError, HotlineRefusedError, MailDownError, MailRefusedError),
)
"""What is told in its own words on the page that somebody came from."""


def me(request: HttpRequest) -> Principal:
    """Who asks; `requires` has seen to it that there is somebody."""
    found = principal_of(request)
    assert found is not None
    return found


def telling(view: View) -> View:
    """A view for forms on a case's page; what cannot be done now is told there, above the page as it is now."""

    @wraps(view)
    def told(request: HttpRequest, case: str, *args: Any, **kwargs: Any) -> HttpResponseBase:  # noqa: ANN401 - passed on
        try:
            case_of(case)
            return view(request, case, *args, **kwargs)
        except ConflictError:
            messages.warning(request, "Somebody else has acted on this case meanwhile. Please look again, then decide.")
        except TransitionError as error:
            messages.warning(request, f"This was not done: {error.details['cause']}.")
        except _TOLD as error:
            messages.warning(request, str(error))
        return redirect("console:case", case)

    return require_POST(told)


def telling_on(page: str) -> Callable[[View], View]:
    """The same for forms on a page of another kind, that of a report or of a URL, which is named by the id."""

    def decorate(view: View) -> View:
        @wraps(view)
        def told(request: HttpRequest, **identity: Any) -> HttpResponseBase:  # noqa: ANN401 - passed on
            try:
                return view(request, **identity)
            except ConflictError:
                messages.warning(request, "This has changed meanwhile. Please read it again as it is now.")
            except TransitionError as error:
                messages.warning(request, f"This was not done: {error.details['cause']}.")
            except _TOLD as error:
                messages.warning(request, str(error))
            return redirect(page, *identity.values())

        return require_POST(told)

    return decorate


def text(request: HttpRequest, name: str) -> str:
    """A short text from a form."""
    return request.POST.get(name, "").strip()[:NOTE]


def number(request: HttpRequest, name: str) -> int:
    """A whole number from a form; -1 for none, which fits no case."""
    value = request.POST.get(name, "")
    return int(value) if value.isascii() and value.isdecimal() and len(value) < 10 else -1


def finding(request: HttpRequest) -> Finding:
    """What a decision form says. Raises NotNowError, in words for the person, when nothing was chosen."""
    chosen = finding_of(request.POST.get("choice", ""))
    if chosen is None:
        raise NotNowError(cause="Choose what you found, then decide.")
    try:
        return Finding(
            chosen.verdict,
            chosen.classification,
            Artificialness(request.POST.get("artificialness", "unknown")),
            Answer(request.POST.get("real_victim", "unknown")),
            text(request, "note"),
        )
    except ValueError as error:
        raise NotNowError(cause="Choose from what the form offers.") from error


def script_error(error: SafelightError) -> HttpResponse:
    """An error as the page's script shows it."""
    return HttpResponse(str(error), status=error.http, content_type="text/plain; charset=utf-8")
