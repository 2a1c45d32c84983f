"""The Django app `accounts`."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Its tables are named after its label."""

    name = "safelight.web.accounts"
    label = "accounts"
