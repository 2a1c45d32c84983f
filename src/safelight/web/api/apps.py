"""The Django app `api`."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """Its tables are named after its label."""

    name = "safelight.web.api"
    label = "api"
