"""Processes that append at the same time, and that are killed while they do: nothing lost, nothing doubled."""

import random
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

import pytest

from safelight.adapter.casework import open_casework
from safelight.case import merkle
from safelight.case.fold import fold
from safelight.model.audit import LoggedEvent
from safelight.model.case import ItemAdded, Noted
from tests.adapter.casework.appender import SHARED
from tests.contract.memory_bank_store import SetClock
from tests.databases import DATABASES, database, wait_until_alone

AT_ONCE = 3
ROOT = Path(__file__).parents[3]


def start(target: Path | str, name: str, told: Path, *acts: int) -> "subprocess.Popen[bytes]":
    with (told / name).open("wb") as out:
        command = [sys.executable, "-m", "tests.adapter.casework.appender", str(target), name, *map(str, acts)]
        return subprocess.Popen(command, stdout=out, cwd=ROOT)


def names_of(told: Path) -> list[str]:
    """What the processes told, without a line that one was killed in."""
    return [line for file in told.iterdir() for line in file.read_text().split("\n")[:-1]]


def check(target: Path | str, told: Path, in_flight: int) -> int:
    """Hold the whole store against what was told; return how many acts there are."""
    store = open_casework(target, SetClock())
    entries = store.log(-1, 10**6)
    assert [entry.position for entry in entries] == list(range(len(entries)))
    assert store.projection_flaws() == []

    root = merkle.root([bytes.fromhex(entry.hash) for entry in entries])
    assert (store.head().size, store.head().root) == (len(entries), root.hex())
    by_case: dict[str, list[LoggedEvent]] = {}
    for entry in entries:
        by_case.setdefault(entry.event.case, []).append(entry)
    assert {case.id: case for case in store.cases(limit=10**6)} == {name: fold(of) for name, of in by_case.items()}

    acts = [entry.event.body for entry in entries]
    names = [body.text for body in acts if isinstance(body, Noted)]
    items = [body.item for body in acts if isinstance(body, ItemAdded)]
    assert sorted(items) == sorted(item.id for item in store.items(limit=10**6))
    assert sorted(items) == sorted(name for name in by_case if name != SHARED)
    counted = Counter(names + items)
    assert set(counted.values()) == {1}
    assert set(names_of(told)) <= counted.keys()
    assert len(counted) - len(names_of(told)) <= in_flight
    store.close()
    return len(counted)


@contextmanager
def place(kind: str, tmp_path: Path) -> Iterator[tuple[Path | str, Path]]:
    told = tmp_path / "told"
    told.mkdir()
    with database(kind, tmp_path / "home", "casework") as target:
        yield target, told


@pytest.mark.parametrize("kind", DATABASES)
def test_four_at_the_same_time(kind: str, tmp_path: Path) -> None:
    with place(kind, tmp_path) as (target, told), ended() as running:
        running |= {f"p{number}": start(target, f"p{number}", told, 21) for number in range(4)}
        assert [process.wait() for process in running.values()] == [0] * 4
        assert check(target, told, in_flight=0) == 84


@pytest.mark.parametrize("kills", [4, pytest.param(40, marks=pytest.mark.soak)])
@pytest.mark.parametrize("kind", DATABASES)
def test_killed_at_any_point(kind: str, kills: int, tmp_path: Path) -> None:
    """Of a process that is killed at most the act that it was about is not told; that one is there wholly or not."""
    dice = random.Random(kills)
    with place(kind, tmp_path) as (target, told), ended() as running:
        for number in range(kills + AT_ONCE - 1):
            running[f"p{number}"] = start(target, f"p{number}", told)
            if len(running) == AT_ONCE:
                victim = dice.choice(list(running))
                wait_until_it_acts(running[victim], told / victim)
                sleep(dice.uniform(0, 0.3))
                running[victim].kill()
                assert running.pop(victim).wait() == -9
        for process in running.values():
            process.kill()
            assert process.wait() == -9
        wait_until_alone(target)
        assert check(target, told, in_flight=kills + AT_ONCE - 1) > kills


@contextmanager
def ended() -> Iterator[dict[str, "subprocess.Popen[bytes]"]]:
    """Processes by name, that are ended when a test fails in between."""
    running: dict[str, subprocess.Popen[bytes]] = {}
    try:
        yield running
    finally:
        for process in running.values():
            process.kill()
            process.wait()


def wait_until_it_acts(process: "subprocess.Popen[bytes]", told: Path) -> None:
    until = monotonic() + 120
    while not told.stat().st_size:
        assert process.poll() is None
        assert monotonic() < until
        sleep(0.01)
