"""The Django app `console`."""

from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    """Its tables are named after its label."""

    name = "safelight.web.console"
    label = "console"
