"""The page of a case, and the forms on it that claim, release, route and note."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from safelight.flow.render import MOST_BLUR
from safelight.flow.review_history import deciders
from safelight.flow.review_rules import SENIOR, answerable
from safelight.model.access import Permission
from safelight.model.case import AppealOpened, Case, CaseItem, CaseState, Grave, Verdict
from safelight.report.words import OUTCOMES
from safelight.web.access import recently_authenticated, requires
from safelight.web.console import closing_pages, pages
from safelight.web.console.cards import card, short
from safelight.web.console.views.common import me, number, telling, text
from safelight.web.console.wiring import LONGEST, case_of, claims, preference_of, review, standing_of, store
from safelight.web.console.words import (
    ANSWERS,
    ARTIFICIALNESS,
    CHOICES,
    GRAVE,
    REASONS,
    SURE,
    actor_words,
    finding_words,
)
from safelight.web.container import the_app


@dataclass(frozen=True, slots=True)
class Unread:
    """What was written into a form and could not be read, line by line, and what is wrong with it."""

    text: str
    slips: list[str]


@requires(Permission.CASE_READ)
def page(request: HttpRequest, case: str) -> HttpResponse:
    """Everything that is known of a case, from facts to a covered picture, and what can be done."""
    return shown_with(request, case, request.GET.get("item", ""))


def shown_with(request: HttpRequest, case: str, item: str, unread: Unread | None = None) -> HttpResponse:
    """The page of a case, with this item of it, for who may read cases. `unread`: of the form for URLs."""
    who = me(request)
    found = case_of(case)
    wanted = pages.chosen_item(found, item)
    holder = claims.holders(the_app().clock.now()).get(case)
    mine = holder == str(who.actor)
    shown = pages.shown_item(who, found, wanted) if wanted and who.may(Permission.ITEM_READ) else None
    independent = not found.appeals or who.actor not in deciders(store(), case)
    answers = [
        one for one in (answerable(who, found) if mine else ()) if independent or one.what.action is not Grave.OVERTURN
    ]
    second = next((one for one in answers if one.what.action is Grave.DECIDE), None)
    preference, events = preference_of(str(who.actor)), store().events(found.id)
    context = {
        "case": found,
        "card": card(found),
        "finding": finding_words(found.finding),
        "decided_by": "policy, unseen"
        if found.by_policy
        else found.decided_by and actor_words(found.decided_by, who.actor),
        "items": [_line(item) for item in found.items[: pages.ITEMS]],
        "more_items": max(len(found.items) - pages.ITEMS, 0),
        "shown": shown,
        "box": pages.box_region(shown.frame) if shown else "",
        "family": pages.family_of(found) if who.may(Permission.ITEM_READ) else "",
        "history": pages.history_of(who, found, events),
        "axes": pages.axes_of(found, events),
        "mine": mine,
        "taken": holder is not None and not mine,
        "claimable": _claimable(who.may(Permission.CASE_APPROVE), found),
        "decidable": mine and found.state is CaseState.OPEN and who.may(Permission.CASE_DECIDE),
        "second": second,
        "answers": [
            (one, GRAVE[one.what.action], actor_words(one.by), _about(found, one.what.item))
            for one in answers
            if one is not second
        ],
        "waits_for_others": [GRAVE[one.what.action] for one in found.proposals if one.by == who.actor],
        "appealable": found.state in {CaseState.DECIDED, CaseState.APPEALED},
        "appeals": _appeals(found) if found.appeals else [],
        "independent": independent,
        "graded": found.finding is not None and found.finding.verdict is not Verdict.UNSURE,
        "choices": CHOICES,
        "overturns": SURE,
        "artificialness": [(level.value, words) for level, words in ARTIFICIALNESS.items()],
        "answers_yes_no": [(answer.value, words) for answer, words in ANSWERS.items()],
        "reasons": REASONS,
        "preference": preference,
        "blurs": range(MOST_BLUR + 1),
        "standing": standing_of(str(who.actor)),
        "recent": recently_authenticated(request),
        "longest": LONGEST,
        "senior": SENIOR,
        "closing": closing_pages.closing_of(who, found) if who.may(Permission.REPORT_READ) else None,
        "unread": unread,
    }
    return render(request, "console/case.html", context)


@requires(Permission.CASE_CLAIM)
@telling
def claim(request: HttpRequest, case: str) -> HttpResponse:
    """Take a case on."""
    review().claim(me(request), case)
    return redirect("console:case", case)


@requires(Permission.CASE_CLAIM)
@telling
def release(request: HttpRequest, case: str) -> HttpResponse:
    """Give a case back; no reason is asked."""
    review().release(me(request), case)
    messages.info(request, f"Case {short(case)} is back in its queue.")
    return redirect("console:queue")


@requires(Permission.CASE_ROUTE)
@telling
def route(request: HttpRequest, case: str) -> HttpResponse:
    """Move a case to another queue."""
    queue = text(request, "queue")[:40] or "default"
    review().route(
        me(request), case, number(request, "expect"), queue, number(request, "priority"), text(request, "reason")
    )
    messages.success(request, f"Case {short(case)} is in the queue {queue} now.")
    return redirect("console:case", case)


@requires(Permission.CASE_DECIDE)
@telling
def note(request: HttpRequest, case: str) -> HttpResponse:
    """Leave a remark for colleagues."""
    review().note(me(request), case, text(request, "text"))
    return redirect("console:case", case)


def _line(item: CaseItem) -> dict[str, object]:
    return {
        "id": item.id,
        "name": short(item.id),
        "outcome": item.outcome,
        "label": OUTCOMES[item.outcome],
        "mime": item.mime,
        "destroyed": item.destroyed,
        "reference": item.reference,
    }


def _claimable(senior: bool, case: Case) -> bool:
    if case.state is CaseState.MERGED:
        return False
    return senior or (case.state is CaseState.OPEN and case.queue != SENIOR)


def _about(case: Case, item: str | None) -> str:
    return f"item {short(item)}" if item else f"all {len(case.items)} items" if len(case.items) > 1 else "the item"


def _appeals(case: Case) -> list[tuple[str, str]]:
    """Open appeals: id and text."""
    bodies = [logged.event.body for logged in store().events(case.id)]
    return [
        (body.appeal, body.text) for body in bodies if isinstance(body, AppealOpened) and body.appeal in case.appeals
    ]
