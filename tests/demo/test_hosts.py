"""The world of hosts: what each really has, by time and by whom it was told."""

from datetime import UTC, datetime, timedelta

import pytest

from safelight.demo.hosts import BEHAVIOURS, RETURNS, STALLS, WORKS, Media, World
from safelight.model.takedown import Place, Scope
from tests.contract.memory_bank_store import SetClock

START = datetime(2026, 3, 1, 9, tzinfo=UTC)


@pytest.fixture
def clock() -> SetClock:
    return SetClock(START)


@pytest.fixture
def world(clock: SetClock) -> World:
    made = World(clock.now, Media(b"item", b"altered", b"another", b"saved anew"), START)
    made.ports = dict.fromkeys(BEHAVIOURS, 80)
    return made


ENDS = {
    "removes": (Place.PRESENT, Place.GONE),
    "ignores": (Place.PRESENT, Place.PRESENT),
    "needs-upstream": (Place.PRESENT, Place.PRESENT),
    "moves": (Place.PRESENT, Place.MOVED),
    "blocks": (Place.PRESENT, Place.BARRED),
    "bars": (Place.BARRED, Place.BARRED),
    "alters": (Place.PRESENT, Place.GONE),
    "is-down": (Place.SILENT, Place.SILENT),
    "says-removed": (Place.PRESENT, Place.UNCLEAR),
    "wraps": (Place.PRESENT, Place.UNCLEAR),
    "sends-home": (Place.PRESENT, Place.UNCLEAR),
    "stalls": (Place.PRESENT, Place.GONE),  # for a while
    "denies": (Place.PRESENT, Place.PRESENT),
    "vanishes": (Place.PRESENT, Place.SILENT),
    "saves-anew": (Place.PRESENT, Place.ALTERED),
    "swaps": (Place.REPLACED, Place.REPLACED),
    "flickers": (Place.PRESENT, Place.GONE),  # for an hour of three
    "elsewhere": (Place.PRESENT, Place.GONE),
}


@pytest.mark.parametrize("host", BEHAVIOURS)
def test_before_and_after_the_site_is_told(world: World, clock: SetClock, host: str) -> None:
    url = world.url(host, "files/1.jpg")
    before, after = ENDS[host]
    assert world.truth(url) is before
    world.deliver(f"{Scope.SITE}@abuse.example", f"about\n  {url}\n and thanks\n")
    clock.moment = START + WORKS - timedelta(seconds=1)
    if host != "flickers":
        assert world.truth(url) is before
    clock.moment = START + WORKS
    assert world.truth(url) is after


def test_what_returns_is_altered_and_goes_again(world: World, clock: SetClock) -> None:
    url = world.url("alters", "files/1.jpg")
    world.deliver("site@abuse.example", url)
    clock.moment = START + RETURNS
    assert (world.truth(url), world.answer(url).body) == (Place.ALTERED, b"altered")
    clock.moment += timedelta(hours=1)
    world.deliver("site@abuse.example", url)
    clock.moment += WORKS
    assert world.truth(url) is Place.GONE


def test_others_than_the_site_are_needed(world: World, clock: SetClock) -> None:
    for host, scope in (("needs-upstream", Scope.UPSTREAM), ("flickers", Scope.HOST)):
        url = world.url(host, "files/2.jpg")
        world.deliver(f"{scope}@abuse.example", url)
        clock.moment += WORKS
        assert world.answer(url).status == 410


def test_a_host_stalls_and_another_vanishes(world: World, clock: SetClock) -> None:
    world.hosts = {"vanishes": "127.0.0.9"}
    for host in ("stalls", "vanishes"):
        world.deliver("site@abuse.example", world.url(host, "files/1.jpg"))
    assert world.resolve("vanishes.example", 80) == ["127.0.0.9"]
    clock.moment = START + WORKS + STALLS
    assert world.truth(world.url("stalls", "files/1.jpg")) is Place.BARRED
    with pytest.raises(OSError, match="no such name"):
        world.resolve("vanishes.example", 80)
