"""The folder that holds the indexes of all banks, each in a folder named by its bank's number."""

from pathlib import Path

from safelight.adapter import folders
from safelight.adapter.index.merge import Tuning
from safelight.adapter.index.reader import FileIndex
from safelight.adapter.index.writer import FileIndexWriter
from safelight.model.bank import Bank


class FileIndexRoom:
    """Indexes as files under `root`: `ports.IndexRoom`.

    `resident`: readers copy what they search into their own memory (`FileIndex.make_resident`). `patience`: seconds
    that a writer waits for another one to end.
    """

    def __init__(
        self, root: Path, *, tuning: Tuning | None = None, resident: bool = False, patience: float = 30.0
    ) -> None:
        self.root = root
        self._tuning = tuning or Tuning()
        self._resident = resident
        self._patience = patience

    def open(self, bank: Bank, *, write: bool = False) -> FileIndex:
        """Open a bank's index; one that is not there is empty, and made by its first writer.

        Raises IndexCorruptError; StorageError when it cannot be read or another process is writing.
        """
        folder = self.root / str(bank.id)
        if write:
            return FileIndexWriter(folder, tuning=self._tuning, resident=self._resident, patience=self._patience)
        return FileIndex(folder, resident=self._resident)

    def drop(self, bank: Bank) -> None:
        """Remove a bank's index, if there is one; readers see it empty. Raises StorageError."""
        folders.drop(self.root / str(bank.id), self._patience)
