"""The Django app `closing`."""

from django.apps import AppConfig


class ClosingConfig(AppConfig):
    """Reports, URLs that are worked on, requests, versions of the policy."""

    name = "safelight.adapter.closing"
    label = "closing"
