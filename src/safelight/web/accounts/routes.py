"""The pages of django-allauth that are in use, each with its permission, reviewed one by one. No other is reachable.

Left out on purpose: sign-up, mail addresses, password reset by mail (an admin gives a new link instead), a password for
who comes by OpenID Connect, sign-in by code or without a password, trusted browsers, connecting identities by oneself.
"""

from typing import Final, NamedTuple

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from allauth.socialaccount import views as social
from allauth.socialaccount.providers.openid_connect import views as oidc
from allauth.usersessions import views as usersessions

from safelight.model.access import Permission
from safelight.web.access import View
from safelight.web.accounts.own import change_password


class Route(NamedTuple):
    """A page: where, what, how allauth calls it, and who may."""

    path: str
    view: View
    name: str
    permission: Permission


_PUBLIC, _OWN = Permission.PUBLIC, Permission.OWN_ACCOUNT

ALLAUTH: Final = (
    Route("login/", account.login, "account_login", _PUBLIC),
    Route("logout/", account.logout, "account_logout", _PUBLIC),
    Route("inactive/", account.account_inactive, "account_inactive", _PUBLIC),  # told only after the right password
    Route("2fa/authenticate/", mfa.authenticate, "mfa_authenticate", _PUBLIC),  # password given, second factor not yet
    Route("reauthenticate/", account.reauthenticate, "account_reauthenticate", _OWN),
    Route("password/change/", change_password, "account_change_password", _OWN),
    Route("2fa/", mfa.index, "mfa_index", _OWN),
    Route("2fa/reauthenticate/", mfa.reauthenticate, "mfa_reauthenticate", _OWN),
    Route("2fa/totp/activate/", totp.activate_totp, "mfa_activate_totp", _OWN),
    Route("2fa/totp/deactivate/", totp.deactivate_totp, "mfa_deactivate_totp", _OWN),
    Route("2fa/recovery-codes/", codes.view_recovery_codes, "mfa_view_recovery_codes", _OWN),
    Route("2fa/recovery-codes/generate/", codes.generate_recovery_codes, "mfa_generate_recovery_codes", _OWN),
    Route("2fa/recovery-codes/download/", codes.download_recovery_codes, "mfa_download_recovery_codes", _OWN),
    Route("2fa/webauthn/", webauthn.list_webauthn, "mfa_list_webauthn", _OWN),
    Route("2fa/webauthn/add/", webauthn.add_webauthn, "mfa_add_webauthn", _OWN),
    Route("2fa/webauthn/reauthenticate/", webauthn.reauthenticate_webauthn, "mfa_reauthenticate_webauthn", _OWN),
    Route("2fa/webauthn/keys/<int:pk>/remove/", webauthn.remove_webauthn, "mfa_remove_webauthn", _OWN),
    Route("2fa/webauthn/keys/<int:pk>/edit/", webauthn.edit_webauthn, "mfa_edit_webauthn", _OWN),
    Route("sessions/", usersessions.list_usersessions, "usersessions_list", _OWN),
    Route("oidc/cancelled/", social.login_cancelled, "socialaccount_login_cancelled", _PUBLIC),
    Route("oidc/error/", social.login_error, "socialaccount_login_error", _PUBLIC),
    Route("oidc/<slug:provider_id>/login/", oidc.login, "openid_connect_login", _PUBLIC),
    Route("oidc/<slug:provider_id>/login/callback/", oidc.callback, "openid_connect_callback", _PUBLIC),
)

SET_UP: Final = frozenset(
    {
        "mfa_index",
        "mfa_activate_totp",
        "mfa_add_webauthn",
        "account_reauthenticate",
    }
)
"""Where those may go who must have a second factor and have none; what is public besides."""
