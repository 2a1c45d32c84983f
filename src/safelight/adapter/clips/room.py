"""The folder that holds the clips of all banks."""

from pathlib import Path

from safelight.adapter.clips.reader import FileClipIndex
from safelight.adapter.clips.writer import FileClipWriter
from safelight.adapter.vault.keys import KeyFile
from safelight.adapter.vault.reader import Vault
from safelight.adapter.vault.room import SealedRoom
from safelight.adapter.vault.writer import Tuning
from safelight.model.bank import Bank

TUNING = Tuning(batch=32 << 20, most=256 << 20)
"""Some twelve hours of video become durable together; a segment has at most some hundred."""


class FileClipRoom(SealedRoom[FileClipIndex, FileClipWriter]):
    """Clips as files under `root`: `ports.ClipRoom`."""

    def __init__(
        self, root: Path, keys: KeyFile, *, sealed: bool = True, tuning: Tuning = TUNING, patience: float = 30.0
    ) -> None:
        """Nothing is read or made yet.

        Args:
            root: the folder; it and everything in it is made for its owner alone.
            keys: where the key is.
            sealed: False where the operator says that the volume is encrypted: files are then written as they are.
            tuning: when what is merged.
            patience: seconds that a writer waits for another one to end.
        """
        super().__init__(Vault(root, keys, sealed), tuning, patience)

    def _reader(self, bank: Bank) -> FileClipIndex:
        return FileClipIndex(self._folder(bank), bank.id, self._vault)

    def _writer(self, bank: Bank, *, any_form: bool) -> FileClipWriter:
        return FileClipWriter(
            self._folder(bank), bank.id, self._vault, tuning=self._tuning, patience=self._patience, any_form=any_form
        )
