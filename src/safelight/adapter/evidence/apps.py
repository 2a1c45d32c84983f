"""The Django app `evidence`."""

from django.apps import AppConfig


class EvidenceConfig(AppConfig):
    """What is known of media in the vault."""

    name = "safelight.adapter.evidence"
    label = "evidence"
