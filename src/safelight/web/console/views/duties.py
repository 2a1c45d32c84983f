"""The deadline board, the law, and what people note about duties on the page of a case."""

from datetime import UTC, datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from safelight.flow.review_rules import said
from safelight.model.access import Permission
from safelight.model.errors import NotNowError
from safelight.model.law import DutyKind, Material
from safelight.web.access import requires, step_up
from safelight.web.closing.wiring import unvouched
from safelight.web.console import duty_pages
from safelight.web.console.board import board
from safelight.web.console.closing_words import COVERAGE, DUTIES, MARKS, MATERIALS
from safelight.web.console.ending_pages import ending_soon
from safelight.web.console.views.common import me, telling, text
from safelight.web.container import the_app

MAX_DIGITS = 9
"""Digits of the number of a page."""


@requires(Permission.REPORT_READ)
def deadlines(request: HttpRequest) -> HttpResponse:
    """Open duties of all cases, the most urgent first. The times are those of when the page was made."""
    now = the_app().clock.now()
    here = duty_pages.jurisdictions()
    packs = the_app().law.packs()
    jurisdiction, kind = request.GET.get("jurisdiction", ""), request.GET.get("kind", "")
    group, number = request.GET.get("group", ""), request.GET.get("page", "")
    group = group if group in {one[0] for one in duty_pages.GROUPS} else ""
    page = int(number) if number.isascii() and number.isdigit() and len(number) < MAX_DIGITS else 1
    page = max(page, 1)
    context = {
        "groups": board(now, jurisdiction, kind, group, page),
        "group": group,
        "now": now,
        "jurisdictions": [(pack.id, pack.name) for pack in packs.values()],
        "kinds": [(one.value, words) for one, words in DUTIES.items()],
        "jurisdiction": jurisdiction,
        "kind": kind if kind in set(DutyKind) else "",
        "filtered": bool(jurisdiction or kind),
        "none_chosen": not here,
        "stale": duty_pages.stale(here.values(), now),
        "unvouched": unvouched(),
        "ending": ending_soon(),
    }
    return render(request, "console/deadlines.html", context)


@requires(Permission.REPORT_READ)
def law(request: HttpRequest) -> HttpResponse:
    """The law packs as tables, with sources and ages, and where they differ."""
    now = the_app().clock.now()
    packs = duty_pages.shown_packs(now)
    context = {
        "packs": packs,
        "materials": [MATERIALS[one] for one in Material],
        "differences": duty_pages.differences(packs),
        "legend": [(MARKS[one], words) for one, words in COVERAGE.items()],
    }
    return render(request, "console/law.html", context)


@requires(Permission.REPORT_PREPARE)
@telling
def ask(request: HttpRequest, case: str) -> HttpResponse:
    """Record that somebody asked for removal, gave notice, or ordered something; the law's clock runs from then."""
    at = moment(request, "at")
    if at is None or at > the_app().clock.now():
        raise NotNowError(cause="Say when it was received: a time in UTC that is not in the future.")
    duty = the_app().settle.request(me(request), case, at, text(request, "rule"), said(text(request, "note")))
    due = f": due {duty.due:%Y-%m-%d %H:%M} UTC" if duty.due else ""
    messages.success(request, f"Noted. {duty.title}{due}.")
    return redirect("console:case", case)


@requires(Permission.REPORT_FILE)
@step_up("Say that a duty does not apply")
@telling
def drop(request: HttpRequest, case: str) -> HttpResponse:
    """Say that a duty does not apply, and why."""
    the_app().settle.drop(me(request), case, request.POST.get("duty", ""), said(text(request, "reason")))
    messages.success(request, "Noted: the duty does not apply.")
    return redirect("console:case", case)


@requires(Permission.REPORT_FILE)
@step_up("Say that a duty is met")
@telling
def met(request: HttpRequest, case: str) -> HttpResponse:
    """Say that a duty was met outside of this service, and how."""
    the_app().settle.met(me(request), case, request.POST.get("duty", ""), said(text(request, "by")))
    messages.success(request, "Noted: the duty is met.")
    return redirect("console:case", case)


def moment(request: HttpRequest, name: str) -> datetime | None:
    """A time in UTC from a form's field `datetime-local`; None for none, or for what is no time."""
    try:
        given = datetime.fromisoformat(request.POST.get(name, ""))
        return given.replace(tzinfo=UTC) if given.tzinfo is None else given.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
