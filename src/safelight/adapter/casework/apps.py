"""The Django app `casework`."""

from django.apps import AppConfig


class CaseworkConfig(AppConfig):
    """The log, cases and items."""

    name = "safelight.adapter.casework"
    label = "casework"
