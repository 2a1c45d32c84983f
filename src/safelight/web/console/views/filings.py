"""Reports: prepared on the page of a case, read on their own, confirmed, and followed until the receiver has them."""

from collections.abc import Mapping
from dataclasses import replace

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from safelight.flow.filing_facts import confirmed
from safelight.flow.merged import current
from safelight.flow.review_rules import said
from safelight.model.access import Permission
from safelight.model.assessment import Artificialness
from safelight.model.errors import NotNowError, SafelightError
from safelight.model.filing import Body, Filing, FilingState, Told
from safelight.report.closing.case_documents import CASE_DOCUMENTS
from safelight.report.cybertip.flaws import told_flaws
from safelight.report.cybertip.words import INCIDENTS, REPORT_ANNOTATIONS
from safelight.web.access import requires, step_up
from safelight.web.closing.wiring import send_soon, take_back_soon
from safelight.web.console import ending_pages, filing_pages, told_form
from safelight.web.console.cards import short
from safelight.web.console.closing_words import FILINGS, TAKERS
from safelight.web.console.views.common import me, telling, telling_on, text
from safelight.web.console.wiring import case_of
from safelight.web.console.words import ARTIFICIALNESS, finding_words
from safelight.web.container import the_app

PAGE = 50
_MANY = 500
_BACK = telling_on("console:filing")


@requires(Permission.REPORT_READ)
def filings(request: HttpRequest) -> HttpResponse:
    """All reports, oldest first, by state."""
    state = request.GET.get("state", "")
    states = [FilingState(state)] if state in set(FilingState) else []
    found = the_app().filings.all(states, after=request.GET.get("after", ""), limit=PAGE)
    context = {
        "filings": [filing_pages.filing_line(one) for one in found],
        "states": [(one.value, words) for one, words in FILINGS.items()],
        "state": state,
        "dead": len(the_app().filings.all([FilingState.DEAD], limit=PAGE)) if state != FilingState.DEAD else 0,
        "stopped": _stopped() if state != FilingState.WITHDRAWN else 0,
        "more": found[-1].id if len(found) == PAGE else "",
    }
    return render(request, "console/filings.html", context)


def _stopped() -> int:
    """How many reports were stopped, by no person, whose items this receiver still has no report of."""
    app, after, waiting = the_app(), "", 0
    while page := app.filings.all([FilingState.WITHDRAWN], after=after, limit=_MANY):
        for one in page:
            if one.stopped:
                done = current(app.cases, one.case).reported(one.body, one.production)
                waiting += any(item.item not in done for item in one.items)
        after = page[-1].id
    return waiting


@requires(Permission.REPORT_READ)
def filing(request: HttpRequest, filing: str) -> HttpResponse:
    """A report to be read; while it is a draft, to be changed and confirmed."""
    return render(request, "console/filing.html", _context(request, the_app().filings.get(filing)))


@requires(Permission.REPORT_READ)
def progress(request: HttpRequest, filing: str) -> HttpResponse:
    """The changing part of that page while it is sent; once that is over, the whole page is loaded again."""
    found = the_app().filings.get(filing)
    answer = render(request, "console/_progress.html", {"filing": found} | _progress(found))
    if found.state is not FilingState.SENDING:
        answer["HX-Refresh"] = "true"
    return answer


@requires(Permission.REPORT_PREPARE)
@telling
def prepare(request: HttpRequest, case: str) -> HttpResponse:
    """Prepare a report about a case, for a person to read."""
    body = request.POST.get("body", "")
    if body not in set(Body):
        raise NotNowError(cause="Choose who takes the report.")
    made = the_app().reports.draft(me(request), case, Body(body))
    messages.info(request, "Prepared. Nothing is sent before somebody has read it and says so.")
    return redirect("console:filing", made.id)


@requires(Permission.REPORT_PREPARE)
@_BACK
def change(request: HttpRequest, filing: str) -> HttpResponse:
    """Keep what a person adds to a draft; what cannot be kept stays in the form, as does all when more is to come."""
    found = the_app().filings.get(filing)
    uploads = {one.item: one.item in request.POST.getlist("upload") for one in found.items}
    raw = told_form.raw_from(request.POST.dict())
    told, slips = told_form.read(raw, found)
    told = _chosen(request, found, told)
    flaws = list(told_flaws(told, uploads, found.body, the_app().clock.now()))
    more = "more" in request.POST
    if not (slips or flaws or more):
        the_app().reports.change(me(request), filing, told, uploads)
        messages.success(request, "Kept. Read the report again as it is now.")
        return redirect("console:filing", filing)
    items = tuple(replace(one, upload=uploads[one.item]) for one in found.items)
    shown = _form(replace(found, told=told, items=items), raw, slips, more=more)
    wrong = [] if more else list(told_form.wrong(raw, slips, flaws))
    context = _context(request, replace(found, told=told, items=items)) | shown | {"wrong": wrong, "unsaved": True}
    return render(request, "console/filing.html", context)


@requires(Permission.REPORT_FILE)
@step_up("Send a report")
@_BACK
def send(request: HttpRequest, filing: str) -> HttpResponse:
    """Confirm a report that was read, by its digest; a job sends it."""
    if request.POST.get("read") != "on":
        raise NotNowError(cause="Read the report, then say that you have.")
    with the_app().cases.transaction():
        the_app().reports.confirm(me(request), filing, request.POST.get("digest", ""))
        send_soon(filing)
    messages.success(request, "Confirmed. It is being sent; this page follows it.")
    return redirect("console:filing", filing)


@requires(Permission.REPORT_FILE)
@step_up("Say that a report was handed over")
@_BACK
def hand(request: HttpRequest, filing: str) -> HttpResponse:
    """Say that the bundle was handed over, to whom and how."""
    the_app().reports.hand(me(request), filing, said(text(request, "note")), request.POST.get("digest", ""))
    messages.success(request, "Noted: it was handed over.")
    return redirect("console:filing", filing)


@requires(Permission.REPORT_PREPARE)
@step_up("Withdraw a report")
@_BACK
def withdraw(request: HttpRequest, filing: str) -> HttpResponse:
    """Give a report up that is not finished."""
    with the_app().cases.transaction():
        the_app().reports.withdraw(me(request), filing, said(text(request, "reason")))
        take_back_soon(filing)
    messages.success(request, "The report is withdrawn.")
    return redirect("console:filing", filing)


@requires(Permission.REPORT_PREPARE)
@step_up("Download the bundle of a report")
@_BACK
def bundle(_request: HttpRequest, filing: str) -> HttpResponse:
    """All documents of a report, for a person to send."""
    found = the_app().filings.get(filing)
    data = the_app().reports.bundle(filing)
    name = f"report-{found.body.replace('_', '-')}-{short(found.id)}.zip"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(data, content_type="application/zip", headers=headers)


@requires(Permission.REPORT_READ)
def of_case(_request: HttpRequest, case: str, form: str) -> HttpResponse:
    """A document about a case, as it is now."""
    if form not in CASE_DOCUMENTS:
        raise Http404
    made = the_app().case_document(case_of(case).id, form)
    headers = {"Content-Disposition": f'attachment; filename="case-{short(case)}-{made.name}"'}
    return HttpResponse(made.content, content_type=made.mime, headers=headers)


@requires(Permission.REPORT_FILE)
@step_up("Hold what a report tells of people")
@_BACK
def hold(request: HttpRequest, filing: str) -> HttpResponse:
    """Have what a report tells of people kept, or let it be erased when its time is over."""
    messages.success(request, ending_pages.held_by(me(request), request, f"filing:{filing}"))
    return redirect("console:filing", filing)


def _context(request: HttpRequest, filing: Filing) -> dict[str, object]:
    who = me(request)
    found = the_app().reports.as_told(filing).finding
    level = found.artificialness if found else Artificialness.UNKNOWN
    draft = filing.state is FilingState.DRAFT
    return (
        {
            "filing": filing,
            "line": filing_pages.filing_line(filing),
            "taker": TAKERS[filing.body],
            "finding": finding_words(found),
            "made": ARTIFICIALNESS[level],
            "draft": draft,
            "in_question": filing.state is FilingState.DEAD and filing.finishing,
            "by_api": filing_pages.by_api(filing),
            "confirmed_by": _person(filing, who.actor),
            "unseen": sum(not one.viewed for one in filing.items),
            "takes_people": filing.body is not Body.CYBERTIP_CA,
            "ending": None if draft or filing.erased else ending_pages.ending_line(f"filing:{filing.id}"),
            "incidents": INCIDENTS,
            "report_notes": REPORT_ANNOTATIONS,
        }
        | _form(filing, told_form.raw_of(filing.told), {})
        | _preview(filing)
        | _progress(filing)
    )


def _preview(filing: Filing) -> dict[str, object]:
    """The documents as they would be sent now; of one that is over, as far as they can still be made."""
    try:
        preview = the_app().reports.preview(filing.id)
    except SafelightError as error:
        return {"documents": [], "digest": "", "flaws": [str(error)]}
    return {
        "documents": [(one.name, one.mime, filing_pages.document(one.text, one.mime)) for one in preview.documents],
        "digest": preview.digest,
        "flaws": preview.flaws,
        "baseless": preview.baseless,
    }


def _progress(filing: Filing) -> dict[str, object]:
    return {
        "sending": filing.state is FilingState.SENDING,
        "steps": filing_pages.steps(filing) if filing_pages.by_api(filing) and filing.confirmed else [],
        "remedy": filing_pages.remedy(filing),
    }


def _person(filing: Filing, me: object) -> str:
    _, _, number = filing.confirmed_by.partition(":")
    if not number:
        return ""
    return "you" if filing.confirmed_by == str(me) else f"person {number}"


def _form(filing: Filing, raw: told_form.Raw, slips: Mapping[str, str], *, more: bool = False) -> dict[str, object]:
    """The fields of what is told, and those of each file."""
    return {
        "raw": raw,
        "told_places": told_form.places(raw, slips),
        "told_accounts": told_form.accounts(raw, slips, more=more),
        "files": [
            (line, told_form.file_group(line.id, raw, slips) if number < told_form.MOST_FILES else None)
            for number, line in enumerate(_lines(filing))
        ],
    }


def _lines(filing: Filing) -> list[filing_pages.FileLine]:
    cases = the_app().cases
    case = current(cases, filing.case)
    return filing_pages.file_lines(filing, case, confirmed(cases, case))


def _chosen(request: HttpRequest, filing: Filing, told: Told) -> Told:
    """With the annotations that were chosen; words that the form does not offer are left out.

    The form for Cybertip.ca asks for URLs alone: what programs told besides stays, and goes nowhere.
    """
    annotations = {
        line.id: tuple(
            note.name for note in line.notes if not note.sorry and note.name in request.POST.getlist(f"note-{line.id}")
        )
        for line in _lines(filing)
    }
    notes = told_form.chosen(request.POST.getlist("annotation"))
    told = replace(told, annotations=annotations, report_annotations=notes)
    if filing.body is Body.CYBERTIP_CA:
        return replace(filing.told, urls=told.urls, additional=told.additional)
    return told
