"""The pages on which people manage webhooks, and say which of them hear of cases."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from safelight.model.access import Permission
from safelight.web.access import requires, step_up
from safelight.web.hooks.changes import deliveries_of, may_read_cases, note, set_cases
from safelight.web.hooks.events import EVENTS
from safelight.web.hooks.models import Endpoint
from safelight.web.hooks.sending import add_endpoint, emit, rotate


class EndpointForm(forms.Form):
    """What an endpoint is made of."""

    url = forms.URLField(label="Address", max_length=2_048, assume_scheme="https")
    description = forms.CharField(label="What it is for", max_length=200, required=False)
    events = forms.MultipleChoiceField(
        label="Events (none: all that it may hear)",
        choices=[(name, f"{name}: {meaning}") for name, meaning in EVENTS.items()],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )


@require_http_methods(["GET", "POST"])
@requires(Permission.HOOK_MANAGE)
def endpoints(request: HttpRequest) -> HttpResponse:
    """All endpoints, and a form for another one."""
    form = EndpointForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        made, secret = add_endpoint(**form.cleaned_data, cases=may_read_cases(request))
        note(request, "webhook.added", made)
        return render(request, "hooks/secret.html", {"endpoint": made, "secret": secret})
    found: dict[str, Any] = {"endpoints": Endpoint.objects.order_by("pk"), "form": form}
    return render(request, "hooks/endpoints.html", found)


@require_GET
@requires(Permission.HOOK_GRANT)
def hearing(request: HttpRequest) -> HttpResponse:
    """Which endpoints hear of cases, for who answers for those."""
    return render(request, "hooks/hearing.html", {"endpoints": Endpoint.objects.order_by("pk")})


@require_POST
@requires(Permission.HOOK_GRANT)
@step_up("Change which webhooks hear of cases")
def grant(request: HttpRequest, number: int, what: str) -> HttpResponse:
    """Let an endpoint hear of cases, or not any more."""
    set_cases(request, get_object_or_404(Endpoint, pk=number), cases=what == "grant")
    return redirect("hooks:hearing")


@require_GET
@requires(Permission.HOOK_MANAGE)
def endpoint(request: HttpRequest, number: int) -> HttpResponse:
    """One endpoint, with how telling it went."""
    found = get_object_or_404(Endpoint, pk=number)
    latest = deliveries_of(found, request)
    return render(request, "hooks/endpoint.html", {"endpoint": found, "deliveries": latest})


@require_POST
@requires(Permission.HOOK_MANAGE)
def change(request: HttpRequest, number: int, what: str) -> HttpResponse:
    """Rotate its secret, send a test, enable, or remove it."""
    found = get_object_or_404(Endpoint, pk=number)
    if what == "test":
        emit("endpoint.test", {}, only=found)
        return redirect("hooks:endpoint", number)
    note(request, {"rotate": "webhook.rotated", "enable": "webhook.enabled", "remove": "webhook.removed"}[what], found)
    if what == "rotate":
        return render(request, "hooks/secret.html", {"endpoint": found, "secret": rotate(found)})
    if what == "enable":
        Endpoint.objects.filter(pk=number).update(disabled=None, reason="")
        return redirect("hooks:endpoint", number)
    found.delete()
    return redirect("hooks:endpoints")
