"""Histories of a bank's clips for tests, and rooms to play them in."""

from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from safelight.adapter.clips import FileClipIndex, FileClipRoom, FileClipWriter
from safelight.adapter.vault.keys import KeyFile
from safelight.adapter.vault.reader import Vault
from safelight.adapter.vault.writer import Tuning
from safelight.model.bank import Bank
from safelight.model.clip import Clip
from tests.adapter.vault.crashes import Action, Play
from tests.clips import clip, same_clip

BANK = Bank(7, "test")
SMALL = Tuning(batch=6_000, most=20_000)
"""Merges after a handful of clips of some thousand bytes."""
Owned = tuple[int, Clip]
SUFFIXES = (".clips",)
"""Of the files of a segment."""
Held = dict[int, Clip]


def room_in(folder: Path, *, sealed: bool = True) -> FileClipRoom:
    """A room in `folder` with its key beside it."""
    return FileClipRoom(folder / "clips", KeyFile(folder / "key", own=True), sealed=sealed, tuning=SMALL, patience=0.2)


def vault_in(folder: Path) -> Vault:
    return Vault(folder / "clips", KeyFile(folder / "key", own=True), sealed=True)


def writer_in(folder: Path, vault: Vault) -> FileClipWriter:
    return FileClipWriter(folder, BANK.id, vault, tuning=SMALL, patience=0)


def owned(first: int, last: int, *, seed: int = 0) -> list[Owned]:
    """A clip of each entry from `first` to `last`, of 0 to 6 rows."""
    return [(n, clip(n + seed, rows=n % 7)) for n in range(first, last + 1)]


def read(index: FileClipIndex) -> Held:
    """Everything that an index holds."""
    return {entry: index.clip(entry) for entry in index.entries().tolist()}


def held(clips: Iterable[Owned]) -> Held:
    return dict(clips)


def equal(one: Held, other: Held) -> bool:
    return one.keys() == other.keys() and all(same_clip(one[entry], other[entry]) for entry in one)


def files(folder: Path, suffix: str) -> list[Path]:
    return sorted((folder / "clips" / str(BANK.id)).glob(f"*{suffix}"))


def add(room: FileClipRoom, first: int, last: int) -> None:
    with closing(room.open(BANK, write=True)) as writer:
        writer.add(owned(first, last))


def two_segments(folder: Path, *, sealed: bool) -> FileClipRoom:
    """A room with one bank of two segments, one of them with a removed clip."""
    made = room_in(folder, sealed=sealed)
    for first, last in ((1, 5), (7, 8)):
        with closing(made.open(BANK, write=True)) as writer:
            writer.add(owned(first, last))
    with closing(made.open(BANK, write=True)) as writer:
        writer.remove([1])
    assert len(files(folder, ".clips")) == 2
    return made


_ACTIONS: list[Action] = [
    ("open", []),
    ("add", owned(1, 3)),
    ("add", owned(4, 6)),
    ("close", []),
    ("open", []),
    ("add", [*owned(8, 9), *owned(4, 4, seed=100)]),  # one of them takes another's place
    ("remove", [5, 6]),
    ("renew", [1, 3, 4, 9]),
    ("remove", [1, 3, 4, 9]),
    ("add", owned(20, 20)),
    ("close", []),
]
STEPS = 60
"""Steps of the disk that these take, at least."""


def play(folder: Path) -> Play:
    """They are told in a folder."""
    vault = vault_in(folder)
    return Play(
        writer=lambda folder: writer_in(folder, vault),
        reader=lambda folder: FileClipIndex(folder, BANK.id, vault),
        actions=_ACTIONS,
        more=owned(50, 51),
        held=held,
        entry=int,
        read=read,
        equal=equal,
    )
