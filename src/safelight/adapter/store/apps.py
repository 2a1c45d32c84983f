"""The store as a Django app."""

from django.apps import AppConfig


class StoreConfig(AppConfig):
    """Banks, entries, hashes and their history."""

    name = "safelight.adapter.store"
    label = "store"
