"""What the database itself refuses: to change or remove an entry of the log.

This guards against mistakes, by this program or at a database prompt. Who owns the database can drop a trigger; that
is what signed heads and exports are for.
"""

from uuid import uuid4

from django.apps.registry import Apps
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

MESSAGE = "entries of the log are never changed or removed"

_SQLITE = (
    *(
        f"CREATE TRIGGER casework_event_no_{verb} BEFORE {verb} ON casework_event "
        f"BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END"
        for verb in ("update", "delete")
    ),
    # INSERT OR REPLACE removes rows without asking the trigger above.
    f"""CREATE TRIGGER casework_event_no_replace BEFORE INSERT ON casework_event
WHEN EXISTS (SELECT 1 FROM casework_event WHERE position = NEW.position OR ("case" = NEW."case" AND seq = NEW.seq))
BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END""",  # noqa: S608 (a constant is put in)
)
_POSTGRESQL = (
    f"""CREATE FUNCTION casework_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '{MESSAGE}' USING ERRCODE = 'integrity_constraint_violation'; END $$""",
    """CREATE TRIGGER casework_event_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON casework_event
FOR EACH STATEMENT EXECUTE FUNCTION casework_refuse()""",
)


def guard(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    """Create the triggers. A migration that makes SQLite copy the table (most changes of columns do) needs it again."""
    del apps
    for statement in _SQLITE if editor.connection.vendor == "sqlite" else _POSTGRESQL:
        editor.execute(statement)


def begin(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    """Begin the log: its id is drawn once."""
    apps.get_model("casework", "LogState").objects.using(editor.connection.alias).create(id=1, log=str(uuid4()))
