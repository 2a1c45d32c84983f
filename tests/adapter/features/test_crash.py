"""Features in a crash at every step: `tests.adapter.vault.crashes`."""

from collections.abc import Iterator
from operator import itemgetter
from pathlib import Path

import pytest

from safelight.adapter.features import FileFeatureIndex
from tests.adapter.features.histories import BANK, equal, held, owned, read, vault_in, writer_in
from tests.adapter.vault import crashes
from tests.adapter.vault.crashes import Action, Play

ACTIONS: list[Action] = [
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


@pytest.fixture(autouse=True)
def quick_sync() -> Iterator[None]:
    with crashes.quick_sync():
        yield


@pytest.fixture
def play(tmp_path: Path) -> Play:
    vault = vault_in(tmp_path)
    return Play(
        writer=lambda folder: writer_in(folder, vault),
        reader=lambda folder: FileFeatureIndex(folder, BANK.id, vault),
        actions=ACTIONS,
        more=owned(50, 51),
        held=held,
        entry=itemgetter(0),
        read=read,
        equal=equal,
    )


def test_killed_or_out_of_power_at_every_step(play: Play, tmp_path: Path) -> None:
    steps = crashes.steps_in_all(play, tmp_path)
    assert steps > 120
    for at in range(1, steps + 1):
        crashes.killed_at(play, tmp_path, at)


@pytest.mark.parametrize("lasting", [False, True])
def test_disk_full_at_every_step(play: Play, tmp_path: Path, lasting: bool) -> None:
    for at in range(1, crashes.steps_in_all(play, tmp_path) + 1):
        crashes.full_at(play, tmp_path, at, lasting=lasting)
