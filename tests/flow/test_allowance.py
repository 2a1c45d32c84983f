"""How long a file may keep this process busy."""

import os
from pathlib import Path

import pytest

from safelight.flow import allowance
from safelight.flow.allowance import MOST_SECONDS, SECONDS, SECONDS_PER_MIB, Allowance, always, stored_bytes


class Clock:
    """As `time`, for one thread."""

    def __init__(self) -> None:
        self.now = 5.0

    def thread_time(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(allowance, "time", made)
    return made


def test_what_is_on_the_disk_earns_time_up_to_a_limit() -> None:
    assert [Allowance(mib << 20).left for mib in (0, 1, 100, 1 << 20)] == [
        SECONDS,
        SECONDS + SECONDS_PER_MIB,
        SECONDS + 100 * SECONDS_PER_MIB,
        MOST_SECONDS,
    ]


def test_work_goes_on_until_time_is_up(clock: Clock) -> None:
    held = Allowance()
    with held.turn() as turn:
        assert turn.goes_on()
        clock.now += SECONDS - 1
        assert turn.goes_on()
    assert (held.left, turn.cut) == (1, False)
    with held.turn() as turn:
        clock.now += 3  # a piece of work is not broken off
    assert (held.left, turn.cut) == (-2, False)
    with held.turn() as turn:
        assert not turn.goes_on()
    assert turn.cut
    assert always()


def test_work_that_fails_is_taken_off_as_well(clock: Clock) -> None:
    held = Allowance()

    def fail() -> None:
        with held.turn():
            clock.now += 7
            raise ValueError("of its own")

    with pytest.raises(ValueError, match="of its own"):
        fail()
    assert held.left == SECONDS - 7


def test_holes_in_a_file_earn_nothing(tmp_path: Path) -> None:
    whole, sparse = tmp_path / "whole", tmp_path / "sparse"
    whole.write_bytes(os.urandom(100_000))
    with sparse.open("wb") as file:
        file.truncate(1 << 30)
    os.sync()
    assert stored_bytes(str(whole)) == 100_000
    assert stored_bytes(str(sparse)) < 1 << 20
    assert stored_bytes(str(tmp_path / "none")) == 0
    assert stored_bytes("a\0b") == 0
