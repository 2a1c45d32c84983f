"""The features of one bank as a reader sees them."""

from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from safelight.adapter.disk import naming
from safelight.adapter.features import manifest
from safelight.adapter.features.keys import KeyFile, MasterKey
from safelight.adapter.features.manifest import Manifest
from safelight.adapter.features.segment import Segment
from safelight.model.errors import IndexCorruptError, StorageError, VaultKeyError
from safelight.model.local import InvertedLists, Sketch

_TRIES = 20  # a state may be replaced while it is being opened; so many in a row means something else


@dataclass(frozen=True, slots=True)
class Vault:
    """How the features under `root` are kept.

    `sealed`: encrypted by the key in `keys`; else as they are, because the operator says that the volume is encrypted.
    `codebook`: version of the quantiser in use.
    """

    root: Path
    keys: KeyFile
    sealed: bool
    codebook: int

    def key_to_write(self) -> MasterKey:
        """The key for features that nobody has written yet, made when there is none.

        A key that is lost is not replaced: that would hide the loss until the other one is overwritten.
        Raises VaultKeyError, StorageError.
        """
        lost = not self.keys.path.exists() and any(map(_is_sealed, self.root.glob(f"*/{manifest.NAME}")))
        return self.keys.read() if lost else self.keys.make()


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """An open segment and which of its sketches count, bool, shape (pictures,)."""

    segment: Segment
    live: NDArray[np.bool_]


class FileFeatureIndex:
    """One bank's features, open for reading: `ports.FeatureIndex`, as they were when it was opened.

    What a writer does later is seen by the next one to be opened. Lists are decrypted when they are first asked for,
    once for each open index; processes that are forked afterwards share that memory. Several threads may read at once.
    """

    def __init__(self, folder: Path, bank: int, vault: Vault, *, any_form: bool = False) -> None:
        """Open what is there; features that nobody has written are empty.

        Args:
            folder: where the bank's features are.
            bank: its number.
            vault: how they are kept.
            any_form: also open those that are kept in the other way, encrypted or not.

        Raises:
            IndexCorruptError, StorageError, VaultKeyError: they cannot be read.
        """
        self.folder = folder
        self._bank = bank
        self._vault = vault
        self._any_form = any_form
        self._manifest: Manifest
        self._key: MasterKey | None
        self._held: tuple[Held, ...] = ()
        self._load()

    def __len__(self) -> int:
        """Number of live sketches."""
        return self._manifest.live

    def add(self, sketches: Iterable[tuple[int, int, Sketch]]) -> int:
        """Refused: this index is open for reading. Raises StorageError."""
        del sketches
        raise StorageError(path=self.folder, cause="these features are open for reading only")

    def remove(self, entries: Iterable[int]) -> None:
        """Refused: this index is open for reading. Raises StorageError."""
        del entries
        raise StorageError(path=self.folder, cause="these features are open for reading only")

    def entries(self) -> NDArray[np.int64]:
        """Ids of the entries that have live sketches, ascending."""
        owners = [held.segment.directory["entry"][held.live] for held in self._held]
        return np.unique(np.concatenate([np.empty(0, np.int64), *owners]))

    def segments(self) -> Sequence[InvertedLists]:
        """The searchable part of every segment; see `ports.FeatureIndex.segments`."""
        return [held.segment.lists(held.live) for held in self._held]

    def owner(self, segment: int, picture: int) -> tuple[int, int]:
        """(entry id, frame) of a sketch."""
        row = self._held[segment].segment.directory[picture]
        return int(row["entry"]), int(row["frame"])

    def sketch(self, segment: int, picture: int) -> Sketch:
        """One sketch, put together again. Raises IndexCorruptError, StorageError."""
        return self._held[segment].segment.sketch(picture)

    def of_entry(self, entry: int) -> list[Sketch]:
        """All live sketches of an entry, by frame. Raises IndexCorruptError, StorageError."""
        found = [
            (int(held.segment.directory["frame"][picture]), held.segment, picture)
            for held in self._held
            for picture in np.flatnonzero((held.segment.directory["entry"] == entry) & held.live).tolist()
        ]
        return [segment.sketch(picture) for _frame, segment, picture in sorted(found, key=itemgetter(0))]

    def verify(self) -> None:
        """Read every part of every file. Raises IndexCorruptError, StorageError."""
        for held in self._held:
            held.segment.lists(held.live)
            for picture in range(held.segment.entry.pictures):
                held.segment.record(picture)

    def close(self) -> None:
        """Let go of files and memory."""
        self._forget()

    def _forget(self) -> None:
        """Be features that nobody has written."""
        for held in self._held:
            held.segment.close()
        self._manifest, self._key, self._held = Manifest(self._bank, 0, self._vault.codebook, ""), None, ()

    def _load(self) -> None:
        """Open the state that the manifest names; nothing of `self` changes unless all of it could be opened."""
        path = self.folder / manifest.NAME
        with naming(path):
            for _ in range(_TRIES):
                try:
                    data = path.read_bytes()
                except FileNotFoundError:
                    self._forget()
                    return
                try:
                    self._open(path, data)
                except FileNotFoundError:
                    continue  # the state was replaced, and its files removed, while it was being opened
                return
        raise IndexCorruptError(path=path, cause="files that it names are missing")

    def _open(self, path: Path, data: bytes) -> None:
        state = manifest.parse(path, data)
        key = self._key_of(state)
        manifest.verify(path, data, key)
        if state.bank != self._bank:
            raise IndexCorruptError(path=path, cause=f"is of bank {state.bank}, not of {self._bank}")
        if state.codebook != self._vault.codebook:
            cause = f"its sketches were made with codebook {state.codebook}, this version has {self._vault.codebook}"
            raise IndexCorruptError(path=path, cause=cause)
        ready = {held.segment.entry.lists: held.segment for held in self._held}
        with ExitStack() as undo:
            held = []
            for entry in state.segments:
                segment = ready.pop(entry.lists, None)
                if segment is None:
                    segment = Segment(self.folder, entry, key)
                    undo.callback(segment.close)
                held.append(Held(segment, _live(entry.pictures, entry.dead)))
            undo.pop_all()
        for segment in ready.values():
            segment.close()
        self._manifest, self._key, self._held = state, key, tuple(held)

    def _key_of(self, state: Manifest) -> MasterKey | None:
        """The key that a state was written with. Raises VaultKeyError."""
        if bool(state.key) != self._vault.sealed and not self._any_form:
            cause = (
                "is encrypted, but the volume is declared to be: `safelight bank reindex` writes it anew"
                if state.key
                else "is not encrypted, and the volume is not declared to be: `safelight bank reindex` encrypts it"
            )
            raise VaultKeyError(path=self.folder, cause=cause)
        if not state.key:
            return None
        key = self._vault.keys.read()
        if key.id != state.key:
            cause = f"was encrypted with key {state.key}; the key in {self._vault.keys.path} is {key.id}"
            raise VaultKeyError(path=self.folder, cause=cause)
        return key


def _live(pictures: int, dead: bytes) -> NDArray[np.bool_]:
    live = np.ones(pictures, np.bool_)
    live[np.frombuffer(dead, "<u4")] = False
    live.flags.writeable = False
    return live


def _is_sealed(path: Path) -> bool:
    """Whether features are encrypted, by their manifest; when it cannot be read they may be."""
    try:
        return bool(manifest.parse(path, path.read_bytes()).key)
    except (OSError, IndexCorruptError):
        return True
