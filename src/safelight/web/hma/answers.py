"""How HMA answers: plain JSON, and errors as one `message`."""

from collections.abc import Callable, Mapping

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from safelight.model.access import Permission
from safelight.model.errors import BankExistsError, SafelightError
from safelight.web.access import principal_of
from safelight.web.container import the_app

View = Callable[..., HttpResponse]


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
        refusal = _refusal(request, permission or next(iter(by_method.values()))[0])
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


def _answered(view: View, request: HttpRequest, kwargs: Mapping[str, object]) -> HttpResponse:
    try:
        return view(request, **kwargs)
    except RefusedError as error:
        return told({"message": str(error)}, error.status)
    except BankExistsError:
        return told({"message": "Bank already exists"}, 403)
    except SafelightError as error:
        return told({"message": str(error)}, 400 if error.http in {404, 409, 422} else error.http)
