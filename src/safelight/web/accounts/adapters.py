"""How django-allauth behaves here."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount, SocialLogin
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from safelight.web.accounts.models import User
from safelight.web.sealing import sealer


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Nobody signs up by himself, and a password alone confirms nothing where there is a second factor."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never: an admin makes people."""
        del request
        return False

    def get_reauthentication_methods(self, user: User | AnonymousUser) -> list[dict[str, Any]]:
        """The ways by which a person shows that he is still there: second factors, where he has any."""
        methods: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        return [method for method in methods if method["id"].startswith("mfa")] or methods

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Nothing: the service sends no mail."""


class SocialAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """Who comes by OpenID Connect must be somebody whom an admin has made, with his name at the provider."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        """Never: an admin makes people."""
        del request, sociallogin
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Bind the identity to its person at its first coming; from then on `sub` alone says who it is.

        The person is the one whose field `oidc` is the identity's `sub`, or else its `preferred_username`; one person
        is bound to one identity. Others are told only that they cannot sign in.
        """
        if sociallogin.is_existing:
            return
        claims = sociallogin.account.extra_data
        claims = claims.get("userinfo") or claims.get("id_token") or claims
        for name in (sociallogin.account.uid, claims.get("preferred_username")):
            user = User.objects.filter(oidc=name, is_active=True).first() if name else None
            if user is not None and not SocialAccount.objects.filter(user=user).exists():
                sociallogin.connect(request, user)
                return
        raise ImmediateHttpResponse(HttpResponseRedirect(reverse("socialaccount_login_error")))


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Second factors; their secrets are encrypted by a key that is derived from the service's secret."""

    def build_totp_svg(self, url: str) -> SafeString:
        """The QR code for the page itself, black on white in the dark, too."""
        _, _, drawing = super().build_totp_svg(url).partition("?>")
        start, _, rest = drawing.partition(">")
        named = start.replace("<svg ", '<svg role="img" aria-label="QR code of the secret" ')
        paper = '<rect width="100%" height="100%" fill="#fff"/>'
        return mark_safe(f"{named}>{paper}{rest}")  # noqa: S308 (the drawing library's own; nothing of it is text)

    def encrypt(self, text: str) -> str:
        """As it is kept."""
        return sealer("second factors").encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """As it was."""
        return sealer("second factors").decrypt(encrypted_text.encode()).decode()
