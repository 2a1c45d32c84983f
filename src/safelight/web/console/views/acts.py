"""Decisions, second decisions, appeals, holds and destruction: one form each, all on the page of the case."""

import os
from dataclasses import replace
from datetime import UTC, datetime

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect

from safelight.flow.audit import export_case
from safelight.flow.carry_out import carry_out
from safelight.flow.review_rules import proposal_of, said
from safelight.model.access import Permission
from safelight.model.case import CaseState, Grave, Proposed, Verdict
from safelight.model.errors import NotNowError
from safelight.web.access import requires, step_up
from safelight.web.console import pages, quality
from safelight.web.console.cards import short
from safelight.web.console.views.common import finding, me, number, telling, text
from safelight.web.console.wiring import review, store
from safelight.web.console.words import finding_words
from safelight.web.container import the_app


@requires(Permission.CASE_DECIDE)
@telling
def decide(request: HttpRequest, case: str) -> HttpResponse:
    """Decide a case, all its items at once."""
    found = finding(request)
    after = review().decide(me(request), case, number(request, "expect"), found, text(request, "note"))
    items = f", for all {len(after.items)} items" if len(after.items) > 1 else ""
    if found.verdict is Verdict.UNSURE:
        outcome = "a senior reviewer will look at it. Thank you for saying so."
    elif after.state is CaseState.PROPOSED:
        outcome = f"you found {finding_words(found)}{items}. A second person decides, too."
    else:
        outcome = f"decided{items}: {finding_words(found)}."
    messages.success(request, f"Case {short(case)}: {outcome}")
    return redirect("console:queue")


@requires(Permission.CASE_APPROVE)
@telling
def decide_second(request: HttpRequest, case: str, proposal: int) -> HttpResponse:
    """Decide as the second person; only then is told what the first one found."""
    own = finding(request)
    if own.verdict is Verdict.UNSURE:
        raise NotNowError(cause="A second decision has to be one. Give the case back if you are unsure.")
    who = me(request)
    _, first = review().decide_second(who, case, number(request, "expect"), proposal, own)
    quality.keep_second(case, proposal, first, own, the_app().clock.now())
    same = (first.verdict, first.classification) == (own.verdict, own.classification)
    if same:
        messages.success(request, f"Case {short(case)}: you both found {finding_words(own)}. It is decided.")
    else:
        messages.info(
            request,
            f"Case {short(case)}: you found {finding_words(own)}, the first person {finding_words(first)}. "
            "It goes to the senior queue.",
        )
    return redirect("console:second")


@requires(Permission.CASE_APPROVE)
@step_up("Answer what another person asked for")
@telling
def answer(request: HttpRequest, case: str, proposal: int) -> HttpResponse:
    """Agree to a grave action that another person asked for, or not."""
    who, acts = me(request), review()
    approve = request.POST.get("answer") == "approve"
    action = proposal_of(store().case(case), proposal).what.action
    if action is Grave.DECIDE:
        raise NotNowError(cause="A decision is answered by one of your own.")
    acts.answer(who, case, number(request, "expect"), proposal, approve=approve, note=text(request, "note"))
    left = carry_out(who, case, store(), the_app().evidence)
    if not approve:
        outcome = "You did not agree; nothing was done."
    elif any(one.number == proposal for one in left):
        outcome = "You agreed. It waits for the end of holds and of preservation, and of all else with the same bytes."
    else:
        outcome = "You agreed, and it is done."
    messages.success(request, outcome)
    return redirect("console:case", case)


@requires(Permission.APPEAL_OPEN)
@telling
def appeal(request: HttpRequest, case: str) -> HttpResponse:
    """Ask to look again."""
    review().open_appeal(me(request), case, number(request, "expect"), text(request, "text"))
    messages.success(request, "The appeal is open. Somebody who had no part in the decision answers it.")
    return redirect("console:case", case)


@requires(Permission.APPEAL_DECIDE)
@telling
def uphold(request: HttpRequest, case: str, appeal: str) -> HttpResponse:
    """The decision stays."""
    review().uphold(me(request), case, number(request, "expect"), appeal, text(request, "note"))
    messages.success(request, "The decision stands.")
    return redirect("console:appeals")


@requires(Permission.APPEAL_DECIDE)
@telling
def overturn(request: HttpRequest, case: str, appeal: str) -> HttpResponse:
    """Ask a second person for another decision."""
    found = finding(request)
    review().overturn(me(request), case, number(request, "expect"), appeal, found, text(request, "note"))
    messages.success(request, f"You found {finding_words(found)}. Another person has to agree before it takes effect.")
    return redirect("console:appeals")


@requires(Permission.EVIDENCE_HOLD)
@telling
def hold(request: HttpRequest, case: str) -> HttpResponse:
    """Forbid that anything of the case is destroyed."""
    review().hold(me(request), case, number(request, "expect"), text(request, "basis"), _day(request, "until"))
    messages.success(request, "The hold is in force.")
    return redirect("console:case", case)


@requires(Permission.EVIDENCE_HOLD)
@step_up("Ask to lift a hold")
@telling
def lift(request: HttpRequest, case: str, hold: str) -> HttpResponse:
    """Ask a second person to lift a hold."""
    asked = Proposed(Grave.LIFT_HOLD, text(request, "reason"), hold=hold)
    review().ask(me(request), case, number(request, "expect"), asked)
    messages.success(request, "Asked. Another person has to agree.")
    return redirect("console:case", case)


@requires(Permission.EVIDENCE_DESTROY)
@step_up("Ask to destroy an item's media")
@telling
def destroy(request: HttpRequest, case: str, item: str) -> HttpResponse:
    """Ask a second person to destroy an item's media."""
    asked = Proposed(Grave.DESTROY, text(request, "reason"), item=item)
    review().ask(me(request), case, number(request, "expect"), asked)
    messages.success(request, "Asked. Another person has to agree.")
    return redirect("console:case", case)


@requires(Permission.QUALITY_SEE)
@telling
def make_question(request: HttpRequest, case: str) -> HttpResponse:
    """Keep a decided case as a known answer, by its facts alone."""
    found = store().case(case)
    if found.finding is None or found.state is not CaseState.DECIDED:
        raise NotNowError(cause="Only a case that is decided has a known answer.")
    made = quality.make_question(found, pages.known_facts(found))
    messages.success(request, "Kept as a known answer." if made else "It is a known answer already.")
    return redirect("console:quality")


@requires(Permission.EVIDENCE_EXPORT)
@step_up("Export the evidence")
@telling
def export(request: HttpRequest, case: str) -> HttpResponseBase:
    """A case as a signed file, with its proofs, and its media when asked for; it is written to no disk here."""
    who, app = me(request), the_app()
    reason, media = said(text(request, "reason")), request.POST.get("media") == "on"
    if media:
        review().take_out(who, case)
    exporter = replace(app.exporter(None, str), signer=app.log_signer, last=app.last_head)
    out = os.fdopen(os.memfd_create("export", os.MFD_CLOEXEC), "w+b")
    try:
        export_case(exporter, case, out, media=media, actor=who.actor, reason=reason)
    except BaseException:
        out.close()
        raise
    out.seek(0)
    return FileResponse(out, as_attachment=True, filename=f"case-{short(case)}.safelight.zip")


def _day(request: HttpRequest, name: str) -> datetime | None:
    """The end of a day from a form, None for none given."""
    given = request.POST.get(name, "")
    try:
        return datetime.strptime(given, "%Y-%m-%d").replace(hour=23, minute=59, tzinfo=UTC) if given else None
    except ValueError as error:
        raise NotNowError(cause="Write the day as year-month-day.") from error
