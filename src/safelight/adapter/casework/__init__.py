"""The log of events, cases and items by the Django ORM, on SQLite or PostgreSQL."""
