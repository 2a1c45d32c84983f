"""Taking back notices of what turned out to be no abuse."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from safelight.flow.takedown_retract import notice_of
from safelight.model.access import Permission
from safelight.model.errors import ConflictError, NotNowError
from safelight.web.access import requires, step_up
from safelight.web.closing.wiring import retract_soon
from safelight.web.console.cards import short
from safelight.web.console.retraction_pages import digest_of
from safelight.web.console.views.common import me, telling_on, text
from safelight.web.container import the_app

_BACK = telling_on("console:takedown")


@requires(Permission.TAKEDOWN_RUN)
@step_up("Take notices back")
@_BACK
def take_back(request: HttpRequest, location: str) -> HttpResponse:
    """Have all who were told of what is no abuse told so. What was read is named by its digest."""
    if request.POST.get("read") != "on":
        raise NotNowError(cause="Read what will be sent, then say that you have.")
    app = the_app()
    found = app.takedowns.get(location)
    owed = app.retractions.owed(found)
    if not owed or digest_of(found, owed) != request.POST.get("digest", ""):
        raise ConflictError(what="what is to be taken back")
    with app.cases.transaction():
        app.retractions.confirm(me(request), location, tuple(one.id for one in owed))
        retract_soon(location)
    messages.success(request, "Confirmed. Mails go out now; the others wait for a person below.")
    return redirect("console:takedown", location)


@requires(Permission.TAKEDOWN_RUN)
@step_up("Say that you sent a letter")
@_BACK
def by_hand(request: HttpRequest, location: str) -> HttpResponse:
    """Say that a person has told somebody that a notice is taken back."""
    the_app().retractions.sent_by_hand(me(request), location, request.POST.get("retraction", ""))
    messages.success(request, "Noted: you told them.")
    return redirect("console:takedown", location)


@requires(Permission.TAKEDOWN_RUN)
@step_up("Say why somebody cannot be told")
@_BACK
def give_up(request: HttpRequest, location: str) -> HttpResponse:
    """Say why somebody cannot be told that a notice is taken back."""
    name = request.POST.get("retraction", "")
    the_app().retractions.give_up(me(request), location, name, text(request, "reason"))
    messages.success(request, "Noted. Nobody tries any more.")
    return redirect("console:takedown", location)


@requires(Permission.TAKEDOWN_RUN)
@_BACK
def letter(request: HttpRequest, location: str) -> HttpResponse:
    """The letter that takes a notice back, word for word, for a person to send."""
    app = the_app()
    found = app.takedowns.get(location)
    one = next((one for one in found.retractions if one.id == request.POST.get("retraction")), None)
    if one is None:
        raise NotNowError(cause="This waits for nobody.")
    written = app.retractions.preview(found, notice_of(found, one))
    headers = {"Content-Disposition": f'attachment; filename="retraction-{short(one.id)}.txt"'}
    return HttpResponse(written.letter.encode(), content_type="text/plain; charset=utf-8", headers=headers)
