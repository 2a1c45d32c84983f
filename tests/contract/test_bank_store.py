"""One suite over every adapter of `ports.BankStore`."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Protocol

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from safelight.adapter.store import open_store
from safelight.model.bank import Bank, BankEntry, HashChange, KnownHash
from safelight.model.errors import BankExistsError, UnknownBankError, UnknownEntryError
from safelight.model.fingerprint import Digests
from safelight.ports import BankStore
from tests.contract.memory_bank_store import MemoryBankStore, SetClock
from tests.databases import DATABASES, database


class Store(BankStore, Protocol):
    """The adapters can be closed."""

    def close(self) -> None: ...


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture(params=["memory", *DATABASES])
def store(
    request: pytest.FixtureRequest, tmp_path: Path, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Store]:
    if request.param == "memory":
        yield MemoryBankStore(clock)
        return
    with database(request.param, tmp_path, "store") as target:
        opened: Store = open_store(target, clock)
        module = "safelight.adapter.store.bank_store"  # importable once Django is configured
        monkeypatch.setattr(f"{module}.BATCH", 7)  # so that small lists take several transactions
        monkeypatch.setattr(f"{module}._PAGE", 3)
        yield opened
        opened.close()


def code(text: object, kind: str = "pdq") -> str:
    """A hash of the right length, always the same for one text."""
    return sha256(f"{kind} {text}".encode()).hexdigest()[: {"md5": 32, "sha1": 40}.get(kind, 64)]


def entry(name: str, *kinds: str) -> BankEntry:
    qualities = {"pdq": 90}
    return BankEntry(name, tuple(KnownHash(k, code(name, k), qualities.get(k, 0)) for k in kinds or ("pdq",)))


def made(store: BankStore, name: str = "known") -> Bank:
    return store.create(Bank(0, name))


def plain(entry: BankEntry) -> BankEntry:
    """The entry without the numbers that its store gave."""
    return replace(entry, id=0, hashes=tuple(replace(known, id=0) for known in entry.hashes))


def digests(name: str) -> Digests:
    return Digests(code(name, "md5"), code(name, "sha1"), code(name, "sha256"), 1)


class TestBanks:
    def test_settings_are_kept(self, store: Store) -> None:
        bank = Bank(
            99,
            "benign",
            12,
            70,
            enabled=False,
            negative=True,
            description="known good\nsecond line",
            entries=5,
            local=False,
        )
        kept = store.create(bank)
        assert kept == replace(bank, id=kept.id, entries=0)
        assert store.bank("benign") == kept

    def test_banks_come_by_name_with_their_sizes(self, store: Store) -> None:
        for name in ("c", "a", "b"):
            made(store, name)
        store.add(store.bank("b"), [entry("1"), entry("2")])
        assert [(bank.name, bank.entries) for bank in store.banks()] == [("a", 0), ("b", 2), ("c", 0)]

    def test_names_are_unique(self, store: Store) -> None:
        made(store)
        with pytest.raises(BankExistsError, match="'known' exists already"):
            made(store)
        assert len(store.banks()) == 1

    def test_unknown_bank_names_the_known_ones(self, store: Store) -> None:
        with pytest.raises(UnknownBankError, match="known banks: none"):
            store.bank("x")
        made(store, "a")
        made(store, "b")
        with pytest.raises(UnknownBankError, match="no bank is called 'x'; known banks: a, b"):
            store.bank("x")

    def test_update(self, store: Store) -> None:
        bank, other = made(store), made(store, "other")
        store.add(bank, [entry("1")])
        changed = replace(bank, name="renamed", threshold=3, min_quality=1, enabled=False, negative=True)
        assert store.update(changed) == replace(changed, entries=1)
        assert [bank.name for bank in store.banks()] == ["other", "renamed"]
        with pytest.raises(BankExistsError):
            store.update(replace(other, name="renamed"))

    def test_deleted_bank_is_gone_with_all_it_held(self, store: Store) -> None:
        bank, other = made(store), made(store, "other")
        store.add(bank, [entry(str(n), "pdq", "md5") for n in range(20)])
        store.add(other, [entry("3", "pdq", "md5")])
        ids = [change.hash_id for change in store.changes(bank, 0, 100)]
        store.remove(bank, ["4"])
        store.delete(bank)
        assert [bank.name for bank in store.banks()] == ["other"]
        assert store.by_hash_ids(ids) == {}
        assert [found.name for found, _, _ in store.by_digests([bank, other], digests("3"))] == ["other"]
        with pytest.raises(UnknownBankError):
            store.delete(bank)
        with pytest.raises(UnknownBankError):
            store.update(bank)
        with pytest.raises(UnknownBankError):
            store.add(bank, [entry("5")])

    def test_numbers_are_never_used_again(self, store: Store) -> None:
        bank = made(store)
        store.add(bank, [entry("1")])
        ((found,),) = (store.changes(bank, 0, 10),)
        store.delete(bank)
        again = made(store)
        store.add(again, [entry("1")])
        ((new,),) = (store.changes(again, 0, 10),)
        assert again.id != bank.id
        assert new.hash_id != found.hash_id


class TestEntries:
    def test_every_field_is_kept(self, store: Store) -> None:
        bank = made(store)
        expires = datetime(2031, 5, 6, 7, 8, 9, 123456, tzinfo=timezone(timedelta(hours=2)))
        full = BankEntry(
            "folder/ü \U0001f5bc.jpg",
            (*entry("a", "md5", "sha1", "sha256", "pdq").hashes, KnownHash("pdq", code("second"), 55)),
            classification="vics:US:1",
            source="list.json",
            expires=expires,
            metadata={"series": "a: \"b\", 'c'", "photodna": "A" * 192, "ü": ""},
        )
        bare = BankEntry("no hash", ())
        assert store.add(bank, [full, bare]) == (2, 0)
        kept, second = store.entries(bank)
        assert plain(kept) == full
        assert kept.expires is not None
        assert kept.expires.utcoffset() is not None
        assert plain(second) == bare
        assert len({kept.id, second.id}) == 2
        assert len({known.id for known in kept.hashes} - {0}) == 5

    def test_one_entry_by_its_name(self, store: Store, clock: SetClock) -> None:
        bank, other = made(store), made(store, "other")
        store.add(bank, [entry("a", "md5", "pdq", "sha1"), replace(BankEntry("b", ()), expires=clock.now())])
        kept = list(store.entries(bank))
        assert [store.entry(bank, "a"), store.entry(bank, "b")] == kept
        for where, name in ((other, "a"), (bank, "A")):
            with pytest.raises(UnknownEntryError, match=f"bank '{where.name}' has no entry called '{name}'"):
                store.entry(where, name)

    def test_order_and_size_over_several_batches(self, store: Store) -> None:
        bank = made(store)
        names = [str(n * 7 % 31) for n in range(31)]
        assert store.add(bank, (entry(name, "pdq", "sha1") for name in names)) == (31, 0)
        assert [found.name for found in store.entries(bank)] == names
        assert store.bank("known").entries == 31

    def test_a_name_that_is_there_is_left_as_it_is(self, store: Store) -> None:
        bank = made(store)
        assert store.add(bank, [entry("a"), entry("b"), replace(entry("a", "md5"), source="second")]) == (2, 1)
        assert store.add(bank, [replace(entry("b"), source="third"), entry("c"), entry("A")]) == (2, 1)
        assert [(found.name, found.source, len(found.hashes)) for found in store.entries(bank)] == [
            ("a", "", 1),
            ("b", "", 1),
            ("c", "", 1),
            ("A", "", 1),
        ]
        assert len(store.changes(bank, 0, 100)) == 4

    def test_names_are_unique_within_one_bank_only(self, store: Store) -> None:
        one, other = made(store, "one"), made(store, "other")
        assert store.add(one, [entry("a")]) == (1, 0)
        assert store.add(other, [entry("a")]) == (1, 0)

    def test_adding_streams(self, store: Store) -> None:
        """Entries are taken as they come, and what was taken is stored before the source ends."""
        bank = made(store)
        seen = []

        def source() -> Iterator[BankEntry]:
            for n in range(40):
                seen.append(store.bank("known").entries)
                yield entry(str(n))

        store.add(bank, source())
        assert seen[-1] > 0

    def test_what_came_before_a_failing_source_is_kept(self, store: Store) -> None:
        bank = made(store)

        def source() -> Iterator[BankEntry]:
            yield from (entry(str(n)) for n in range(14))
            raise RuntimeError

        with pytest.raises(RuntimeError):
            store.add(bank, source())
        assert store.bank("known").entries == 14
        assert len(list(store.entries(bank))) == 14

    def test_removal(self, store: Store) -> None:
        bank = made(store)
        store.add(bank, [entry(str(n), "pdq", "md5") for n in range(20)])
        store.remove(bank, [str(n) for n in range(0, 20, 2)] + ["2"])
        assert [found.name for found in store.entries(bank)] == [str(n) for n in range(1, 20, 2)]
        assert store.bank("known").entries == 10
        assert store.by_digests([bank], digests("2")) == []

    def test_each_hash_that_goes_is_told(self, store: Store) -> None:
        bank = made(store)
        store.add(bank, [entry("a", "md5", "pdq"), entry("b", "sha256")])
        kept = {found.name: found for found in store.entries(bank)}
        before = store.last_change(bank)
        store.remove(bank, ["a", "b"])
        gone = store.changes(bank, before, 10)
        assert {change.hash_id for change in gone} == {known.id for one in kept.values() for known in one.hashes}
        assert all(change.pdq is None for change in gone)
        assert store.last_change(bank) == gone[-1].seq

    def test_entries_after_one(self, store: Store) -> None:
        bank = made(store)
        store.add(bank, [entry(str(n)) for n in range(5)])
        every = list(store.entries(bank))
        assert list(store.entries(bank, every[2].id)) == every[3:]
        assert list(store.entries(bank, every[-1].id)) == []

    def test_removal_of_an_unknown_entry_removes_none(self, store: Store) -> None:
        bank = made(store)
        store.add(bank, [entry("a"), entry("b")])
        before = store.last_change(bank)
        with pytest.raises(UnknownEntryError, match="bank 'known' has no entry called 'x'"):
            store.remove(bank, ["a", "x", "y"])
        assert [found.name for found in store.entries(bank)] == ["a", "b"]
        assert store.last_change(bank) == before
        assert store.bank("known").entries == 2


class TestLookup:
    def test_by_hash_ids(self, store: Store) -> None:
        bank = made(store)
        store.add(bank, [entry("a", "md5", "pdq"), entry("b"), entry("c")])
        kept = {found.name: found for found in store.entries(bank)}
        ids = {change.pdq: change.hash_id for change in store.changes(bank, 0, 10)}
        asked = [ids[bytes.fromhex(code(name))] for name in ("c", "a")]
        found = store.by_hash_ids([*asked, 10**9, asked[0]])
        assert found == {asked[0]: (kept["c"], kept["c"].hashes[0]), asked[1]: (kept["a"], kept["a"].hashes[1])}
        assert store.by_hash_ids([]) == {}

    def test_removed_hashes_are_left_out(self, store: Store) -> None:
        bank = made(store)
        store.add(bank, [entry("a"), entry("b")])
        ids = [change.hash_id for change in store.changes(bank, 0, 10)]
        store.remove(bank, ["a"])
        assert [found.name for found, _ in store.by_hash_ids(ids).values()] == ["b"]

    def test_many_hash_ids(self, store: Store) -> None:
        bank = made(store)
        store.add(bank, (entry(str(n)) for n in range(1100)))
        ids = [change.hash_id for change in store.changes(bank, 0, 2000)]
        found = store.by_hash_ids(ids[::-1])
        assert sorted(found) == ids
        assert all(known.id == number for number, (_, known) in found.items())

    def test_each_digest_that_agrees_is_told(self, store: Store) -> None:
        bank, other, left_out = made(store), made(store, "other"), made(store, "left out")
        store.add(bank, [entry("a", "md5", "sha1", "sha256", "pdq"), entry("b", "md5")])
        store.add(other, [BankEntry("same bytes", (KnownHash("sha1", code("a", "sha1")),))])
        store.add(left_out, [entry("a", "md5")])
        found = store.by_digests([bank, other], digests("a"))
        assert sorted((bank.name, entry.name, known.kind, known.value) for bank, entry, known in found) == [
            ("known", "a", "md5", code("a", "md5")),
            ("known", "a", "sha1", code("a", "sha1")),
            ("known", "a", "sha256", code("a", "sha256")),
            ("other", "same bytes", "sha1", code("a", "sha1")),
        ]
        assert {len(entry.hashes) for found_bank, entry, _ in found if found_bank.name == "known"} == {4}
        assert store.by_digests([bank, other], digests("x")) == []
        assert store.by_digests([], digests("a")) == []

    def test_entries_by_name_and_by_id(self, store: Store, clock: SetClock) -> None:
        bank, other = made(store), made(store, "other")
        until = clock.now() + timedelta(hours=1)
        store.add(bank, [entry("a", "md5", "pdq"), replace(entry("b"), expires=until), BankEntry("c", ())])
        store.add(other, [entry("a")])
        kept = {found.name: found for found in store.entries(bank)}
        ids = {name: found.id for name, found in kept.items()}
        (elsewhere,) = store.entries(other)
        assert store.entry_ids(bank, {"a", "b", "c", "x"}) == ids
        assert store.entry_ids(other, ["a", "b"]) == {"a": elsewhere.id}
        assert store.entry_ids(bank, []) == {}
        asked = {*ids.values(), elsewhere.id, 10**9}
        assert store.existing(bank, asked) == set(ids.values())
        assert store.existing(other, asked) == {elsewhere.id}
        assert store.by_entry_ids(asked) == {elsewhere.id: elsewhere, **{found.id: found for found in kept.values()}}
        clock.moment = until
        assert sorted(found.name for found in store.by_entry_ids(asked).values()) == ["a", "a", "c"]
        assert store.existing(bank, asked) == set(ids.values()), "expired, but there"
        assert store.entry_ids(bank, ["b"]) == {"b": ids["b"]}
        store.remove(bank, ["a"])
        assert store.existing(bank, asked) == {ids["b"], ids["c"]}
        assert ids["a"] not in store.by_entry_ids(asked)
        assert store.by_entry_ids([]) == {}

    def test_many_entries_by_name_and_by_id(self, store: Store) -> None:
        bank = made(store)
        names = [str(n) for n in range(1100)]
        store.add(bank, (entry(name) for name in names))
        ids = store.entry_ids(bank, names)
        assert sorted(ids, key=int) == names
        assert store.existing(bank, set(ids.values())) == set(ids.values())
        found = store.by_entry_ids(set(ids.values()))
        assert {number: one.name for number, one in found.items()} == {number: name for name, number in ids.items()}

    def test_a_pdq_hash_is_no_digest(self, store: Store) -> None:
        bank = made(store)
        store.add(bank, [BankEntry("a", (KnownHash("pdq", code("a", "sha256"), 100),))])
        assert store.by_digests([bank], digests("a")) == []

    def test_expired_entries_are_not_found(self, store: Store, clock: SetClock) -> None:
        bank = made(store)
        until = clock.now() + timedelta(microseconds=1)
        store.add(bank, [replace(entry("a", "pdq", "md5"), expires=until), entry("b")])
        ids = [change.hash_id for change in store.changes(bank, 0, 10)]
        assert len(store.by_hash_ids(ids)) == 2
        assert len(store.by_digests([bank], digests("a"))) == 1
        clock.moment = until
        assert [found.name for found, _ in store.by_hash_ids(ids).values()] == ["b"]
        assert store.by_digests([bank], digests("a")) == []
        assert len(list(store.entries(bank))) == 2, "listed and exported all the same"


class Follower:
    """What an index is: the hashes that came and have not gone, by a bank's history."""

    def __init__(self, store: BankStore, bank: Bank) -> None:
        self._store, self._bank = store, bank
        self.seen = 0
        self.live: dict[int, bytes] = {}

    def step(self, limit: int) -> list[HashChange]:
        steps = self._store.changes(self._bank, self.seen, limit)
        assert len(steps) <= limit
        for step in steps:
            assert step.seq > self.seen
            self.seen = step.seq
            if step.pdq is None:
                self.live.pop(step.hash_id, None)
            else:
                assert step.hash_id not in self.live
                self.live[step.hash_id] = step.pdq
        return steps

    def catch_up(self, limit: int) -> None:
        while self.step(limit):
            pass
        assert self.seen == self._store.last_change(self._bank)


def live(store: BankStore, bank: Bank) -> dict[int, bytes]:
    hashes = (known for found in store.entries(bank) for known in found.hashes)
    return {known.id: bytes.fromhex(known.value) for known in hashes if known.kind == "pdq"}


ADD = st.tuples(st.just("add"), st.lists(st.integers(0, 9), max_size=12))
REMOVE = st.tuples(st.just("remove"), st.lists(st.integers(0, 9), max_size=5))
FOLLOW = st.tuples(st.just("follow"), st.tuples(st.integers(0, 2), st.integers(1, 4)))
OTHER = st.tuples(st.just("other bank"), st.integers(0, 9))
EXAMPLES = count()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.one_of(ADD, REMOVE, FOLLOW, OTHER), max_size=16))
def test_whoever_follows_the_history_holds_what_the_bank_holds(
    store: Store, steps: list[tuple[str, Iterable[int]]]
) -> None:
    """Three followers read now and then, some of them in the middle of things; all end with the live set."""
    example = next(EXAMPLES)
    bank, other = made(store, f"bank {example}"), made(store, f"other {example}")
    followers = [Follower(store, bank) for _ in range(3)]
    for what, values in steps:
        last = store.last_change(bank)
        match what, values:
            case "add", list():
                store.add(bank, [entry(f"{n}", *["md5", "pdq", "pdq"][: 1 + n % 3]) for n in values])
            case "remove", list():
                names = {found.name for found in store.entries(bank)}
                store.remove(bank, [str(n) for n in values if str(n) in names])
            case "follow", (int(number), int(limit)):
                followers[number].step(limit)
            case "other bank", int(number):
                store.add(other, [entry(f"{number}")])
                store.remove(other, [f"{number}"])
        assert store.last_change(bank) >= last
    for limit, follower in enumerate(followers, 1):
        follower.catch_up(limit)
        assert follower.live == live(store, bank)
    store.delete(bank)
    store.delete(other)


def test_history_of_an_empty_bank(store: Store) -> None:
    bank = made(store)
    assert store.last_change(bank) == 0
    assert store.changes(bank, 0, 10) == []
    store.add(bank, [entry("digests only", "md5", "sha1")])
    assert store.last_change(bank) == 0


@pytest.mark.parametrize("offset", [timedelta(hours=-5), timedelta(hours=-16, minutes=-49), timedelta(hours=23)])
def test_moments_are_utc_whatever_the_offset(store: Store, offset: timedelta) -> None:
    bank = made(store)
    moment = datetime(2030, 1, 1, tzinfo=timezone(offset))  # PostgreSQL itself takes offsets of up to 16 hours
    store.add(bank, [replace(entry("a"), expires=moment)])
    (kept,) = store.entries(bank)
    assert kept.expires == moment
    assert kept.expires is not None
    assert kept.expires.astimezone(UTC) == datetime(2030, 1, 1, tzinfo=UTC) - offset
