"""The page that a one-time link opens: for the first admin, and for people whom an admin has made."""

from allauth.account.internal.flows.login import record_authentication
from allauth.account.utils import perform_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters

from safelight.model.access import Permission
from safelight.model.errors import ForbiddenError
from safelight.web.access import requires
from safelight.web.accounts.forms import FirstAdminForm, PasswordForm
from safelight.web.accounts.models import Link, User
from safelight.web.accounts.people import find_link, redeem_first_run, redeem_invitation


@requires(Permission.PUBLIC)
@sensitive_post_parameters()
def open_link(request: HttpRequest, token: str) -> HttpResponse:
    """Choose a password (the first admin: a name as well), be signed in, and go on to the second factor."""
    link = find_link(token)
    if link is None:
        return render(request, "accounts/link_dead.html", status=404)
    data = request.POST if request.method == "POST" else None
    form = PasswordForm(data, user=link.user) if link.user is not None else FirstAdminForm(data)
    if not form.is_valid():
        return render(request, "accounts/link.html", {"form": form, "person": link.user})
    try:
        user = _redeem(link, form)
    except ForbiddenError:
        return render(request, "accounts/link_dead.html", status=404)
    perform_login(request, user, email_verification="none")
    record_authentication(request, user, method="password", username=str(user.username), reauthenticated=True)
    return redirect("mfa_index")


def _redeem(link: Link, form: PasswordForm) -> User:
    password = form.cleaned_data["password1"]
    if link.user is not None:
        return redeem_invitation(link, password)
    return redeem_first_run(link, form.cleaned_data["username"], password)
