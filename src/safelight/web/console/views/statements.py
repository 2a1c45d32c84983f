"""What people note about statements to uploaders, on the page of a case."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from safelight.model.access import Permission
from safelight.web.access import requires
from safelight.web.console.views.common import me, telling
from safelight.web.container import the_app


@requires(Permission.REPORT_PREPARE)
@telling
def told(request: HttpRequest, case: str, statement: str) -> HttpResponse:
    """Note that a statement was passed on to the uploader."""
    the_app().statements.told(me(request), case, statement)
    messages.success(request, "Noted: the uploader was told.")
    return redirect("console:case", case)
