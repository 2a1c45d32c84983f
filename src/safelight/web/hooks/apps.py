"""The Django app `hooks`."""

from django.apps import AppConfig


class HooksConfig(AppConfig):
    """Its tables are named after its label."""

    name = "safelight.web.hooks"
    label = "hooks"
