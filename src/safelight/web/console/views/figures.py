"""Hosts by how long they take, and the figures of a year for the public."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from safelight.model.access import Permission
from safelight.report.closing.transparency import document
from safelight.report.closing.transparency import render as page_of
from safelight.web.access import requires
from safelight.web.console import figure_pages
from safelight.web.container import the_app

FIRST_YEAR = 2000


@requires(Permission.REPORT_READ)
def hosts(request: HttpRequest) -> HttpResponse:
    """Hosts by how long they take, and what is pressing about takedowns."""
    return render(request, "console/hosts.html", figure_pages.hosts())


@requires(Permission.REPORT_READ)
def this_year(_request: HttpRequest) -> HttpResponse:
    """The figures of the year so far."""
    return redirect("console:transparency-year", the_app().clock.now().year)


@requires(Permission.REPORT_READ)
def transparency(request: HttpRequest, year: int) -> HttpResponse:
    """The figures of one year, as they would be published."""
    last = _until(year)
    context = figure_pages.year(year) | {"so_far": year == last, "years": range(max(last - 4, FIRST_YEAR), last + 1)}
    return render(request, "console/transparency.html", context)


@requires(Permission.REPORT_READ)
def public(_request: HttpRequest, year: int, kind: str) -> HttpResponse:
    """The same as anybody may see it, without small numbers: a page or JSON, to be published."""
    _until(year)
    if kind not in {"html", "json"}:
        raise Http404
    found = the_app().transparency(year)
    body = document(found) if kind == "json" else page_of(found)
    headers = {"Content-Disposition": f'attachment; filename="transparency-{year}.{kind}"'}
    mime = "application/json" if kind == "json" else "text/html; charset=utf-8"
    return HttpResponse(body, content_type=mime, headers=headers)


def _until(year: int) -> int:
    """This year. Raises Http404 for one that there are no figures of."""
    this = the_app().clock.now().year
    if not FIRST_YEAR <= year <= this:
        raise Http404
    return this
