"""Who sits at a terminal: proved as at the sign-in page, by the same code, against the same limits.

The forms are django-allauth's own. Failures count with those of the sign-in page, a code of an authenticator app that
was used in either place is used up in both, and a recovery code works once. No session begins. A prompt may stay open
while somebody is shut out: what was proved is looked at again in the transaction of what is done by it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from time import time
from typing import Final
from urllib.parse import urlsplit

from allauth.account.forms import LoginForm
from allauth.core.context import request_context
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet
from django.forms import Form
from django.http import HttpRequest

from safelight.model.access import Principal, granted
from safelight.model.errors import SignInError
from safelight.web.accounts.models import User
from safelight.web.accounts.session_store import SessionStore
from safelight.web.container import the_app

Ask = Callable[[str], str]
"""Asks for a secret, which is not shown; what it is called is given."""

HOLDS: Final = 300
"""Seconds from the password to what is done."""
_HERE: Final = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Proof:
    """That password and second factor were right. `user`: whose; `hash`: of the password, given at `at` (Unix time).

    `factors`: ids of all second factors that the account had then.
    """

    user: int
    hash: str = field(repr=False)
    at: float
    factors: frozenset[int]

    def person(self) -> Principal:
        """Who that is now, by the roles of now. Call it in the transaction of what is done.

        The rows stay locked until its end, so that whoever shuts this person out comes before it, or after it.

        Raises:
            SignInError: it was `HOLDS` seconds ago, or the person is shut out, has another password by now, or has not
                all second factors any more.
        """
        if not 0 <= time() - self.at <= HOLDS:
            raise SignInError(cause=f"it took more than {HOLDS // 60} minutes from the password on")
        user = User.objects.select_for_update(no_key=True).filter(pk=self.user).first()
        if user is None or user.password != self.hash:
            raise SignInError(cause="this account has another password by now")
        _must_be_let_in(user)
        if not self.factors <= _ids(Authenticator.objects.select_for_update().filter(user=user)):
            raise SignInError(cause="this account has another second factor by now")
        return Principal(user.actor, granted(user.role_set), str(user.username))


def prove(name: str, ask: Ask) -> Proof:
    """That the person of this name is here, once password and second factor were right.

    Nobody acts at a terminal without a second factor, whatever their roles. A security key needs a browser; who has no
    other second factor uses a recovery code.

    Raises:
        SignInError: name, password or code are wrong, failures were too many, or the person may not come in.
    """
    request = _request()
    with request_context(request):
        first = LoginForm({"login": name, "password": ask("Password")}, request=request)
        _must_hold(first)
        user = first.user
        assert isinstance(user, User)
        _must_be_let_in(user)
        began = time()
        second = AuthenticateForm({"code": ask("Code of the authenticator app, or a recovery code")}, user=user)
        proof = Proof(user.pk, user.password, began, _ids(Authenticator.objects.filter(user=user)))
        _must_hold(second)
        second.save()
    return proof


def _ids(factors: QuerySet[Authenticator]) -> frozenset[int]:
    return frozenset(factors.values_list("pk", flat=True))


def _must_be_let_in(user: User) -> None:
    if not user.is_active:
        raise SignInError(cause="this account is shut out")
    if not is_mfa_enabled(user, [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]):
        raise SignInError(cause="this account has no second factor; set one up in the console")


def _request() -> HttpRequest:
    """What allauth counts failures by: the host's name as people have it in the browser, and this machine's address."""
    request = HttpRequest()
    request.method = "POST"
    request.META = {"HTTP_HOST": urlsplit(the_app().settings.service.url).netloc, "REMOTE_ADDR": _HERE}
    request.session = SessionStore()  # never saved
    request.user = AnonymousUser()
    return request


def _must_hold(form: Form) -> None:
    if not form.is_valid():
        raise SignInError(cause=next(str(text) for texts in form.errors.values() for text in texts))
