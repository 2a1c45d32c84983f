"""Where things are on the network, and whether they are gone: the tracker, one URL, and hosts by how long they take."""

import io
import zipfile
from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from safelight.flow.review_rules import said
from safelight.flow.takedown_retract import to_take_back
from safelight.model.access import Permission, Principal
from safelight.model.defang import defanged
from safelight.model.errors import ConflictError, NotNowError, SafelightError, UsageError
from safelight.model.notice import Written
from safelight.model.takedown import Contact, Location, NoticeState, Place
from safelight.policy.takedown_looks import may_be_gone, may_vouch, unclear_since, unsettled
from safelight.policy.takedown_next import next_words
from safelight.web.access import requires, step_up
from safelight.web.closing.wiring import advance_soon
from safelight.web.console import duty_pages, figure_pages, retraction_pages, takedown_pages
from safelight.web.console.cards import short
from safelight.web.console.closing_words import ANSWERS, PLACES, whom
from safelight.web.console.views import case as case_page
from safelight.web.console.views.common import me, telling, telling_on, text
from safelight.web.container import the_app

PAGE = 50
BATCH = 500
MOST = 100
"""URLs that are added at a time."""
STATES = ("open", "not begun", "late", "to take back", "ended")
"""Filters besides the state of a place."""
_BACK = telling_on("console:takedown")


@requires(Permission.REPORT_READ)
def takedowns(request: HttpRequest) -> HttpResponse:
    """All URLs, oldest first, by the state of the place and of the work."""
    now = the_app().clock.now()
    place, work, after = (request.GET.get(name, "") for name in ("place", "work", "after"))
    shown: list[Location] = []
    while len(shown) <= PAGE and (found := the_app().takedowns.all(after, BATCH)):
        shown += [one for one in found if place in {"", one.place} and _works(one, work, now)]
        after = found[-1].id
    context = {
        "locations": [takedown_pages.location_line(one, now) for one in shown[:PAGE]],
        "to_take_back": {one.id for one in shown[:PAGE] if _to_take_back(one)},
        "places": [(one.value, words) for one, words in PLACES.items()],
        "works": STATES,
        "place": place if place in set(Place) else "",
        "work": work,
        "filtered": bool(place or work),
        "more": shown[PAGE - 1].id if len(shown) > PAGE else "",
        "now": now,
        "mails": the_app().mailer is not None,
        "alarms": () if request.GET.get("after") else figure_pages.alarms(now),
    }
    return render(request, "console/takedowns.html", context)


@requires(Permission.REPORT_READ)
def takedown(request: HttpRequest, location: str) -> HttpResponse:
    """One URL: its timeline, who can act, and what is sent next."""
    found = the_app().takedowns.get(location)
    who, now = me(request), the_app().clock.now()
    then = the_app().takedown.coming(found)
    context = {
        "location": found,
        "line": takedown_pages.location_line(found, now),
        "bar": takedown_pages.bar(found, now),
        "timeline": takedown_pages.timeline(who, found),
        "contacts": takedown_pages.contact_lines(found.contacts.contacts if found.contacts else ()),
        "flaws": found.contacts.flaws if found.contacts else (),
        "answerable": takedown_pages.answerable(found),
        "answers": ANSWERS,
        "waiting": takedown_pages.waiting(found),
        "can_begin": not takedown_pages.begun(found) or bool(found.closed),
        "can_vouch": takedown_pages.begun(found) and not found.closed and may_vouch(found, now),
        "unclear": unclear_since(found) or unsettled(found, now),
        "may_be_gone": takedown_pages.begun(found) and may_be_gone(found),
        "next_words": next_words(then, whom(then.contact) if then.contact else ""),
        "law": duty_pages.to_remove(found.case, now) if found.gone is None else None,
    }
    context |= retraction_pages.section(found) | _next(who, found)
    return render(request, "console/takedown.html", context)


@requires(Permission.TAKEDOWN_ADD)
@telling
def add(request: HttpRequest, case: str) -> HttpResponse:
    """Note where an item of a case is: URLs, one a line. What is none stays in the form, with what is wrong with it."""
    item = request.POST.get("item", "")
    lines = [line for line in request.POST.get("url", "").splitlines() if line.strip()] or [""]
    names, left, slips = list[str](), lines[MOST:], list[str]()
    for line in lines[:MOST]:
        try:
            names.append(the_app().takedown.add(me(request), case, item, line).id)
        except UsageError as error:
            slips.append(f"Line {len(slips) + 1}: {error}" if len(lines) > 1 else str(error))
            left.insert(len(slips) - 1, line)
    if lines[MOST:]:
        slips.append(f"The others were not looked at: no more than {MOST} are taken at a time.")
    if names:
        many = f"{len(names)} URLs are noted" if len(names) > 1 else "Noted"
        messages.success(request, f"{many}. Nobody is told before a person begins the takedown.")
    if left:
        return case_page.shown_with(request, case, item, case_page.Unread("\n".join(left), slips))
    return redirect("console:takedown", *names) if len(names) == 1 else redirect("console:case", case)


@requires(Permission.TAKEDOWN_ADD)
@_BACK
def contacts(request: HttpRequest, location: str) -> HttpResponse:
    """Find out who can act about a URL; nobody is told yet."""
    the_app().takedown.contacts(me(request), location)
    return redirect("console:takedown", location)


@requires(Permission.TAKEDOWN_RUN)
@step_up("Begin a takedown")
@_BACK
def begin(request: HttpRequest, location: str) -> HttpResponse:
    """Begin: from now on notices go out and looks are taken by the plan. What was read is named by its digest."""
    if request.POST.get("read") != "on":
        raise NotNowError(cause="Read what will be sent, then say that you have.")
    with the_app().cases.transaction():
        found = the_app().takedown.get(location)
        upcoming = the_app().takedown.preview(location) if found.contacts else None
        fresh = not takedown_pages.begun(found) or bool(found.closed)
        if (upcoming is None and fresh) or _digest(upcoming) != request.POST.get("digest", ""):
            raise ConflictError(what="the notice")
        the_app().takedown.begin(me(request), location, vouched=request.POST.get("vouched") == "on")
        advance_soon(location)
    messages.success(request, "Begun. From here on it goes by the plan, until it is gone or somebody ends it.")
    return redirect("console:takedown", location)


@requires(Permission.TAKEDOWN_ADD)
@step_up("Record what somebody answered")
@_BACK
def answer(request: HttpRequest, location: str) -> HttpResponse:
    """Record what somebody answered to a notice."""
    state = request.POST.get("state", "")
    if state not in dict(ANSWERS):
        raise NotNowError(cause="Choose what they answered.")
    notice = request.POST.get("notice", "")
    with the_app().cases.transaction():
        the_app().takedown.answer(me(request), location, notice, NoticeState(state), text(request, "note"))
        advance_soon(location)
    messages.success(request, "Noted. Only a look makes it true.")
    return redirect("console:takedown", location)


@requires(Permission.TAKEDOWN_RUN)
@step_up("Say that you sent a notice")
@_BACK
def by_hand(request: HttpRequest, location: str) -> HttpResponse:
    """Say that a person has sent a notice."""
    the_app().takedown.sent_by_hand(me(request), location, request.POST.get("notice", ""))
    messages.success(request, "Noted: you sent it.")
    return redirect("console:takedown", location)


@requires(Permission.TAKEDOWN_RUN)
@step_up("Download a notice")
@_BACK
def letter(_request: HttpRequest, location: str) -> HttpResponse:
    """The next notice as a ZIP file, word for word, for a person to send."""
    upcoming = the_app().takedown.preview(location)
    if upcoming is None:
        raise NotNowError(cause="Nobody is left to be told.")
    _, written = upcoming
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("notice.txt", written.letter)
        for name, _, data in written.attachments:
            archive.writestr(name, data)
    headers = {"Content-Disposition": f'attachment; filename="notice-{short(location)}.zip"'}
    return HttpResponse(out.getvalue(), content_type="application/zip", headers=headers)


@requires(Permission.TAKEDOWN_RUN)
@step_up("Say that it is gone")
@_BACK
def gone(request: HttpRequest, location: str) -> HttpResponse:
    """Say that it is gone, which no look can show."""
    the_app().takedown.confirm_gone(me(request), location, said(text(request, "reason")))
    messages.success(request, "Noted. It is watched from here on.")
    return redirect("console:takedown", location)


@requires(Permission.TAKEDOWN_RUN)
@step_up("End the work on a URL")
@_BACK
def close(request: HttpRequest, location: str) -> HttpResponse:
    """End the work on a URL."""
    the_app().takedown.close(me(request), location, said(text(request, "reason")))
    messages.success(request, "Ended. Nobody looks there any more.")
    return redirect("console:takedown", location)


def _digest(upcoming: tuple[Contact, Written] | None) -> str:
    """Of a notice that is read; empty where nobody is left to be told, so that nothing is."""
    return upcoming[1].digest(upcoming[0]) if upcoming else ""


def _works(location: Location, work: str, now: datetime) -> bool:
    over = bool(location.closed) or location.gone is not None
    if work == "late":
        return takedown_pages.late(location, now)
    if work == "to take back":
        return _to_take_back(location)
    return {"open": not over, "ended": over, "not begun": not over and not takedown_pages.begun(location)}.get(
        work, True
    )


def _to_take_back(location: Location) -> bool:
    return bool(to_take_back(the_app().cases, the_app().takedowns, location))


def _next(who: Principal, location: Location) -> dict[str, object]:
    """The next notice as it would be sent, for those who may; only once contacts are known, so that nobody is asked."""
    if not who.may(Permission.TAKEDOWN_RUN) or location.contacts is None:
        return {"written": None, "sorry": ""}
    try:
        upcoming = the_app().takedown.preview(location.id)
    except SafelightError as error:
        return {"written": None, "sorry": str(error)}
    if upcoming is None:
        return {"written": None, "sorry": "nobody is left to be told"}
    contact, written = upcoming
    return {
        "written": written,
        "whom": whom(contact),
        "digest": written.digest(contact),
        "letter": written.text.replace(location.url, defanged(location.url)),
        "sorry": "",
    }
