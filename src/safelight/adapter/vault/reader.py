"""What is kept of one bank as a reader sees it."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from safelight.adapter.disk import naming
from safelight.adapter.vault import manifest
from safelight.adapter.vault.keys import KeyFile, MasterKey
from safelight.adapter.vault.manifest import E, Manifest, SegmentEntry
from safelight.adapter.vault.records import Directory
from safelight.model.errors import IndexCorruptError, StorageError, VaultKeyError

_TRIES = 20  # a state may be replaced while it is being opened; so many in a row means something else


@dataclass(frozen=True, slots=True)
class Vault:
    """How what is under `root` is kept.

    `sealed`: encrypted by the key in `keys`; else as it is, because the operator says that the volume is encrypted.
    `codebook`: version of the quantiser in use, 0 without one.
    """

    root: Path
    keys: KeyFile
    sealed: bool
    codebook: int = 0

    def key_to_write(self) -> MasterKey:
        """The key for what nobody has written yet, made when there is none.

        A key that is lost is not replaced: that would hide the loss until the other one is overwritten.
        Raises VaultKeyError, StorageError.
        """
        roots = {self.root, *self.keys.roots}
        found = (path for root in roots for path in root.glob(f"*/{manifest.NAME}"))
        lost = not self.keys.path.exists() and any(map(manifest.is_sealed, found))
        return self.keys.read() if lost else self.keys.make()


class OpenSegment(Protocol[E]):
    """An open segment. `weights`: int64 (n,), how much each part of it weighs where it is asked what is merged."""

    entry: E
    weights: NDArray[np.int64]

    @property
    def directory(self) -> Directory:
        """Whose the parts of it are."""
        ...

    def verify(self) -> None:
        """Read every part of every file. Raises IndexCorruptError, StorageError."""
        ...

    def close(self) -> None:
        """Let go of files and memory."""
        ...


S = TypeVar("S", bound=OpenSegment[Any])
F = TypeVar("F")
"""What is taken in."""


@dataclass(frozen=True, slots=True, eq=False)
class Held(Generic[S]):
    """An open segment and which of its parts count, bool, shape (n,)."""

    segment: S
    live: NDArray[np.bool_]


class SealedIndex(ABC, Generic[F, E, S]):
    """One bank's state, open for reading, as it was when it was opened.

    What a writer does later is seen by the next one to be opened. Several threads may read at once.
    """

    noun: ClassVar[str]
    """What is kept, in messages and in the names of keys."""

    def __init__(self, folder: Path, bank: int, vault: Vault, *, any_form: bool = False) -> None:
        """Open what is there; what nobody has written is empty.

        Args:
            folder: where the bank's files are.
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
        self._manifest: Manifest[E]
        self._key: MasterKey | None
        self._held: tuple[Held[S], ...] = ()
        self._load()

    def __len__(self) -> int:
        """How many are live."""
        return self._manifest.live

    def add(self, items: Iterable[F]) -> int:
        """Refused: this index is open for reading. Raises StorageError."""
        del items
        raise StorageError(path=self.folder, cause=f"these {self.noun} are open for reading only")

    def remove(self, entries: Iterable[int]) -> None:
        """Refused: this index is open for reading. Raises StorageError."""
        del entries
        raise StorageError(path=self.folder, cause=f"these {self.noun} are open for reading only")

    def entries(self) -> NDArray[np.int64]:
        """Ids of the entries of which something is live, ascending."""
        owners = [held.segment.directory["entry"][held.live] for held in self._held]
        return np.unique(np.concatenate([np.empty(0, np.int64), *owners]))

    def verify(self) -> None:
        """Read every part of every file. Raises IndexCorruptError, StorageError."""
        for held in self._held:
            held.segment.verify()

    def close(self) -> None:
        """Let go of files and memory."""
        self._forget()

    @abstractmethod
    def _parse(self, path: Path, data: bytes) -> Manifest[E]:
        """The manifest in these bytes; see `manifest.parse`."""

    @abstractmethod
    def _segment(self, entry: E, key: MasterKey | None) -> S:
        """Open a segment. Raises IndexCorruptError, OSError."""

    @property
    def _purpose(self) -> str:
        """What the key of a manifest's signature is derived for."""
        return f"{self.noun} manifest"

    def _forget(self) -> None:
        """Be what nobody has written."""
        for held in self._held:
            held.segment.close()
        self._take(Manifest(self._bank, 0, self._vault.codebook, ""), None, ())

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
        state = self._parse(path, data)
        key = self._key_of(state)
        manifest.verify(path, data, key, self._purpose)
        if state.bank != self._bank:
            raise IndexCorruptError(path=path, cause=f"is of bank {state.bank}, not of {self._bank}")
        if state.codebook != self._vault.codebook:
            cause = f"its sketches were made with codebook {state.codebook}, this version has {self._vault.codebook}"
            raise IndexCorruptError(path=path, cause=cause)
        ready = {_files_of(held.segment.entry): held.segment for held in self._held}
        with ExitStack() as undo:
            held = []
            for entry in state.segments:
                segment = ready.pop(_files_of(entry), None)
                if segment is None:
                    segment = self._segment(entry, key)
                    undo.callback(segment.close)
                held.append(Held(segment, _live(path, entry)))
            undo.pop_all()
        for segment in ready.values():
            segment.close()
        self._take(state, key, tuple(held))

    def _take(self, state: Manifest[E], key: MasterKey | None, held: tuple[Held[S], ...]) -> None:
        """Be this state."""
        self._manifest, self._key, self._held = state, key, held

    def _key_of(self, state: Manifest[E]) -> MasterKey | None:
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


def _files_of(entry: E) -> E:
    """A segment's entry without what may change of it."""
    return replace(entry, dead=b"")


def _live(path: Path, entry: SegmentEntry) -> NDArray[np.bool_]:
    live = np.ones(entry.count, np.bool_)
    try:
        live[np.frombuffer(entry.dead, "<u4")] = False
    except (ValueError, IndexError) as error:  # plain files may be of anybody's making
        cause = f"what it says was removed of {entry.file} was never there"
        raise IndexCorruptError(path=path, cause=cause) from error
    live.flags.writeable = False
    return live
