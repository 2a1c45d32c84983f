"""Bytes that need not be decoded a second time, and how far that may be believed."""

from dataclasses import replace

from safelight.flow.walk import display, same_bytes
from safelight.model.fingerprint import Digests
from safelight.model.scan import ScanRow
from safelight.model.signal import NAME_SIGNAL
from safelight.policy.decide import decide
from safelight.ports import Examined, ScanJournal


class Duplicates:
    """Decides which bytes need not be decoded again, and takes their row from the first.

    Digests are what a worker says, and a worker that some file has taken over may say anything. So an earlier row is
    reused only within one top-level file, or when this process itself finds two top-level files the same, byte by
    byte; and only a row to which nothing was lacking. Whatever else has equal digests is examined on its own.
    """

    def __init__(self, journal: ScanJournal) -> None:
        self._journal = journal
        self._reused: dict[tuple[int, str], ScanRow] = {}

    def known(self, key: int, digests: Digests) -> bool:
        """Whether an earlier row vouches for the bytes of these digests in file `key`; see `ports.Known`."""
        found = self._journal.find(digests.sha256) if digests.size else None
        if found is None:
            return False
        first, row = found
        if first != key:
            path = self._journal.path(first)
            if row.path != display(path) or not same_bytes(path, self._journal.path(key)):
                return False
        self._reused[key, digests.sha256] = row
        return True

    def row_for(self, item: Examined) -> ScanRow | None:
        """The row of what was said to be known: that of the first, with its own path, name and lacks. Else None."""
        examination = item.examination
        if examination.fingerprint is None or examination.fingerprint.prints:
            return None
        first = self._reused.get((item.key, examination.fingerprint.digests.sha256))
        if first is None:
            return None
        status = examination.status if examination.error else first.status
        of_the_bytes = tuple(signal for signal in first.signals if signal.name != NAME_SIGNAL)
        of_the_name = tuple(signal for signal in examination.signals if signal.name == NAME_SIGNAL)
        return replace(
            first,
            path=examination.path,
            status=status,
            error=examination.error,
            signals=of_the_name + of_the_bytes,
            decision=decide(status, first.matches, examination.error),
        )

    def forget(self, key: int) -> None:
        """File `key` is done."""
        for pair in [pair for pair in self._reused if pair[0] == key]:
            del self._reused[pair]
