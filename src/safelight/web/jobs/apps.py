"""The Django app `jobs`."""

from django.apps import AppConfig


class JobsConfig(AppConfig):
    """Its tables are named after its label."""

    name = "safelight.web.jobs"
    label = "jobs"
