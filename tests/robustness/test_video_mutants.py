"""Mutated videos of every container: each gives frames or a named error, none takes its process down or hangs it."""

import subprocess
import sys

import pytest

from tests.conftest import ROOT
from tests.material.clips import CONTAINERS


def read_mutants(container: str, seed: int, count: int) -> dict[int, str]:
    """Outcomes by number. A process that died has its last file's outcome, and another one goes on behind it."""
    outcomes: dict[int, str] = {}
    first = 0
    while first < count:
        command = [sys.executable, "-m", "tests.robustness.video_mutants", container, str(seed), str(first)]
        done = subprocess.run(
            [*command, str(count - first)], cwd=ROOT, capture_output=True, text=True, check=False, timeout=3000
        )
        for line in done.stdout.splitlines():
            number, _, text = line.partition(" ")
            outcomes[int(number)] = text or f"died: {done.returncode} {done.stderr[-500:]}"
        assert outcomes, done.stderr
        assert not done.stderr or done.returncode, done.stderr
        first = max(outcomes) + 1
    return outcomes


def check(outcomes: dict[int, str], count: int) -> None:
    assert len(outcomes) == count
    assert {number: text for number, text in outcomes.items() if text.startswith(("died", "named nothing"))} == {}
    read = sum(text == "frames" for text in outcomes.values())
    assert read >= count // 10  # of some containers, one broken number costs all


@pytest.mark.parametrize("container", sorted(CONTAINERS))
def test_mutants(container: str) -> None:
    check(read_mutants(container, seed=1, count=20), 20)


@pytest.mark.soak
@pytest.mark.parametrize("container", sorted(CONTAINERS))
def test_three_hundred_mutants(container: str) -> None:
    check(read_mutants(container, seed=2, count=300), 300)
