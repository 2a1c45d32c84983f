"""The folder that holds the features of all banks, each in a folder named by its bank's number."""

from collections.abc import Callable, Collection
from contextlib import closing
from pathlib import Path

from safelight.adapter import folders
from safelight.adapter.features import manifest
from safelight.adapter.features.keys import KeyFile
from safelight.adapter.features.reader import FileFeatureIndex, Vault
from safelight.adapter.features.writer import FileFeatureWriter, Tuning
from safelight.model.bank import Bank


class FileFeatureRoom:
    """Features as files under `root`: `ports.FeatureRoom`."""

    def __init__(
        self,
        root: Path,
        keys: KeyFile,
        codebook: int,
        *,
        sealed: bool = True,
        tuning: Tuning | None = None,
        patience: float = 30.0,
    ) -> None:
        """Nothing is read or made yet.

        Args:
            root: the folder; it and everything in it is made for its owner alone.
            keys: where the key is.
            codebook: version of the quantiser that sketches are made with; those of another one are refused.
            sealed: False where the operator says that the volume is encrypted: files are then written as they are,
                mapped, and shared by processes.
            tuning: when what is merged.
            patience: seconds that a writer waits for another one to end.
        """
        self.root = root
        self._vault = Vault(root, keys, sealed, codebook)
        self._tuning = tuning or Tuning()
        self._patience = patience

    def open(self, bank: Bank, *, write: bool = False) -> FileFeatureIndex:
        """Open a bank's features; those that are not there are empty, and made by their first writer.

        Raises IndexCorruptError, VaultKeyError; StorageError when they cannot be read or another process is writing.
        """
        if write:
            return self._writer(bank, any_form=False)
        return FileFeatureIndex(self._folder(bank), bank.id, self._vault)

    def renew(self, bank: Bank, stays: Callable[[Collection[int]], Collection[int]]) -> None:
        """Write a bank's features anew, if there are any; see `ports.FeatureRoom.renew`."""
        if (self._folder(bank) / manifest.NAME).exists():
            with closing(self._writer(bank, any_form=True)) as writer:
                writer.renew(stays)

    def drop(self, bank: Bank) -> None:
        """Remove a bank's features, if there are any; who opens them anew finds none. Raises StorageError."""
        folders.drop(self._folder(bank), self._patience)

    def _folder(self, bank: Bank) -> Path:
        return self.root / str(bank.id)

    def _writer(self, bank: Bank, *, any_form: bool) -> FileFeatureWriter:
        return FileFeatureWriter(
            self._folder(bank), bank.id, self._vault, tuning=self._tuning, patience=self._patience, any_form=any_form
        )
