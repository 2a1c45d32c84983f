"""Every index of the vault in a crash at every step: `crashes`."""

from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from tests.adapter.clips import histories as clips
from tests.adapter.features import histories as features
from tests.adapter.vault import crashes

KINDS = pytest.mark.parametrize("kind", [clips, features], ids=["clips", "features"])


@pytest.fixture(autouse=True)
def quick_sync() -> Iterator[None]:
    with crashes.quick_sync():
        yield


@KINDS
def test_killed_or_out_of_power_at_every_step(kind: ModuleType, tmp_path: Path) -> None:
    play = kind.play(tmp_path)
    steps = crashes.steps_in_all(play, tmp_path)
    assert steps > kind.STEPS
    for at in range(1, steps + 1):
        crashes.killed_at(play, tmp_path, at)


@KINDS
@pytest.mark.parametrize("lasting", [False, True])
def test_disk_full_at_every_step(kind: ModuleType, tmp_path: Path, lasting: bool) -> None:
    play = kind.play(tmp_path)
    for at in range(1, crashes.steps_in_all(play, tmp_path) + 1):
        crashes.full_at(play, tmp_path, at, lasting=lasting)
