"""Going on after the second factor was asked for again: what was typed is shown, and sent by one button."""

from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from safelight.model.access import Permission
from safelight.web.access import ask_again, recently_authenticated, requires
from safelight.web.kept import take

LABELS: Final = {
    "by": "How it was met",
    "digest": "SHA-256 of what you read",
    "expect": "Entries in the case's history when you saw it",
    "oidc": "Name at the OpenID provider",
    "read": "You have read it",
    "vouched": "You say that it is there",
}
"""What fields are called here whose names do not say what they are."""


@requires(Permission.OWN_ACCOUNT)
@require_GET
def go_on(request: HttpRequest, token: str) -> HttpResponse:
    """A form that was kept (see `safelight.web.kept`), once; whether it can be done now is for its own page to say."""
    if not recently_authenticated(request):
        return ask_again(request, request.path)
    kept = take(request, token)
    fields = kept.fields if kept else ()
    shown = [(LABELS.get(name, name.replace("_", " ").capitalize()), value) for name, value in fields]
    return render(request, "accounts/go_on.html", {"kept": kept, "shown": shown}, status=200 if kept else 404)
