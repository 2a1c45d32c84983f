"""What those who run the service look at: is it up, which version, figures, jobs that failed for good."""

from functools import wraps

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from safelight import __version__
from safelight.model.access import Permission
from safelight.web.access import View, principal_of, requires
from safelight.web.api.problem import unauthorized
from safelight.web.jobs import letters
from safelight.web.ops.following import FOLLOWING, hidden
from safelight.web.ops.health import HEALTH
from safelight.web.ops.metrics import exposition

EXPOSITION = "text/plain; version=0.0.4; charset=utf-8"
_DIGITS = 18
"""Of the number of a job, at most: what any database takes as one."""


@require_http_methods(["GET", "HEAD"])
@requires(Permission.PUBLIC)
async def healthz(_request: HttpRequest) -> HttpResponse:
    """This process answers. Nothing else is looked at: who gets no answer should start it anew."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_http_methods(["GET", "HEAD"])
@requires(Permission.PUBLIC)
def readyz(_request: HttpRequest) -> HttpResponse:
    """The service can do its work; with 503, these parts of it cannot."""
    failed = HEALTH.failed()
    return JsonResponse({"ready": not failed, "failed": list(failed)}, status=503 if failed else 200)


@require_GET
@requires(Permission.PUBLIC)
async def version(_request: HttpRequest) -> HttpResponse:
    """Name and version of the program."""
    return JsonResponse({"name": "safelight", "version": __version__})


def for_programs(view: View) -> View:
    """A view that asks who is not known for a key: there is nobody to be sent to the page where people sign in."""

    @wraps(view)
    def answered(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if principal_of(request) is None:
            return unauthorized(request)
        answer: HttpResponse = view(request, *args, **kwargs)
        return answer

    return answered


@require_GET
@for_programs
@requires(Permission.METRICS_READ)
def metrics(_request: HttpRequest) -> HttpResponse:
    """Figures for Prometheus."""
    return HttpResponse(exposition(), content_type=EXPOSITION)


@require_GET
@requires(Permission.JOB_MANAGE)
def jobs(request: HttpRequest) -> HttpResponse:
    """Dead letters, and how full the queue is; see `following` for what is told only to who may read cases."""
    who, dead = principal_of(request), letters.dead()
    if who is not None and who.may(Permission.CASE_READ):
        context = {"letters": dead, "depth": letters.depth()}
    else:
        context = {"letters": hidden(dead), "depth": letters.depth(apart=FOLLOWING)}
    return render(request, "ops/jobs.html", context)


@require_POST
@requires(Permission.JOB_MANAGE)
def job_action(request: HttpRequest, action: str) -> HttpResponse:
    """Retry dead letters, or drop them: those whose numbers the form holds."""
    texts = request.POST.getlist("job")
    numbers = [int(text) for text in texts if text.isascii() and text.isdecimal() and len(text) <= _DIGITS]
    done = letters.retry(numbers) if action == "retry" else letters.drop(numbers)
    said = "asked for anew" if action == "retry" else "dropped"
    messages.info(request, f"{done} {'job' if done == 1 else 'jobs'} {said}.")
    return redirect("ops_jobs")
