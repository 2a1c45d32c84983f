"""Requests of people depicted: taken down on the page of a case, read and erased on a page of their own."""

from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from safelight.model.access import Permission
from safelight.model.errors import NotNowError
from safelight.model.notice import RemovalRequest
from safelight.model.removal import Erasure, Received
from safelight.web.access import requires, step_up
from safelight.web.console import ending_pages, request_pages
from safelight.web.console.cards import short
from safelight.web.console.duty_pages import duty_lines
from safelight.web.console.views.common import me, telling
from safelight.web.console.views.duties import moment
from safelight.web.console.wiring import case_of
from safelight.web.container import the_app


@requires(Permission.REPORT_READ)
def incomplete(request: HttpRequest) -> HttpResponse:
    """Requests of all cases that lack something, so that no deadline tells of them."""
    return render(request, "console/requests.html", {"requests": request_pages.incomplete_lines(me(request))})


@requires(Permission.REPORT_PREPARE)
@telling
def receive(request: HttpRequest, case: str) -> HttpResponse:
    """Take down a request. If nothing is missing, the law's clock runs from when it came in."""
    said, at = _said(request), _came_in(request)
    item, pass_on = request.POST.get("item", ""), request.POST.get("pass_on") == "on"
    _tell(request, the_app().requests.receive(me(request), case, item, said, at, pass_on=pass_on))
    return redirect("console:case", case)


@requires(Permission.REPORT_PREPARE)
@telling
def complete(request: HttpRequest, case: str, removal: str) -> HttpResponse:
    """Add what was missing and came in later."""
    _tell(request, the_app().requests.complete(me(request), case, removal, _said(request), _came_in(request)))
    return redirect("console:case", case)


@requires(Permission.REPORT_FILE)
@step_up("Read what a person depicted says")
def page(request: HttpRequest, case: str, removal: str) -> HttpResponse:
    """What a person says of themselves; shown here and nowhere else."""
    found = case_of(case)
    one = _of(request, case, removal)
    if one is None:
        return redirect("console:case", case)
    lines = request_pages.request_lines(me(request), found, duty_lines(found, the_app().clock.now()))
    context = {
        "case": found,
        "name": short(removal),
        "line": next(line for line in lines if line.id == removal),
        "words": request_pages.words_of(one.said) if one.said else (),
        "reasons": request_pages.reasons(one),
        "ending": ending_pages.ending_line(f"request:{removal}") if one.erased is None else None,
        "onward": request_pages.onward_lines(me(request), one),
    }
    return render(request, "console/request.html", context)


@requires(Permission.REPORT_FILE)
@step_up("Erase a request")
@telling
def erase(request: HttpRequest, case: str, removal: str) -> HttpResponse:
    """Erase what a request says; its id and times stay."""
    why = request.POST.get("why", "")
    if why not in set(Erasure):
        raise NotNowError(cause="Say why it is erased.")
    the_app().requests.erase(me(request), case, removal, Erasure(why))
    messages.success(request, "Erased. Copies in backups go when those do.")
    return redirect("console:case", case)


@requires(Permission.REPORT_FILE)
@step_up("Send on what a person depicted says")
@telling
def release(request: HttpRequest, case: str, removal: str) -> HttpResponse:
    """Have a request go to one address about one URL, once the notice there is due."""
    form = request.POST
    if form.get("read") != "on":
        raise NotNowError(cause="Say that their words may go to this address.")
    place, to, vouched = form.get("location", ""), form.get("to", ""), form.get("vouched") == "on"
    the_app().requests.release(me(request), case, removal, place, to, vouched=vouched)
    messages.success(request, f"Released to {to}. It goes out in their name once the notice there is due.")
    return redirect("console:request", case, removal)


@requires(Permission.REPORT_FILE)
@step_up("Hold what a person depicted says")
@telling
def hold(request: HttpRequest, case: str, removal: str) -> HttpResponse:
    """Have what a request says kept, or let it be erased when its time is over."""
    messages.success(request, ending_pages.held_by(me(request), request, f"request:{removal}"))
    return redirect("console:case", case)


def _of(request: HttpRequest, case: str, removal: str) -> Received | None:
    found = the_app().requests.of_case(me(request), case)
    return next((one for one in found if one.id == removal), None)


def _said(request: HttpRequest) -> RemovalRequest:
    return RemovalRequest(**{name: request.POST.get(name, "") for name, _, _ in request_pages.FIELDS})


def _came_in(request: HttpRequest) -> datetime:
    at = moment(request, "at")
    if at is None or at > the_app().clock.now():
        raise NotNowError(cause="Say when it was received: a time in UTC that is not in the future.")
    return at


def _tell(request: HttpRequest, one: Received) -> None:
    if one.lacks:
        missing = ", ".join(one.lacks)
        messages.warning(request, f"Kept. No clock runs yet: ask the person for this: {missing}.")
        return
    duties = the_app().cases.case(one.case).duties
    due = next((duty.duty.due for duty in duties if duty.duty.id == one.duty and duty.duty.due), None)
    until = f" It is to be removed by {due:%Y-%m-%d %H:%M} UTC." if due else " The law in use here names no time."
    messages.success(request, f"Taken down. The request is valid.{until}")
