"""The queue, the cases that wait for a second person or an answer, and the list of all cases."""

import secrets
from collections import Counter

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST

from safelight.flow.review_rules import AHEAD
from safelight.model.access import Permission
from safelight.model.case import CaseState
from safelight.model.errors import NotNowError
from safelight.web.access import requires
from safelight.web.console import quality
from safelight.web.console.cards import card
from safelight.web.console.context import first_page
from safelight.web.console.views.common import me
from safelight.web.console.wiring import claims, review, standing_of, store
from safelight.web.console.words import STATES
from safelight.web.container import the_app

SHOWN = 30
"""Waiting cases on the page; there may be more, and nobody has to work through them all."""
PAGE = 50


@requires(Permission.OWN_ACCOUNT)
def home(request: HttpRequest) -> HttpResponse:
    """The first page that somebody's work is on."""
    return redirect(first_page(me(request).permissions))


@requires(Permission.CASE_CLAIM)
def queue(request: HttpRequest) -> HttpResponse:
    """What waits, and what one has taken on oneself."""
    return render(request, "console/queue.html", _queue(request))


@requires(Permission.CASE_CLAIM)
def waiting(request: HttpRequest) -> HttpResponse:
    """The changing part of the queue's page."""
    return render(request, "console/_waiting.html", _queue(request))


@requires(Permission.CASE_CLAIM)
@require_POST
def take_next(request: HttpRequest) -> HttpResponse:
    """Take on the most urgent case; now and then, one of which the answer is known."""
    who = me(request)
    person = str(who.actor)
    share = the_app().settings.service.known_answers
    if secrets.randbelow(100) < share and (question := quality.question_for(person)):
        return redirect("console:question", question.pk)
    try:
        case = review().claim_next(who, request.POST.get("queue") or None)
    except NotNowError as error:
        messages.warning(request, str(error))
        case = None
    else:
        if case is None:
            messages.info(request, "Nothing waits that nobody has taken on.")
    return redirect("console:case", case.id) if case else redirect("console:queue")


@requires(Permission.CASE_APPROVE)
def second(request: HttpRequest) -> HttpResponse:
    """Cases in which somebody asked for a second person."""
    cases = [card(case) for case in review().second(me(request))]
    intro = "Somebody decided, and another person has to decide, too, without knowing what the first one found."
    return render(request, "console/list.html", {"heading": "Second review", "intro": intro, "cases": cases})


@requires(Permission.APPEAL_DECIDE)
def appeals(request: HttpRequest) -> HttpResponse:
    """Cases of which somebody asks to look again."""
    cases = [card(case) for case in store().cases([CaseState.APPEALED], limit=AHEAD)]
    intro = "Somebody asks to look again. Who had a part in a decision does not answer the appeal against it."
    return render(request, "console/list.html", {"heading": "Appeals", "intro": intro, "cases": cases})


@requires(Permission.CASE_READ)
def cases(request: HttpRequest) -> HttpResponse:
    """All cases, oldest first, by state."""
    state = request.GET.get("state", "")
    states = [CaseState(state)] if state in set(CaseState) else []
    found = store().cases(states, after=request.GET.get("after", ""), limit=PAGE)
    context = {
        "heading": "Cases",
        "cases": [card(case) for case in found],
        "states": [(one.value, words) for one, words in STATES.items()],
        "state": state,
        "more": found[-1].id if len(found) == PAGE else "",
    }
    return render(request, "console/list.html", context)


def _queue(request: HttpRequest) -> dict[str, object]:
    who = me(request)
    person, now = str(who.actor), the_app().clock.now()
    name = request.GET.get("queue", "")
    waiting = review().waiting(who)
    mine = [case for case, holder in claims.holders(now).items() if holder == person]
    shown = [case for case in waiting if case.id not in mine and name in {"", case.queue}]
    return {
        "mine": [card(store().case(case)) for case in mine],
        "waiting": [card(case) for case in shown[:SHOWN]],
        "left": max(len(shown) - SHOWN, 0),
        "more": len(waiting) >= AHEAD,
        "queues": sorted(Counter(case.queue for case in waiting).items()),
        "queue": name,
        "here": reverse("console:queue") + (f"?{urlencode({'queue': name})}" if name else ""),
        "number": len(waiting),
        "seconds": len(review().second(who)) if who.may(Permission.CASE_APPROVE) else None,
        "appealed": len(store().cases([CaseState.APPEALED], limit=AHEAD))
        if who.may(Permission.APPEAL_DECIDE)
        else None,
        "standing": standing_of(person),
    }
