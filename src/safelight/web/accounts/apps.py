"""The Django app `accounts`."""

from typing import TYPE_CHECKING

from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in
from django.http import HttpRequest

if TYPE_CHECKING:
    from allauth.mfa.models import Authenticator

    from safelight.web.accounts.models import User


class AccountsConfig(AppConfig):
    """Its tables are named after its label."""

    name = "safelight.web.accounts"
    label = "accounts"

    def ready(self) -> None:
        """Mark every session at its beginning; log when a second factor comes or goes."""
        from allauth.mfa import signals  # noqa: PLC0415 (its models load after the apps)

        user_logged_in.connect(_begin, dispatch_uid="safelight.accounts.begin")
        signals.authenticator_added.connect(_added, dispatch_uid="safelight.accounts.added")
        signals.authenticator_removed.connect(_removed, dispatch_uid="safelight.accounts.removed")


def _added(user: "User", authenticator: "Authenticator", **_: object) -> None:
    _log_factor("user.factor_added", user, authenticator)


def _removed(user: "User", authenticator: "Authenticator", **_: object) -> None:
    _log_factor("user.factor_removed", user, authenticator)


def _log_factor(what: str, user: "User", authenticator: "Authenticator") -> None:
    from safelight.web.accounts.events import log  # noqa: PLC0415 (as below)

    log(user.actor, what, user=str(user.actor), factor=str(authenticator.type))


def _begin(request: HttpRequest, **_: object) -> None:
    from safelight.web.accounts import sessions  # noqa: PLC0415 (its models load after the apps)

    sessions.begin(request)
