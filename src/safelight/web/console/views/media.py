"""Pixels: covered pictures, and looks that are allowed one by one. Nothing of it is kept by anybody."""

import json
import math

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_GET, require_POST

from safelight.flow.render import MOST_BLUR, Region, View, covered, revealed
from safelight.flow.review_rules import Look, item_of
from safelight.model.access import Permission
from safelight.model.case import SOURCE, CaseItem
from safelight.model.decision import Outcome
from safelight.model.errors import ForbiddenError, NotNowError, SafelightError
from safelight.web.access import requires, step_up
from safelight.web.console import media, mosaics
from safelight.web.console.sources import source_of
from safelight.web.console.views.common import me, script_error, text
from safelight.web.console.wiring import case_of, review

_WHOLE: Region = (0.0, 0.0, 1.0, 1.0)


@requires(Permission.MEDIA_REVEAL)
@require_GET
def cover(request: HttpRequest, case: str, item: str, what: str) -> HttpResponse:
    """The covered picture of an item, or of its matched source."""
    found = case_of(case)
    try:
        one = item_of(found, item)
        if one.outcome is Outcome.KNOWN:  # not even covered, but for who answers an appeal
            review().seeable(me(request), found, one)
        blob = _blob(one, what)
        return _image(covered(media.picture(blob, side=256)), "image/png")
    except NotNowError as error:
        return script_error(error)


@requires(Permission.MEDIA_REVEAL)
@require_GET
def frames(request: HttpRequest, case: str, item: str) -> HttpResponse:
    """The strip of a video: covered frames, each to be looked at singly."""
    found = case_of(case)
    one = item_of(found, item)
    try:
        review().seeable(me(request), found, one)
        strip = media.strip(_blob(one, "item"))
    except NotNowError as error:
        return render(request, "console/_frames.html", {"sorry": str(error)})
    drawn = [(still.time, mosaics.drawn(still.mosaic)) for still in strip]
    return render(request, "console/_frames.html", {"frames": drawn, "case": found, "item": one})


@requires(Permission.MEDIA_REVEAL)
@require_POST
@step_up("Look at media", keeps=False)
def reveal(request: HttpRequest, case: str, item: str) -> HttpResponse:
    """Show a region with filters, once, while a key or pointer is held. The log has it before a pixel is sent."""
    who, acts = me(request), review()
    found = case_of(case)
    view, region, time = _view(request), _region(request), _time(request)
    what = SOURCE if request.POST.get("what") == SOURCE else "item"
    try:
        blob = _blob(item_of(found, item), what)
        names = (*((f"at {time:.2f} s",) if time is not None else ()), *view.names)
        look = acts.reveal(who, case, Look(item, text(request, "reason"), what, region, names))
        try:
            picture = media.picture(blob) if time is None else media.frame(blob, time)
            answer = _image(revealed(picture, region, view), "image/jpeg")
            acts.shown(who, look.id)
        except BaseException:
            acts.hide(who, look.id)
            raise
    except (ForbiddenError, NotNowError) as error:
        return script_error(error)
    answer["X-Look"] = look.id
    answer["X-Look-Seconds"] = f"{look.seconds:.1f}"
    return answer


@requires(Permission.MEDIA_REVEAL)
@require_POST
def hide(request: HttpRequest) -> HttpResponse:
    """A look has ended, or all that are open when none is named. How long it was is counted here, not there."""
    who, acts = me(request), review()
    named = text(request, "look")
    try:
        for look in [named] if named else acts.open_looks(who):
            acts.hide(who, look)
    except SafelightError as error:
        return script_error(error)
    return HttpResponse(status=204)


def _blob(item: CaseItem, what: str) -> str:
    blob = item.blob if what == "item" else source_of(item.id)
    if blob is None:
        raise NotNowError(cause="No media of this is kept.")
    return blob


def _view(request: HttpRequest) -> View:
    blur = request.POST.get("blur", "")
    on = request.POST.get
    known = blur in {str(step) for step in range(MOST_BLUR + 1)}
    return View(int(blur) if known else MOST_BLUR, on("grey") == "on", on("sepia") == "on", on("plain") == "on")


def _region(request: HttpRequest) -> Region:
    """The region that is asked for; all of it where nothing else is said. Raises ForbiddenError for none."""
    given = request.POST.get("region", "")
    if not given:
        return _WHOLE
    try:
        left, top, right, bottom = (float(edge) for edge in json.loads(given))
    except (TypeError, ValueError) as error:
        raise ForbiddenError from error
    if not (0 <= left < right <= 1 and 0 <= top < bottom <= 1):
        raise ForbiddenError
    return left, top, right, bottom


def _time(request: HttpRequest) -> float | None:
    given = request.POST.get("time", "")
    try:
        time = float(given) if given else None
    except ValueError as error:
        raise ForbiddenError from error
    if time is not None and not (math.isfinite(time) and time >= 0):
        raise ForbiddenError
    return time


def _image(data: bytes, mime: str) -> HttpResponse:
    response = HttpResponse(data, content_type=mime)
    patch_cache_control(response, no_store=True, private=True)
    response["Content-Disposition"] = "inline"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["X-Content-Type-Options"] = "nosniff"
    return response
