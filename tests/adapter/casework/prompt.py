"""The prompt of a database, as whoever owns it has it."""

from django.db import connections, transaction

from safelight.adapter.casework.case_store import DjangoCaseStore


def run(store: DjangoCaseStore, statement: str, *, unguarded: bool = False) -> None:
    """A statement at the database's prompt; `unguarded`: by somebody who switches the triggers off before."""
    connection = connections[store.place]
    with transaction.atomic(using=store.place), connection.cursor() as cursor:
        if unguarded and connection.vendor == "sqlite":
            for verb in ("update", "delete", "replace"):
                cursor.execute(f"DROP TRIGGER IF EXISTS casework_event_no_{verb}")
        elif unguarded:
            cursor.execute("ALTER TABLE casework_event DISABLE TRIGGER ALL")
        cursor.execute(statement)
