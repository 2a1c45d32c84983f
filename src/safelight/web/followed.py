"""How far a job has read the log: a row of the database, which whoever writes there can change, and its seal.

A row that says more than was read would have events passed over for ever, and nobody would hear of it. So it is sealed
under the key that signs sessions, which is in no database, over the entry that was read last. A row without its seal,
or of another log, is not believed; one that was put back says less, and what is read again does no harm.
"""

from typing import Final

from django.core.signing import Signer
from django.utils.crypto import constant_time_compare

from safelight.model.audit import LoggedEvent
from safelight.ports import CaseStore

BEGINNING: Final = -1
"""The position before the first entry."""


def seal_of(reader: str, last: LoggedEvent) -> str:
    """The seal of a row: this reader has read up to this entry."""
    return Signer(salt=f"safelight.followed.{reader}").signature(f"{last.position}:{last.hash}")


def stands(cases: CaseStore, reader: str, position: int, seal: str) -> bool:
    """Whether a reader has read the log up to this position, the beginning or an entry of it. Raises StorageError."""
    if position <= BEGINNING:
        return True
    found = cases.log(position - 1, 1)
    return bool(found) and found[0].position == position and constant_time_compare(seal, seal_of(reader, found[0]))
