"""What people do about their own accounts, besides the pages of django-allauth."""

from allauth.account import views as allauth
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from safelight.model.access import Permission
from safelight.web.access import requires
from safelight.web.accounts import sessions
from safelight.web.accounts.models import User


@requires(Permission.OWN_ACCOUNT)
def home(request: HttpRequest) -> HttpResponse:
    """The way to everything about one's own account."""
    return render(request, "accounts/home.html")


@requires(Permission.OWN_ACCOUNT)
@require_POST
def sign_out_everywhere(request: HttpRequest) -> HttpResponse:
    """End every session of this person, this one too."""
    if isinstance(request.user, User):
        sessions.end_all(request.user)
    logout(request)
    return redirect("account_login")


def change_password(request: HttpRequest) -> HttpResponse:
    """Change the password; who has none signs in elsewhere, and is not given a second way in."""
    if not (isinstance(request.user, User) and request.user.has_usable_password()):
        return redirect("accounts_home")
    response: HttpResponse = allauth.password_change(request)
    return response
