"""The embedded store: banks, entries and hashes by the Django ORM, on SQLite or PostgreSQL."""

from safelight.adapter.store.opening import open_store

__all__ = ["open_store"]
