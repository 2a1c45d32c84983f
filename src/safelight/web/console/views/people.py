"""One's own day, sums over people, how far people agree, and the log."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from safelight.flow.render import MOST_BLUR
from safelight.flow.wellness import FEWEST_PEOPLE, totals
from safelight.model.access import Permission, Principal
from safelight.model.audit import LoggedEvent
from safelight.model.case import Grave, Proposed, Verdict
from safelight.model.errors import NotNowError
from safelight.report.text import duration
from safelight.web.access import requires
from safelight.web.console import pages, quality
from safelight.web.console.models import KnownAnswer, Preference
from safelight.web.console.views.common import finding, me
from safelight.web.console.wiring import everybody, limits, preference_of, review, standing_of, store
from safelight.web.console.words import CHOICES, SURE, actor_words, event_words, finding_words
from safelight.web.container import the_app

PAGE = 50
_FLAGS = ("grey", "sepia", "plain", "warnings", "keys")


@requires(Permission.CASE_CLAIM)
def my_day(request: HttpRequest) -> HttpResponse:
    """What one has seen, how one wants to be shown it, and the pause. Nobody else sees this page."""
    person = str(me(request).actor)
    standing = standing_of(person)
    context = {
        "standing": standing,
        "seen": duration(round(standing.seconds)),
        "stretch": duration(round(standing.stretch)),
        "rules": [duration(seconds) for seconds in (limits().stretch, limits().rest, limits().day)],
        "preference": preference_of(person),
        "blurs": [(step, ("none", "light", "medium", "strong")[step]) for step in range(MOST_BLUR + 1)],
        "own": quality.agreement_with_known(person),
    }
    return render(request, "console/my_day.html", context)


@requires(Permission.CASE_CLAIM)
@require_POST
def pause(request: HttpRequest) -> HttpResponse:
    """Pause, or go on."""
    on = request.POST.get("pause") != "off"
    review().pause(me(request), on=on)
    if on:
        messages.success(request, "You have paused. What you had taken on is back in its queue. Take your time.")
    return redirect("console:wellness")


@requires(Permission.CASE_CLAIM)
@require_POST
def preferences(request: HttpRequest) -> HttpResponse:
    """How one wants to be shown media."""
    blur = request.POST.get("blur", "")
    values: dict[str, int | bool] = {name: request.POST.get(name) == "on" for name in _FLAGS}
    values["blur"] = int(blur) if blur in {str(step) for step in range(MOST_BLUR + 1)} else 1
    Preference.objects.update_or_create(person=str(me(request).actor), defaults=values)
    messages.success(request, "Kept.")
    return redirect("console:wellness")


@requires(Permission.WELLNESS_TOTALS)
def all_days(request: HttpRequest) -> HttpResponse:
    """Sums over people, never anybody's own figures."""
    found = totals(everybody())
    spent = found and {name: duration(round(getattr(found, name))) for name in ("seconds", "mean", "middle")}
    return render(request, "console/totals.html", {"totals": found, "spent": spent, "fewest": FEWEST_PEOPLE})


@requires(Permission.QUALITY_SEE)
def agreement(request: HttpRequest) -> HttpResponse:
    """How far people agree, over all of them."""
    enough = quality.answering_people() >= FEWEST_PEOPLE
    context = {
        "two": quality.agreement_of_two(),
        "known": quality.agreement_with_known() if enough else None,
        "fewest": FEWEST_PEOPLE,
        "questions": KnownAnswer.objects.filter(active=True).count(),
        "share": the_app().settings.service.known_answers,
    }
    return render(request, "console/quality.html", context)


@requires(Permission.CASE_DECIDE)
@require_http_methods(["GET", "POST"])
def question(request: HttpRequest, number: int) -> HttpResponse:
    """A case of which the answer is known, without media: decide, then see."""
    known = get_object_or_404(KnownAnswer, pk=number, active=True)
    context = {"known": known, "choices": SURE}
    if request.method == "POST":
        try:
            given = finding(request)
        except NotNowError as error:
            messages.warning(request, str(error))
            return redirect("console:question", number)
        right = quality.give_answer(known, str(me(request).actor), given, the_app().clock.now())
        verdict, _, classification = known.answer.partition(" ")
        expected = "not abuse" if verdict == Verdict.NOT_ABUSE else f"confirmed, {classification}"
        context |= {"given": finding_words(given), "right": right, "expected": expected}
    return render(request, "console/question.html", context)


@requires(Permission.LOG_READ)
def log(request: HttpRequest) -> HttpResponse:
    """The log, entry by entry, as sentences; it never holds media.

    Who may be the second to decide is not told here either what a first person found.
    """
    given = request.GET.get("after", "")
    after = int(given) if given.isascii() and given.isdecimal() and len(given) < 12 else -1
    entries = store().log(after, PAGE)
    who = me(request)
    context = {
        "head": store().head(),
        "entries": [
            (
                entry,
                actor_words(entry.event.actor, who.actor),
                event_words(entry.event.body, secret=_unheard(who, entry)),
            )
            for entry in entries
        ],
        "more": entries[-1].position if len(entries) == PAGE else None,
    }
    return render(request, "console/log.html", context)


def _unheard(who: Principal, entry: LoggedEvent) -> bool:
    body = entry.event.body
    if not isinstance(body, Proposed) or body.action is not Grave.DECIDE or not who.may(Permission.CASE_APPROVE):
        return False
    return entry.event.seq in pages.unheard_of(who, store().case(entry.event.case))


@requires(Permission.CASE_CLAIM)
def keys(request: HttpRequest) -> HttpResponse:
    """The keys that act on the console's pages."""
    return render(request, "console/keys.html", {"choices": CHOICES})
