"""Changes of banks on the command line, in the log that the service keeps beside them."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

from safelight.app import App
from safelight.model.access import SYSTEM
from safelight.model.case import SERVICE_CASE, TOOL, Draft, ServiceEvent

COMMAND_LINE = f"{TOOL} (command line)"


@contextmanager
def changing(app: App, what: str, bank: str, **details: str) -> Iterator[None]:
    """A transaction for a change of a bank and the event that tells of it, as `web/api/bank_changes.py` has them.

    `what`: `created`, `changed`, `deleted`, `entries_removed`. Where no service was ever set up, nobody keeps a log.
    Who acts is the system: whoever runs commands on the server has no number.
    """
    with app.cases.transaction() if app.has_log() else nullcontext():
        yield
        _tell(app, what, bank, details)


@contextmanager
def growing(app: App, bank: str) -> Iterator[None]:
    """One event for all entries that are added within, also when that is broken off: what was added stays."""
    before = app.store.bank(bank).entries
    try:
        yield
    finally:
        if added := app.store.bank(bank).entries - before:
            _tell(app, "entries_added", bank, {"count": str(added)})


def _tell(app: App, what: str, bank: str, details: dict[str, str]) -> None:
    if app.has_log():
        body = ServiceEvent(f"bank.{what}", {"bank": bank, **details})
        app.cases.append([Draft(SERVICE_CASE, SYSTEM, body, COMMAND_LINE)])
