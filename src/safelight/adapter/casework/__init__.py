"""The log of events, cases and items by the Django ORM, on SQLite or PostgreSQL."""

from safelight.adapter.casework.ids import TimeIds
from safelight.adapter.casework.opening import has_casework, open_casework

__all__ = ["TimeIds", "has_casework", "open_casework"]
