"""The service's routes and some that fail, for tests of how errors are told."""

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path

from safelight.model.access import Permission
from safelight.model.errors import ForbiddenError, StorageError, UnknownCaseError
from safelight.web.access import requires
from safelight.web.urls import urlpatterns as real

ERRORS = {
    "unknown": UnknownCaseError(case="4711"),
    "forbidden": ForbiddenError(),
    "storage": StorageError(path="/srv/secret-place", cause="disk full of beach.jpg"),
    "bug": ValueError("cannot read beach.jpg, 9f86d081884c7d659a2feaa0c55ad015"),
    "missing": Http404("beach.jpg"),
    "denied": PermissionDenied("beach.jpg"),
    "suspicious": SuspiciousOperation("beach.jpg"),
}


@requires(Permission.PUBLIC)
def fail(_request: HttpRequest, name: str) -> HttpResponse:
    raise ERRORS[name]


@requires(Permission.PUBLIC)
async def fail_later(_request: HttpRequest, name: str) -> HttpResponse:
    raise ERRORS[name]


urlpatterns = [
    path("fail/<str:name>", fail),
    path("later/<str:name>", fail_later),
    path("h/fail/<str:name>", fail),
    *real,
]
handler400 = "safelight.web.ops.errors.bad_request"
handler403 = "safelight.web.ops.errors.forbidden"
handler404 = "safelight.web.ops.errors.not_found"
handler500 = "safelight.web.ops.errors.failed"
