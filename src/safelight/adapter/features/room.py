"""The folder that holds the features of all banks."""

from pathlib import Path

from safelight.adapter.features.reader import FileFeatureIndex
from safelight.adapter.features.writer import FileFeatureWriter
from safelight.adapter.vault.keys import KeyFile
from safelight.adapter.vault.reader import Vault
from safelight.adapter.vault.room import SealedRoom
from safelight.adapter.vault.writer import Tuning
from safelight.model.bank import Bank

TUNING = Tuning(batch=4096, most=100_000)
"""Batches of some 35 MB; merging needs memory for some three times the size of a segment."""


class FileFeatureRoom(SealedRoom[FileFeatureIndex, FileFeatureWriter]):
    """Features as files under `root`: `ports.FeatureRoom`."""

    def __init__(
        self,
        root: Path,
        keys: KeyFile,
        codebook: int,
        *,
        sealed: bool = True,
        tuning: Tuning = TUNING,
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
        super().__init__(Vault(root, keys, sealed, codebook), tuning, patience)

    def _reader(self, bank: Bank) -> FileFeatureIndex:
        return FileFeatureIndex(self._folder(bank), bank.id, self._vault)

    def _writer(self, bank: Bank, *, any_form: bool) -> FileFeatureWriter:
        return FileFeatureWriter(
            self._folder(bank), bank.id, self._vault, tuning=self._tuning, patience=self._patience, any_form=any_form
        )
