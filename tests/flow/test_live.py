"""Banks that change while a service uses them."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest

from safelight.flow.banks import change_bank, create_bank
from safelight.flow.live import EVERY, PATIENCE, LiveMatcher
from safelight.flow.lookup import Lookup
from safelight.flow.matching import Matcher
from safelight.match.queries import Query
from safelight.model.bank import Bank, BankEntry, KnownHash
from safelight.model.errors import StorageError, UnknownBankError
from tests.contract.memory_bank_store import MemoryBankStore, SetClock
from tests.fakes import BruteRoom

CODES = [f"{number:064x}" for number in (0, (1 << 200) - 1, ((1 << 56) - 1) << 200)]


@dataclass
class Place:
    """A store, the clock of the live matcher, and what was opened when."""

    store: MemoryBankStore = field(default_factory=lambda: MemoryBankStore(SetClock()))
    room: BruteRoom = field(default_factory=BruteRoom)
    now: float = 100.0
    opened: list[Matcher] = field(default_factory=list)
    closed: list[Matcher] = field(default_factory=list)
    asked: int = 0
    stamps: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.live = LiveMatcher(self.store, self.room, self.open, self.stamp, lambda: self.now)

    @contextmanager
    def open(self, names: Sequence[str]) -> Iterator[Matcher]:
        with Lookup(self.store, self.room, names) as lookup, Matcher(lookup) as matcher:
            self.opened.append(matcher)
            yield matcher
        self.closed.append(matcher)

    def stamp(self, bank: Bank) -> int:
        self.asked += 1
        return self.stamps.get(bank.name, 0)

    def found(self, code: str = CODES[0]) -> set[tuple[str, str]]:
        (matches,) = self.live.lookup([[Query(code, 100)]], [None])
        return {(match.bank, match.entry) for match in matches}

    def later(self) -> set[tuple[str, str]]:
        self.now += EVERY
        return self.found()


def entry(name: str, code: str = CODES[0]) -> BankEntry:
    return BankEntry(name, (KnownHash("pdq", code, 100),))


@pytest.fixture
def place() -> Iterator[Place]:
    made = Place()
    create_bank(made.store, "a")
    yield made
    made.live.close()
    assert made.opened == made.closed


def test_new_entries_are_found_without_opening_anything_again(place: Place) -> None:
    assert place.found() == set()
    place.store.add(place.store.bank("a"), [entry("one")])
    assert place.found() == set()  # within the second
    assert place.later() == {("a", "one")}
    place.store.remove(place.store.bank("a"), ["one"])
    assert place.later() == set()
    assert len(place.opened) == 1


def test_the_store_is_asked_once_in_a_while(place: Place) -> None:
    for _ in range(10):
        place.found()
        place.now += EVERY / 5
    assert place.asked == 2


@pytest.mark.parametrize("change", ["settings", "new bank", "removed", "features"])
def test_banks_that_changed_are_opened_again(place: Place, change: str) -> None:
    create_bank(place.store, "b")
    for name in ("a", "b"):
        place.store.add(place.store.bank(name), [entry("one")])
    assert place.found() == {("a", "one"), ("b", "one")}
    expected = {("a", "one"), ("b", "one")}
    match change:
        case "settings":
            change_bank(place.store, "b", enabled=False)
            expected = {("a", "one")}
        case "new bank":
            place.store.add(create_bank(place.store, "c"), [entry("one")])
            expected |= {("c", "one")}
        case "removed":
            place.store.delete(place.store.bank("b"))
            expected = {("a", "one")}
        case "features":
            place.stamps["a"] = 1
    assert place.later() == expected
    assert len(place.opened) == 2
    assert place.closed == place.opened[:1]


def test_who_is_at_work_keeps_the_old_one_until_the_end(place: Place) -> None:
    place.store.add(place.store.bank("a"), [entry("one")])
    with place.live.using() as first, place.live.using() as second:
        change_bank(place.store, "a", negative=True)
        place.later()
        assert len(place.opened) == 2
        assert place.closed == []
        assert first.lookup is second.lookup is place.opened[0].lookup
        (matches,) = first.lookup.search([[Query(CODES[0], 100)]], [None])
        assert not matches[0].negative
    assert place.closed == place.opened[:1]
    with place.live.using() as third:
        assert third.lookup.banks[0].negative


def test_closing_waits_for_who_is_at_work(place: Place) -> None:
    with place.live.using():
        place.live.close()
        assert place.closed == []
    assert place.closed == place.opened
    with pytest.raises(ValueError, match="closed"):
        place.found()


def test_opening_that_takes_long_is_not_done_all_the_time(place: Place) -> None:
    place.found()
    slow = 3.0

    @contextmanager
    def takes_long(names: Sequence[str]) -> Iterator[Matcher]:
        place.now += slow
        with Lookup(place.store, place.room, names) as lookup, Matcher(lookup) as matcher:
            yield matcher

    place.live._open_matcher = takes_long
    place.stamps["a"] = 1
    place.later()
    asked = place.asked
    place.now += PATIENCE * slow - EVERY
    place.found()
    assert place.asked == asked
    place.now += EVERY
    place.found()
    assert place.asked > asked


def test_others_go_on_while_one_opens(place: Place) -> None:
    place.found()
    opening, go_on = threading.Event(), threading.Event()

    @contextmanager
    def stuck(names: Sequence[str]) -> Iterator[Matcher]:
        opening.set()
        assert go_on.wait(20)
        with Lookup(place.store, place.room, names) as lookup, Matcher(lookup) as matcher:
            yield matcher

    place.live._open_matcher = stuck
    place.stamps["a"] = 1
    place.now += EVERY
    slow = threading.Thread(target=place.found)
    slow.start()
    assert opening.wait(20)
    assert place.found() == set()  # with the old one
    go_on.set()
    slow.join()


def test_a_bank_that_goes_while_it_is_opened_is_left_out(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    going = create_bank(place.store, "b")

    def gone_meanwhile(bank: Bank) -> int:
        if bank == going and going in place.store.banks():
            place.store.delete(going)
        return 0

    monkeypatch.setattr(place.live, "_stamp", gone_meanwhile)
    assert place.found() == set()

    def unknown(name: str) -> Bank:
        raise UnknownBankError(name=name, known="none")

    monkeypatch.setattr(place.store, "bank", unknown)
    monkeypatch.setattr(place.live, "_stamp", lambda _bank: 1)
    place.now += EVERY
    with pytest.raises(UnknownBankError):
        place.found()


def test_a_store_that_fails_is_told_until_it_is_back(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    place.found()

    def fails() -> list[Bank]:
        raise StorageError(path="store", cause="gone")

    monkeypatch.setattr(place.store, "banks", fails)
    for _ in range(2):
        with pytest.raises(StorageError):
            place.later()
    monkeypatch.undo()
    assert place.found() == set()
