"""The folder that holds what is kept of all banks, each in a folder named by its bank's number."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection
from contextlib import closing
from pathlib import Path
from typing import Any, Generic, TypeVar

from safelight.adapter import folders
from safelight.adapter.vault import manifest
from safelight.adapter.vault.reader import SealedIndex, Vault
from safelight.adapter.vault.writer import SealedWriter, Tuning
from safelight.model.bank import Bank

Index = TypeVar("Index", bound=SealedIndex[Any, Any, Any])
Writer = TypeVar("Writer", bound=SealedWriter[Any, Any, Any])


class SealedRoom(ABC, Generic[Index, Writer]):
    """Sealed indexes as files under `root`."""

    def __init__(self, vault: Vault, tuning: Tuning, patience: float) -> None:
        """Nothing is read or made yet.

        Args:
            vault: where, and how; the folder and everything in it is made for its owner alone.
            tuning: when what is merged.
            patience: seconds that a writer waits for another one to end.
        """
        self.root = vault.root
        self._vault = vault
        self._tuning = tuning
        self._patience = patience

    def open(self, bank: Bank, *, write: bool = False) -> Index | Writer:
        """Open a bank's index; one that is not there is empty, and made by its first writer.

        Raises IndexCorruptError, VaultKeyError; StorageError when it cannot be read or another process is writing.
        """
        return self._writer(bank, any_form=False) if write else self._reader(bank)

    def renew(self, bank: Bank, stays: Callable[[Collection[int]], Collection[int]]) -> None:
        """Write a bank's index anew, if there is one; see `ports.FeatureRoom.renew`."""
        if (self._folder(bank) / manifest.NAME).exists():
            with closing(self._writer(bank, any_form=True)) as writer:
                writer.renew(stays)

    def drop(self, bank: Bank) -> None:
        """Remove a bank's index, if there is one; who opens it anew finds none. Raises StorageError."""
        folders.drop(self._folder(bank), self._patience)

    @abstractmethod
    def _reader(self, bank: Bank) -> Index:
        """Open a bank's index for reading."""

    @abstractmethod
    def _writer(self, bank: Bank, *, any_form: bool) -> Writer:
        """Open a bank's index for writing; see `SealedIndex`."""

    def _folder(self, bank: Bank) -> Path:
        return self.root / str(bank.id)
