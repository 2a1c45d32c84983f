"""Forms about people and keys."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.http import QueryDict

from safelight.model.access import Role, Scope, apart
from safelight.web.accounts.models import User

ROLE_NAMES = {
    Role.REVIEWER: "Reviewer: reviews cases, sees media",
    Role.SENIOR: "Senior reviewer: also approves, routes and answers appeals",
    Role.LEAD: "Child-safety lead: also exports, holds and destroys evidence",
    Role.CURATOR: "Curator: keeps the banks",
    Role.AUDITOR: "Auditor: reads the log, never media",
    Role.INTEGRATOR: "Integrator: keys, webhooks and jobs",
    Role.ADMIN: "Admin: people and keys, never media",
}
SCOPE_NAMES = {
    Scope.GATE: "gate: check uploads, hand in items",
    Scope.LOOKUP: "lookup: compare hashes",
    Scope.CURATE: "curate: read and change banks",
    Scope.REVIEW: "review: read cases, route them, open appeals",
    Scope.REPORT: "report: read cases, export evidence, place holds",
    Scope.ADMIN: "admin: metrics, jobs, webhooks, log",
}


class PasswordForm(forms.Form):
    """Choosing a password. `user`: whose it will be, to be told from it."""

    password1 = forms.CharField(
        label="Password",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="At least 12 characters, and not a common one. A few random words are good.",
    )
    password2 = forms.CharField(
        label="The same again", strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )

    def __init__(self, data: QueryDict | None = None, *, user: User | None = None) -> None:
        super().__init__(data)
        self._user = user

    def clean(self) -> dict[str, Any]:
        """Both alike, and good enough."""
        data = super().clean() or {}
        first, second = data.get("password1"), data.get("password2")
        if first and second and first != second:
            self.add_error("password2", "The two are not the same.")
        elif first:
            try:
                validate_password(first, self._user or User(username=data.get("username", "")))
            except ValidationError as error:
                self.add_error("password1", error)
        return data


def _username() -> forms.CharField:
    return forms.CharField(
        label="User name",
        max_length=150,
        validators=[UnicodeUsernameValidator()],
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
        help_text="It need not be the name in the passport. Letters, digits and @ . + - _",
    )


class FirstAdminForm(PasswordForm):
    """The first admin."""

    username = _username()
    field_order = ("username", "password1", "password2")

    def clean_username(self) -> str:
        """One that is free."""
        return _free(self.cleaned_data["username"])


class RolesForm(forms.Form):
    """Somebody's roles."""

    roles = forms.TypedMultipleChoiceField(
        label="Roles", choices=list(ROLE_NAMES.items()), coerce=Role, widget=forms.CheckboxSelectMultiple
    )

    def clean_roles(self) -> list[Role]:
        """Such as go together."""
        roles: list[Role] = self.cleaned_data["roles"]
        if why := apart(roles):
            raise ValidationError(why)
        return roles


class PersonForm(RolesForm):
    """A new person."""

    username = _username()
    oidc = forms.CharField(
        label="Name at the OpenID Connect provider",
        max_length=255,
        required=False,
        help_text="`sub` or `preferred_username` there; empty for who signs in with a password.",
    )
    field_order = ("username", "roles", "oidc")

    def clean_username(self) -> str:
        """One that is free."""
        return _free(self.cleaned_data["username"])

    def clean_oidc(self) -> str:
        """One that is free."""
        name = str(self.cleaned_data["oidc"])
        if name and User.objects.filter(oidc=name).exists():
            raise ValidationError("Somebody else has this name there.")
        return name


def _free(username: str) -> str:
    name = User.normalize_username(username)
    if User.objects.filter(username__iexact=name).exists():
        raise ValidationError("This name is taken.")
    return name


class KeyForm(forms.Form):
    """A new key. `scopes`: those that may be given."""

    name = forms.CharField(label="What it is for", max_length=200)
    scopes = forms.TypedMultipleChoiceField(
        label="Scopes", choices=list(SCOPE_NAMES.items()), coerce=Scope, widget=forms.CheckboxSelectMultiple
    )
    days = forms.TypedChoiceField(
        label="Works for",
        choices=[("90", "90 days"), ("365", "a year"), ("0", "until it is revoked")],
        coerce=lambda value: timedelta(days=int(value)) or None,
        empty_value=None,
        initial="365",
    )

    def __init__(self, data: QueryDict | None = None, *, scopes: frozenset[Scope]) -> None:
        super().__init__(data)
        field = self.fields["scopes"]
        assert isinstance(field, forms.TypedMultipleChoiceField)
        field.choices = [(scope, name) for scope, name in SCOPE_NAMES.items() if scope in scopes]


class RotateForm(forms.Form):
    """How long the old key goes on to work."""

    days = forms.IntegerField(label="Days that the old key still works", min_value=0, max_value=90, initial=7)
