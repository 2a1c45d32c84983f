"""Histories of a bank's features for tests, and rooms to play them in."""

from collections.abc import Iterable
from contextlib import closing
from operator import itemgetter
from pathlib import Path

from safelight.adapter.features import FileFeatureIndex, FileFeatureRoom, FileFeatureWriter, KeyFile, Tuning
from safelight.adapter.vault.reader import Vault
from safelight.model.bank import Bank
from safelight.model.local import Sketch
from tests.adapter.vault.crashes import Action, Play
from tests.sketches import same, sketch

BANK = Bank(7, "test")
SMALL = Tuning(batch=6, ratio=2, most=20, chunk=4096)
"""Merges after a handful of sketches; lists of several chunks."""
Owned = tuple[int, int, Sketch]
SUFFIXES = (".lists", ".records")
"""Of the files of a segment."""
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


def add(room: FileFeatureRoom, first: int, last: int) -> None:
    with closing(room.open(BANK, write=True)) as writer:
        writer.add(owned(first, last))


def two_segments(folder: Path, *, sealed: bool) -> FileFeatureRoom:
    """A room with one bank of two segments, one of them with a removed sketch."""
    made = room_in(folder, sealed=sealed)
    for first, last in ((1, 20), (21, 22)):
        with closing(made.open(BANK, write=True)) as writer:
            writer.add(owned(first, last))
    with closing(made.open(BANK, write=True)) as writer:
        writer.remove([2])
    assert [len(files(folder, suffix)) for suffix in (".lists", ".records")] == [2, 2]
    return made


_ACTIONS: list[Action] = [
    ("open", []),
    ("add", owned(1, 3)),
    ("add", owned(4, 8)),
    ("remove", [2]),
    ("add", owned(9, 9)),
    ("close", []),
    ("open", []),
    ("add", [*owned(10, 13), *owned(4, 4, seed=100)]),  # one of them takes another's place
    ("remove", [5, 6, 7, 8, 10]),
    ("add", owned(14, 19, frame=1)),
    ("renew", [1, 3, 4, 9, 11, 12, 14, 15, 16, 17]),
    ("remove", [1, 3, 4, 9, 11, 12, 14, 15, 16, 17]),
    ("add", owned(20, 21)),
    ("close", []),
]
STEPS = 120
"""Steps of the disk that these take, at least."""


def play(folder: Path) -> Play:
    """They are told in a folder."""
    vault = vault_in(folder)
    return Play(
        writer=lambda folder: writer_in(folder, vault),
        reader=lambda folder: FileFeatureIndex(folder, BANK.id, vault),
        actions=_ACTIONS,
        more=owned(50, 51),
        held=held,
        entry=itemgetter(0),
        read=read,
        equal=equal,
    )
