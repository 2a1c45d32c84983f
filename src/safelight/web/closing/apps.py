"""The Django app `following`."""

from django.apps import AppConfig


class ClosingConfig(AppConfig):
    """Its tables are named after its label; `closing` is the one of the stores."""

    name = "safelight.web.closing"
    label = "following"
