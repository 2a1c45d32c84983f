"""Opening the case store."""

from pathlib import Path
from typing import TYPE_CHECKING

from safelight.adapter.store.opening import open_place
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
