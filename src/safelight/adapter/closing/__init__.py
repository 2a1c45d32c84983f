"""What is on its way from found to gone: reports, URLs that are worked on, requests, versions of the policy.

Rows of the banks' database, each one value of the model as JSON beside the columns that it is found by.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from safelight.adapter.store.opening import open_place

if TYPE_CHECKING:
    from safelight.adapter.closing.stores import (
        DjangoFilingStore,
        DjangoPolicyStore,
        DjangoRequestStore,
        DjangoTakedownStore,
    )


def open_filings(target: Path | str) -> "DjangoFilingStore":
    """Open the reports; `target` as for `open_casework`. Raises StorageError, as the next ones do."""
    place = open_place(target, "closing")

    from safelight.adapter.closing.stores import DjangoFilingStore  # noqa: PLC0415 (models need a configured Django)

    return DjangoFilingStore(place)


def open_takedowns(target: Path | str) -> "DjangoTakedownStore":
    """Open the URLs that are worked on."""
    place = open_place(target, "closing")

    from safelight.adapter.closing.stores import DjangoTakedownStore  # noqa: PLC0415 (as above)

    return DjangoTakedownStore(place)


def open_requests(target: Path | str) -> "DjangoRequestStore":
    """Open the requests of people depicted."""
    place = open_place(target, "closing")

    from safelight.adapter.closing.stores import DjangoRequestStore  # noqa: PLC0415 (as above)

    return DjangoRequestStore(place)


def open_policies(target: Path | str) -> "DjangoPolicyStore":
    """Open the versions of the policy."""
    place = open_place(target, "closing")

    from safelight.adapter.closing.stores import DjangoPolicyStore  # noqa: PLC0415 (as above)

    return DjangoPolicyStore(place)
