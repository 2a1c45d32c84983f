"""Opening the case store, and asking whether there is one."""

from pathlib import Path
from typing import TYPE_CHECKING

from safelight.adapter.store.opening import is_there, open_place
from safelight.ports import Clock

if TYPE_CHECKING:
    from safelight.adapter.casework.case_store import DjangoCaseStore


def open_casework(target: Path | str, clock: Clock) -> "DjangoCaseStore":
    """Open the log, cases and items, which are kept in the banks' database; made when absent, migrated when behind.

    Args:
        target: the data folder, or a text like `postgresql://user:password@host/name`, as for `open_store`.
        clock: gives the moments of events.

    Raises:
        StorageError: it cannot be made, opened, read or written, or a newer version of Safelight made it.
    """
    place = open_place(target, "casework")

    from safelight.adapter.casework.case_store import DjangoCaseStore  # noqa: PLC0415 (models need a configured Django)

    return DjangoCaseStore(place, clock)


def has_casework(target: Path | str) -> bool:
    """Whether the database of the banks has a log, which is made by whoever opens it. Raises as `open_casework`."""
    return is_there(open_place(target), "casework")
