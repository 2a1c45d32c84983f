"""The policy: what is in force, its history, new versions, and the second person who agrees to them."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from safelight.flow.review_rules import said
from safelight.model.access import Permission
from safelight.model.errors import ConflictError, NotNowError, PolicyError
from safelight.model.policy import PolicyFlaw, PolicyState, PolicyVersion
from safelight.policy.rules.default import DEFAULT
from safelight.policy.rules.reading import read_policy
from safelight.policy.rules.withheld import withheld_in_examples
from safelight.web.access import requires, step_up
from safelight.web.console import policy_pages
from safelight.web.console.views.common import me, telling_on, text
from safelight.web.container import the_app

LONGEST = 200_000
"""Characters of a policy's text."""
TRIED = 1000
"""Past cases that a new version is tried on."""
_WANTED = (PolicyState.IN_FORCE, PolicyState.SHADOW)


@requires(Permission.POLICY_READ)
def policy(request: HttpRequest) -> HttpResponse:
    """What is in force and in shadow, what waits for a second person, and the history."""
    versions = the_app().policies.versions()
    own = str(me(request).actor)
    shadow = _first(versions, PolicyState.SHADOW)
    context = {
        "current": _first(versions, PolicyState.IN_FORCE),
        "current_text": the_app().policies.text(),
        "trouble": the_app().policies.trouble(),
        "shadow": shadow,
        "shadowed": the_app().policies.shadowed(shadow.number) if shadow else None,
        "proposed": [policy_pages.version_line(one, own) for one in versions if one.state is PolicyState.PROPOSED],
        "history": [policy_pages.version_line(one, own) for one in versions],
    }
    return render(request, "console/policy.html", context)


@requires(Permission.POLICY_READ)
def version(request: HttpRequest, number: int) -> HttpResponse:
    """One version, and how it differs from the one in force, or from the one before it."""
    versions = the_app().policies.versions()
    found = next((one for one in versions if one.number == number), None)
    if found is None:
        raise Http404
    own = str(me(request).actor)
    older = [one for one in versions if one.number < number and one.state is not PolicyState.REJECTED]
    current = _first(versions, PolicyState.IN_FORCE)
    waits = found.state is PolicyState.PROPOSED
    base = current if waits else next(iter(older), None)
    base = base if base and base.number != number else None
    flaw, before = "", the_app().policies.text() if waits else base.text if base else DEFAULT
    try:
        the_app().policies.version(number)
    except PolicyError as error:
        flaw = str(error)
    context = {
        "flaw": flaw,
        "version": found,
        "line": policy_pages.version_line(found, own),
        "base": base,
        "diff": policy_pages.differences(before, found.text),
        "waits": waits,
        "own": found.by == own,
        "warnings": [] if flaw else _warnings(found.text, the_app().policies.check(found.text)),
        "tried": TRIED,
    }
    if "try" in request.GET and waits and not flaw and me(request).may(Permission.POLICY_APPROVE):
        try:
            context |= policy_pages.tried_on(the_app().policies.backtest(found.text, TRIED))
        except PolicyError as error:
            messages.warning(request, str(error))
    return render(request, "console/policy_version.html", context)


@requires(Permission.POLICY_PROPOSE)
def write(request: HttpRequest) -> HttpResponse:
    """Write a new version: check it, or try it, as often as one likes, then propose it."""
    if request.method != "POST":
        return render(request, "console/policy_write.html", _written(the_app().policies.text(), "", ""))
    words = request.POST.get("text", "")[:LONGEST].replace("\r\n", "\n")
    note, wanted = text(request, "note"), request.POST.get("wanted", "")
    flaws = the_app().policies.check(words)
    context = _written(words, note, wanted) | {
        "checked": True,
        "flaws": policy_pages.shown_flaws(words, flaws),
        "warnings": _warnings(words, flaws),
    }
    if request.POST.get("do") == "propose" and not flaws:
        if not note:
            messages.warning(request, "Say in a few words what changes, and why.")
        else:
            try:
                made = the_app().policies.propose(me(request), words, note, _wanted(wanted))
            except (NotNowError, ConflictError, PolicyError) as error:
                messages.warning(request, str(error))
            else:
                messages.success(request, "Proposed. Another person has to agree before it is used.")
                return redirect("console:policy-version", made.number)
    if request.POST.get("do") == "try" and not flaws:
        context |= policy_pages.tried_on(the_app().policies.backtest(words, TRIED))
    return render(request, "console/policy_write.html", context)


@requires(Permission.POLICY_PROPOSE)
@step_up("End the shadow of a policy")
@telling_on("console:policy-version")
def end_shadow(request: HttpRequest, number: int) -> HttpResponse:
    """Ask the version in shadow no more."""
    the_app().policies.end_shadow(me(request), number)
    messages.success(request, "It is asked no more.")
    return redirect("console:policy")


@requires(Permission.POLICY_APPROVE)
@step_up("Answer a new version of the policy")
@telling_on("console:policy-version")
def answer(request: HttpRequest, number: int) -> HttpResponse:
    """Agree to a version that another person proposed, or not."""
    approve = request.POST.get("answer") == "approve"
    note = text(request, "note") if approve else said(text(request, "note"))
    found = the_app().policies.answer(me(request), number, approve=approve, note=note, digest=text(request, "digest"))
    done = "It is used from now on." if approve else "You did not agree; nothing changes."
    messages.success(request, done)
    return redirect("console:policy-version", found.number)


def _written(words: str, note: str, wanted: str) -> dict[str, object]:
    return {"text": words, "note": note, "wanted": str(_wanted(wanted)), "tried": TRIED}


def _warnings(words: str, flaws: list[PolicyFlaw]) -> list[PolicyFlaw]:
    """Of a text: what its rules ask for in vain; none for one with flaws, which tell more."""
    return [] if flaws else withheld_in_examples(read_policy(words)[0])


def _wanted(given: str) -> PolicyState:
    return next((one for one in _WANTED if one == given), PolicyState.IN_FORCE)


def _first(versions: list[PolicyVersion], state: PolicyState) -> PolicyVersion | None:
    return next((one for one in versions if one.state is state), None)
