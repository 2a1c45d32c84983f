"""Pages for admins: people and their roles."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from safelight.model.access import Permission
from safelight.web.access import View, requires, step_up
from safelight.web.accounts.forms import PersonForm, RolesForm
from safelight.web.accounts.models import User
from safelight.web.accounts.people import change_roles, invitation, make_person, set_active


def _managing(what: str) -> Callable[[View], View]:
    return lambda view: requires(Permission.USER_MANAGE)(step_up(what)(view))


def _me(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # keys manage no people
    return request.user


@_managing("Make a person")
def people(request: HttpRequest) -> HttpResponse:
    """Everybody, and a form to make one more."""
    form = PersonForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        data = form.cleaned_data
        person, path = make_person(_me(request), data["username"], data["roles"], data["oidc"])
        return _show_link(request, person, path)
    return render(request, "accounts/people.html", {"people": User.objects.order_by("username"), "form": form})


@_managing("Change the roles")
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """One person; a POST changes the roles."""
    found = get_object_or_404(User, pk=pk)
    own = found.pk == _me(request).pk
    form = RolesForm(request.POST if request.method == "POST" else None, initial={"roles": found.roles})
    if form.is_valid():
        change_roles(_me(request), found, form.cleaned_data["roles"])
        messages.success(request, f"The roles of {found} are changed.")
        return redirect("accounts_person", found.pk)
    return render(request, "accounts/person.html", {"person": found, "form": form, "own": own})


@_managing("Make a link")
@require_POST
def invite(request: HttpRequest, pk: int) -> HttpResponse:
    """A new link for somebody who has lost password or second factor, or let the first one expire."""
    found = get_object_or_404(User, pk=pk, is_active=True)
    return _show_link(request, found, invitation(found, _me(request).actor))


@_managing("Let somebody in again")
@require_POST
def activate(request: HttpRequest, pk: int) -> HttpResponse:
    """Let somebody in again."""
    return _set_active(request, pk, active=True)


@_managing("Shut somebody out")
@require_POST
def deactivate(request: HttpRequest, pk: int) -> HttpResponse:
    """Shut somebody out."""
    return _set_active(request, pk, active=False)


def _set_active(request: HttpRequest, pk: int, active: bool) -> HttpResponse:
    found = get_object_or_404(User, pk=pk)
    set_active(_me(request), found, active)
    messages.success(request, f"{found} can sign in again." if active else f"{found} is shut out.")
    return redirect("accounts_person", found.pk)


def _show_link(request: HttpRequest, found: User, path: str) -> HttpResponse:
    return render(request, "accounts/invited.html", {"person": found, "link": request.build_absolute_uri(path)})
