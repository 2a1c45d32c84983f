"""The Django app `jobs`."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class JobsConfig(AppConfig):
    """Its tables are named after its label. It imports the module `jobs` of every app, which registers its kinds."""

    name = "safelight.web.jobs"
    label = "jobs"

    def ready(self) -> None:
        """See the class."""
        autodiscover_modules("jobs")
