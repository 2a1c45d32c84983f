"""The embedded store: banks, entries, hashes and families by the Django ORM, on SQLite or PostgreSQL."""

from safelight.adapter.store.opening import open_families, open_store

__all__ = ["open_families", "open_store"]
