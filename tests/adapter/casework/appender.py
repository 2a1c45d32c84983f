"""A process that appends until it is told to stop, or killed: `python -m tests.adapter.casework.appender TARGET NAME`.

It tells the name of each item on a line of its own once its append has returned. `TARGET`: a folder or a URL; with a
third argument it stops after so many.
"""

import os
import sys
from contextlib import suppress
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from safelight.adapter.casework import open_casework
from safelight.model.access import SYSTEM
from safelight.model.case import Draft, ItemAdded, Noted, Opened
from safelight.model.decision import Outcome
from safelight.model.errors import ConflictError, TransitionError, UnknownCaseError
from safelight.model.service import Item, ItemState
from safelight.ports import CaseStore

SHARED = "shared"


class _Clock:
    def now(self) -> datetime:
        return datetime.now(UTC)


def act(store: CaseStore, name: str) -> None:
    """One act of a few kinds, each all or nothing: its entries and its item carry `name`."""
    kind = int(name.rpartition(".")[2]) % 3
    if kind == 0:
        added = ItemAdded(name, "00" * 32, 3, "image/png", "gate", Outcome.NEAR, "why")
        drafts = [Draft(name, SYSTEM, Opened("")), Draft(name, SYSTEM, added)]
        with store.transaction():
            store.append(drafts)
            store.put_item(Item(name, ItemState.DONE, datetime.now(UTC), "gate", case=name))
    elif kind == 1:
        store.append([Draft(SHARED, SYSTEM, Noted(name))])
    else:
        _expecting(store, name)


def _expecting(store: CaseStore, name: str) -> None:
    """Note something on the case as it was read; when another process was faster, read it again."""
    while True:
        try:
            store.append([Draft(SHARED, SYSTEM, Noted(name))], expect=store.case(SHARED).length)
        except ConflictError:
            continue
        return


def main(place: str, name: str, acts: int | None = None) -> None:
    store = open_casework(place if "://" in place else Path(place), _Clock())
    try:
        store.case(SHARED)
    except UnknownCaseError:
        with suppress(TransitionError):  # another one was faster
            store.append([Draft(SHARED, SYSTEM, Opened(""))])
    for number in count() if acts is None else range(acts):
        act(store, f"{name}.{number}")
        os.write(sys.stdout.fileno(), f"{name}.{number}\n".encode())


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]) if sys.argv[3:] else None)
