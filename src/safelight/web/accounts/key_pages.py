"""Pages for admins and integrators: API keys."""

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from safelight.model.access import Permission, Principal, Scope
from safelight.model.errors import ForbiddenError
from safelight.web.access import View, principal_of, requires, step_up
from safelight.web.accounts.events import log
from safelight.web.accounts.forms import KeyForm, RotateForm
from safelight.web.accounts.keys import make_key, revoke_key, rotate_key
from safelight.web.accounts.models import ApiKey

INTEGRATION: Final = frozenset({Scope.GATE, Scope.LOOKUP})
"""Scopes that an integrator gives; the others reach cases, banks or the log, and are an admin's to give."""


def _managing(what: str) -> Callable[[View], View]:
    return lambda view: requires(Permission.KEY_MANAGE)(step_up(what)(view))


def _me(request: HttpRequest) -> Principal:
    found = principal_of(request)
    assert found is not None  # `requires` has seen to it
    return found


def givable(principal: Principal) -> frozenset[Scope]:
    """The scopes that this one may give to keys."""
    return frozenset(Scope) if principal.may(Permission.USER_MANAGE) else INTEGRATION


@_managing("Make a key")
def keys(request: HttpRequest) -> HttpResponse:
    """All keys, and a form to make one more."""
    me, now = _me(request), timezone.now()
    form = KeyForm(request.POST if request.method == "POST" else None, scopes=givable(me))
    if form.is_valid():
        data = form.cleaned_data
        with transaction.atomic():
            text, key = make_key(data["name"], data["scopes"], now + data["days"] if data["days"] else None)
            log(me.actor, "key.made", key=str(key.actor), scopes=" ".join(key.scopes))
        return render(request, "accounts/key_made.html", {"key": key, "text": text})
    rows = [
        {"key": key, "works": _works(key), "mine": key.scope_set <= givable(me)}
        for key in ApiKey.objects.order_by("-created")
    ]
    return render(request, "accounts/keys.html", {"rows": rows, "form": form})


@_managing("Rotate a key")
@require_POST
def rotate(request: HttpRequest, pk: int) -> HttpResponse:
    """A new key in place of this one, which works for some days more."""
    key = get_object_or_404(ApiKey, pk=pk)
    me, form = _me(request), RotateForm(request.POST)
    if not key.scope_set <= givable(me):
        raise ForbiddenError
    if not (form.is_valid() and _works(key)):
        messages.error(request, "This key cannot be rotated: it has ended, or the days are not from 0 to 90.")
        return redirect("accounts_keys")
    with transaction.atomic():
        text, made = rotate_key(key, timedelta(days=form.cleaned_data["days"]))
        log(me.actor, "key.rotated", key=str(key.actor), by=str(made.actor))
    return render(request, "accounts/key_made.html", {"key": made, "text": text, "old": key})


@_managing("Revoke a key")
@require_POST
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """End a key, whatever its scopes: to stop one is never the graver mistake."""
    key = get_object_or_404(ApiKey, pk=pk)
    if key.revoked is None:
        with transaction.atomic():
            revoke_key(key)
            log(_me(request).actor, "key.revoked", key=str(key.actor))
        messages.success(request, f"The key {key} is revoked. Within five seconds no process takes it any more.")
    return redirect("accounts_keys")


def _works(key: ApiKey) -> bool:
    return key.revoked is None and (key.expires is None or key.expires > timezone.now())
