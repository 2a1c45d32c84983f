"""Histories of a bank's features for tests, and rooms to play them in."""

from collections.abc import Iterable
from pathlib import Path

from safelight.adapter.features import FileFeatureIndex, FileFeatureRoom, FileFeatureWriter, KeyFile, Tuning
from safelight.adapter.vault.reader import Vault
from safelight.model.bank import Bank
from safelight.model.local import Sketch
from tests.sketches import same, sketch

BANK = Bank(7, "test")
SMALL = Tuning(batch=6, ratio=2, most=20, chunk=4096)
"""Merges after a handful of sketches; lists of several chunks."""
Owned = tuple[int, int, Sketch]
Held = dict[tuple[int, int], Sketch]


def room_in(folder: Path, *, sealed: bool = True, codebook: int = 1, own_key: bool = True) -> FileFeatureRoom:
    """A room in `folder` with its key beside it."""
    keys = KeyFile(folder / "key", own=own_key)
    return FileFeatureRoom(folder / "features", keys, codebook, sealed=sealed, tuning=SMALL, patience=0.2)


def vault_in(folder: Path, *, sealed: bool = True) -> Vault:
    return Vault(folder / "features", KeyFile(folder / "key", own=True), sealed, 1)


def writer_in(folder: Path, vault: Vault) -> FileFeatureWriter:
    return FileFeatureWriter(folder, BANK.id, vault, tuning=SMALL, patience=0)


def owned(first: int, last: int, *, frame: int = 0, seed: int = 0) -> list[Owned]:
    """A sketch of each entry from `first` to `last`."""
    return [(n, frame, sketch(n + seed, keypoints=5 + n % 7, words=40)) for n in range(first, last + 1)]


def held(sketches: Iterable[Owned]) -> Held:
    return {(entry, frame): sketch for entry, frame, sketch in sketches}


def read(index: FileFeatureIndex) -> Held:
    """Everything that an index holds, each sketch put together again."""
    return {
        index.owner(number, picture): index.sketch(number, picture)
        for number, lists in enumerate(index.segments())
        for picture in range(len(lists.live))
        if lists.live[picture]
    }


def equal(one: Held, other: Held) -> bool:
    return one.keys() == other.keys() and all(same(one[owner], other[owner]) for owner in one)


def files(folder: Path, suffix: str) -> list[Path]:
    return sorted((folder / "features" / str(BANK.id)).glob(f"*{suffix}"))
