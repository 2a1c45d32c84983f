"""One suite over every adapter of `ports.CaseStore`."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from itertools import count
from pathlib import Path
from typing import Protocol
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from safelight.adapter.casework import TimeIds, open_casework
from safelight.case import merkle
from safelight.case.chain import chain_flaws
from safelight.case.fold import absorbed, first_due, fold
from safelight.model.access import SYSTEM, Actor
from safelight.model.audit import NO_HASH, LoggedEvent, SignedHead
from safelight.model.case import (
    SERVICE_CASE,
    Approved,
    Body,
    Case,
    CaseState,
    Decided,
    Draft,
    DutyArose,
    DutyMet,
    Grave,
    ItemAdded,
    ItemDestroyed,
    Merged,
    Noted,
    Opened,
    Proposed,
    Routed,
    ServiceEvent,
    StatementMade,
)
from safelight.model.closing_events import Prompt, StatementKind
from safelight.model.decision import Decision, Outcome
from safelight.model.errors import (
    ConflictError,
    SafelightError,
    TransitionError,
    UnknownCaseError,
    UnknownItemError,
    UsageError,
)
from safelight.model.law import Duty, DutyKind
from safelight.model.service import Item, ItemState
from safelight.ports import CaseStore
from tests.case.histories import ANN, BEN, BENIGN, BODIES, CONFIRMED, KEY, added, digest
from tests.contract.memory_bank_store import SetClock
from tests.contract.memory_case_store import MemoryCaseStore
from tests.databases import DATABASES, database
from tests.rows import derivative_of, row_of


class Store(CaseStore, Protocol):
    """The adapters can be closed."""

    def close(self) -> None: ...


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture(params=["memory", *DATABASES])
def store(request: pytest.FixtureRequest, tmp_path: Path, clock: SetClock) -> Iterator[Store]:
    if request.param == "memory":
        yield MemoryCaseStore(clock)
        return
    with database(request.param, tmp_path, "casework") as target:
        opened: Store = open_casework(target, clock)
        yield opened
        opened.close()


@pytest.fixture(params=DATABASES)
def real(request: pytest.FixtureRequest, tmp_path: Path, clock: SetClock) -> Iterator[Store]:
    with database(request.param, tmp_path, "casework") as target:
        opened: Store = open_casework(target, clock)
        yield opened
        opened.close()


def put(store: CaseStore, case: str, *bodies: Body, by: Actor = SYSTEM) -> list[LoggedEvent]:
    return store.append([Draft(case, by, body, "test 1") for body in bodies])


def ids(cases: Sequence[object]) -> str:
    return " ".join(case.id for case in cases)  # type: ignore[attr-defined]


def owed(store: Store, after: tuple[datetime, str] | None = None, limit: int = 100) -> list[Case]:
    return [case for _, case in store.owing(after, limit)]


class TestAppend:
    def test_events_are_numbered_chained_and_folded(self, store: Store, clock: SetClock) -> None:
        first = put(store, "a", Opened("known", 2, "q", "f"), added("i1"))
        clock.moment += timedelta(hours=1)
        (other,) = put(store, "b", Opened("near"))
        (last,) = put(store, "a", Noted("looked"), by=ANN)
        assert [one.position for one in (*first, other, last)] == [0, 1, 2, 3]
        assert [one.event.seq for one in (*first, other, last)] == [0, 1, 0, 2]
        assert [one.event.prev for one in (*first, other, last)] == [NO_HASH, first[0].hash, NO_HASH, first[1].hash]
        assert (last.event.at, last.event.actor, last.event.tool) == (clock.moment, ANN, "test 1")
        assert store.events("a") == [*first, last]
        assert store.events("a", len(first)) == [last]
        with pytest.raises(UnknownCaseError):
            store.events("a", len(first) + 1)
        assert store.log(-1, 99) == [*first, other, last]
        whole = store.log(-1, 99)
        for kinds in ({Opened}, {Noted}, {Opened, Noted}, {Merged}):
            of_these = [one for one in whole if type(one.event.body) in kinds]
            assert store.log(-1, 99, kinds) == of_these
            assert store.log(0, 1, kinds) == [one for one in of_these if one.position > 0][:1]
        assert store.case("a") == fold([*first, last])
        assert (store.case("a").length, store.case("a").head) == (3, last.hash)
        assert not chain_flaws("a", store.events("a"))

    def test_the_log_is_read_in_pages(self, store: Store) -> None:
        whole = put(store, "a", Opened(""), *(Noted(str(number)) for number in range(8)))
        pages = [store.log(after, 4) for after in (-1, 3, 7, 8, 1 << 70)]
        assert pages == [whole[:4], whole[4:8], whole[8:], [], []]

    def test_events_of_several_cases(self, store: Store) -> None:
        for case in "ab":
            put(store, case, Opened(""), added(f"i{case}"), Noted("x"), Noted("y"))
        put(store, "a", Noted("z"))
        put(store, "c", Opened(""))
        found = store.of_cases({"a", "b", "c", "nobody"}, (ItemAdded, Noted))
        assert found == {"a": store.events("a", 1), "b": store.events("b", 1)}
        assert store.of_cases((), (Noted,)) == store.of_cases("ab", ()) == {}

    def test_reasons_that_were_told_in_a_time(self, store: Store, clock: SetClock) -> None:
        told, began = list[int](), clock.moment
        put(store, "a", Opened(""), added("i"), Decided(CONFIRMED), by=ANN)
        for hours in (0, 5, -3):  # a clock may be set back
            clock.moment += timedelta(hours=hours)
            for kind in StatementKind:
                made = StatementMade(f"s{kind}", "i", "d" * 64, kind, "en", Prompt.OWN, "text")
                told += [one.position for one in put(store, "a", made) if kind is StatementKind.REASONS]
            put(store, "a", Noted("x"))
        hour = timedelta(hours=1)

        def found(begin: int, end: int, *page: int) -> list[int]:
            return [one.position for one in store.told(began + begin * hour, began + end * hour, *page)]

        assert found(0, 9) == told
        assert found(0, 9, told[0], 1) == told[1:2]
        assert found(0, 5) == [told[0], told[2]]
        assert found(1, 9) == told[1:]
        assert found(5, 6) == [told[1]]
        assert found(6, 9) == []

    def test_nothing_is_appended_by_nothing(self, store: Store) -> None:
        assert store.append([]) == []
        assert store.append([], expect=3) == []

    def test_all_or_none(self, store: Store) -> None:
        put(store, "a", Opened(""))
        with pytest.raises(TransitionError, match="open already"):
            put(store, "a", Noted("one"), Opened("again"))
        with pytest.raises(TransitionError):
            store.append([Draft("b", SYSTEM, Opened("")), Draft("c", SYSTEM, Noted("of nothing"))])
        assert store.case("a").length == 1
        assert store.head().size == 1
        assert ids(store.cases()) == "a"

    def test_a_case_that_changed_meanwhile(self, store: Store) -> None:
        put(store, "a", Opened(""))
        assert store.append([Draft("a", ANN, Noted("mine"))], expect=1)[0].event.seq == 1
        with pytest.raises(ConflictError, match="'a' was changed meanwhile"):
            store.append([Draft("a", BEN, Noted("too late"))], expect=1)
        with pytest.raises(ConflictError):
            store.append([Draft("b", SYSTEM, Opened(""))], expect=1)
        assert store.append([Draft("b", SYSTEM, Opened(""))], expect=0)
        assert store.case("a").length == 2

    def test_who_may_not(self, store: Store) -> None:
        put(store, "a", Opened(""), added("i1"))
        with pytest.raises(TransitionError, match="not done by a key"):
            put(store, "a", Decided(BENIGN), by=KEY)
        assert store.case("a").state is CaseState.OPEN

    def test_events_of_the_service_have_a_chain_and_no_case(self, store: Store) -> None:
        with pytest.raises(UnknownCaseError):
            store.events(SERVICE_CASE)
        one, two = put(store, SERVICE_CASE, ServiceEvent("key.made", {"key": "3"}), ServiceEvent("key.gone"))
        assert store.events(SERVICE_CASE) == [one, two]
        assert two.event.prev == one.hash
        assert store.cases() == []
        assert store.waiting([], 9) == []
        assert store.case(SERVICE_CASE).length == 2
        with pytest.raises(TransitionError):
            put(store, SERVICE_CASE, Opened(""))
        with pytest.raises(TransitionError):
            put(store, "a", ServiceEvent("key.made"))

    def test_one_case_for_a_family(self, store: Store) -> None:
        put(store, "a", Opened("", family="f"))
        with pytest.raises(ConflictError):
            put(store, "b", Opened("", family="f"))
        with pytest.raises(ConflictError):
            store.append([Draft(case, SYSTEM, Opened("", family="g")) for case in "bc"])
        put(store, "b", Opened("", family="g"))
        assert store.case_of_family("f") == store.case("a")
        assert store.case_of_family("x") is None
        store.append([Draft("a", SYSTEM, Merged("b")), Draft("b", SYSTEM, absorbed(store.case("a")))])
        assert store.case_of_family("f") is None
        assert store.case_of_family("g") == store.case("b")
        put(store, "c", Opened("", family="f"))
        assert store.case_of_family("f") == store.case("c")

    def test_what_cannot_be_written_is_refused(self, store: Store) -> None:
        put(store, "a", Opened(""))
        for case, body in (("a", Noted("\ud800")), ("", Opened("")), ("c" * 65, Opened("")), ("c\0", Opened(""))):
            with pytest.raises(UsageError):
                put(store, case, body)
        for priority, queue, family in (
            (0, "nul \0", None),
            (0, "q", "\0"),
            (1 << 31, "q", None),
            (-1 << 70, "q", None),
        ):
            with pytest.raises(UsageError):
                put(store, "b", Opened("", priority, queue, family))
        put(store, "a", Noted("nul \0, ü, \U0001f600 and\nlines"))
        assert store.events("a")[1].event.body == Noted("nul \0, ü, \U0001f600 and\nlines")
        assert store.head().size == 2

    def test_unknown(self, store: Store) -> None:
        with pytest.raises(UnknownCaseError, match="'x'"):
            store.case("x")
        with pytest.raises(UnknownCaseError, match="'x'"):
            store.events("x")
        with pytest.raises(UnknownItemError, match="'x'"):
            store.item("x")

    @pytest.mark.parametrize("text", ["\0", "a\0b", "\ud800"])
    def test_nothing_is_found_by_what_is_no_text(self, store: Store, text: str) -> None:
        with pytest.raises(UnknownCaseError):
            store.case(text)
        with pytest.raises(UnknownCaseError):
            store.events(text)
        with pytest.raises(UnknownItemError):
            store.item(text)
        for ask in (
            lambda: store.cases(after=text),
            lambda: store.cases(queue=text),
            lambda: store.waiting(["q", text], 1),
            lambda: store.case_of_family(text),
            lambda: store.items(text),
            lambda: store.items(sha256=text),
        ):
            with pytest.raises(UsageError):
                ask()


class TestTransactions:
    def test_all_or_nothing(self, store: Store) -> None:
        with store.transaction():
            put(store, "a", Opened(""))
            store.put_item(item("1"))

        def fail() -> None:
            with store.transaction():
                put(store, "a", Noted("lost"))
                put(store, "b", Opened("lost"))
                store.put_item(item("2"))
                raise OSError("of the caller")

        with pytest.raises(OSError, match="of the caller"):
            fail()
        assert store.case("a").length == store.head().size == 1
        assert (ids(store.cases()), ids(store.items())) == ("a", "1")

    def test_they_nest(self, store: Store) -> None:
        def fail() -> None:
            with store.transaction():
                with store.transaction():
                    put(store, "a", Noted("lost"))
                raise ZeroDivisionError

        with store.transaction():
            put(store, "a", Opened(""))
            with pytest.raises(ZeroDivisionError):
                fail()
            with pytest.raises(TransitionError):
                put(store, "a", Opened("again"))
            with store.transaction():
                put(store, "a", Noted("kept"))
        assert [one.event.body for one in store.events("a")] == [Opened(""), Noted("kept")]
        with pytest.raises(ZeroDivisionError):
            fail()
        assert store.case("a").length == 2


class TestFinding:
    def test_cases_by_id_state_and_queue(self, store: Store) -> None:
        for case in "dbeac":
            put(store, case, Opened("", queue="odd" if case in "ace" else "even"), added("i" + case))
        put(store, "a", Decided(CONFIRMED), by=ANN)
        put(store, "b", Decided(CONFIRMED), by=ANN)
        put(store, "e", Merged("c"))
        assert ids(store.cases()) == "a b c d e"
        assert ids(store.cases(limit=2)) == "a b"
        assert ids(store.cases(after="b", limit=2)) == "c d"
        assert ids(store.cases([CaseState.OPEN])) == "c d"
        assert ids(store.cases([CaseState.DECIDED, CaseState.MERGED], "odd")) == "a e"
        assert ids(store.cases(queue="even", after="b")) == "d"
        assert store.cases(queue="none") == []
        assert store.cases()[2] == store.case("c")

    def test_what_waits_comes_by_priority_then_age(self, store: Store, clock: SetClock) -> None:
        for case, priority, queue in (("z", 1, "q"), ("y", 5, "r"), ("x", 1, "q"), ("w", -2, "q"), ("v", 5, "q")):
            put(store, case, Opened("", priority, queue), added("i" + case))
            clock.moment += timedelta(seconds=1)
        assert ids(store.waiting([], 9)) == "y v z x w"
        assert ids(store.waiting(["q"], 3)) == "v z x"
        assert ids(store.waiting(["q", "r", "s"], 2)) == "y v"
        assert store.waiting(["s"], 9) == []
        put(store, "v", Decided(CONFIRMED), by=ANN)
        put(store, "w", Routed("r", 7))
        assert ids(store.waiting([], 9)) == "w y z x"
        assert ids(store.waiting(["r"], 9)) == "w y"

    def test_what_two_people_agreed_on_until_it_is_done(self, store: Store) -> None:
        for case in "cab":
            put(store, case, Opened(""), added("i" + case))
            put(store, case, Proposed(Grave.DESTROY, "why", item="i" + case), by=ANN)
            put(store, case, Approved(2), by=BEN)
        put(store, "d", Opened(""))
        put(store, "b", Merged("c"))
        assert ids(store.agreed()) == "a c"
        assert (ids(store.agreed("a")), ids(store.agreed("c")), ids(store.agreed(limit=1))) == ("c", "", "a")
        put(store, "a", ItemDestroyed("ia", digest("ia"), "how", "why"))
        assert ids(store.agreed()) == "c"

    def test_open_duties_by_the_first_that_is_due(self, store: Store, clock: SetClock) -> None:
        def owes(case: str, name: str, hours: float | None) -> DutyArose:
            due = None if hours is None else clock.moment + timedelta(hours=hours)
            known = ("us", "us.rule", DutyKind.REPORT, "title", "to", clock.moment, due, "words", "basis", "url", "")
            return DutyArose(Duty(f"{case}-{name}", *known, drives=True))

        for case, hours in (("a", (3, None)), ("b", (None,)), ("c", (1, 2)), ("d", (3,)), ("e", ()), ("f", (1,))):
            put(store, case, Opened(""), *(owes(case, str(number), one) for number, one in enumerate(hours)))
        put(store, "f", Merged("e"))
        assert ids(owed(store)) == "c a d b"
        assert ids(owed(store, limit=2)) == "c a"
        places = [(due, case.id) for due, case in store.owing()]
        assert [due for due, _ in places] == [first_due(case) for _, case in store.owing()]
        assert [ids(owed(store, place)) for place in places] == ["a d b", "d b", "b", ""]
        times = [clock.moment + timedelta(hours=hours, minutes=1) for hours in (0, 1, 3)]
        assert [store.due_before(at) for at in times] == [0, 1, 3]
        put(store, "c", DutyMet("c-0", "filing:1"))
        put(store, "d", DutyMet("d-0", "filing:1"))
        assert ids(owed(store)) == "c a b"
        assert not store.projection_flaws()

    def test_what_is_only_to_be_kept_comes_last_whenever_it_ends(self, store: Store, clock: SetClock) -> None:
        def arose(case: str, kind: DutyKind, hours: float | None) -> DutyArose:
            due = None if hours is None else clock.moment + timedelta(hours=hours)
            known = ("us", "us.rule", kind, "title", "to", clock.moment, due, "words", "basis", "url", "")
            return DutyArose(Duty(f"{case}-{kind}", *known, drives=True))

        put(store, "a", Opened(""), arose("a", DutyKind.PRESERVE, 1))
        put(store, "b", Opened(""), arose("b", DutyKind.REPORT, None), arose("b", DutyKind.PRESERVE, 1))
        put(store, "c", Opened(""), arose("c", DutyKind.REPORT, 9), arose("c", DutyKind.PRESERVE, 2))
        assert ids(owed(store)) == "c b a"
        assert store.due_before(clock.moment + timedelta(days=400)) == 1

    def test_of_equal_age_by_id(self, store: Store) -> None:
        store.append([Draft(case, SYSTEM, Opened("")) for case in "bca"])
        assert ids(store.waiting([], 2)) == "a b"


def item(name: str, sha256: str | None = None, **fields: object) -> Item:
    return replace(Item(name, ItemState.WAITING, SetClock().moment, "gate", sha256=sha256), **fields)  # type: ignore[arg-type]


class TestItems:
    def test_all_of_it_is_kept(self, store: Store) -> None:
        seen = replace(row_of("p", 1), matches=(derivative_of("bank", "entry"),))
        whole = item("1", "ab" * 32, reference="nul \0 ü", blob="b", case="c", row=seen, updated=SetClock().moment)
        for one in (item("1"), whole):
            store.put_item(one)
            assert store.item("1") == one
            assert store.items() == [one]

    def test_they_come_by_id_and_bytes(self, store: Store) -> None:
        for name in "cab":
            store.put_item(item(name, "same" if name in "ac" else None))
        assert ids(store.items()) == "a b c"
        assert ids(store.items("a", 1)) == "b"
        assert ids(store.items(sha256="same")) == "a c"
        assert ids(store.items("a", sha256="same")) == "c"
        assert store.items(sha256="other") == []
        store.put_item(item("c", "other"))
        assert ids(store.items(sha256="other")) == "c"

    def test_those_of_a_year_are_counted(self, store: Store) -> None:
        east = timezone(timedelta(hours=9))
        new_year = datetime(2027, 1, 1, 8, tzinfo=east)  # it is still 2026 in UTC
        known = replace(row_of("p", 1), decision=Decision(Outcome.KNOWN, (), "why"))
        store.put_item(item("1", created=new_year))
        store.put_item(item("2", created=new_year, row=known))
        store.put_item(item("3", created=new_year + timedelta(hours=1), row=known))
        assert store.came(2026) == {("gate", None): 1, ("gate", "known"): 1}
        store.put_item(item("1", created=new_year, row=known))
        assert store.came(2026) == {("gate", "known"): 2}
        assert store.came(2025) == {}

    def test_what_cannot_be_written_is_refused(self, store: Store) -> None:
        for name in ("", "ü", "n" * 65):
            with pytest.raises(UsageError):
                store.put_item(item(name))


class TestTree:
    def test_head(self, store: Store, clock: SetClock) -> None:
        empty = store.head()
        assert (empty.size, empty.root, empty.at) == (0, merkle.EMPTY.hex(), clock.moment)
        assert empty.log
        put(store, "a", Opened(""), *(Noted(str(number)) for number in range(12)))
        head = store.head()
        assert (head.log, head.size) == (empty.log, 13)
        assert head.root == merkle.root([bytes.fromhex(one.hash) for one in store.log(-1, 99)]).hex()

    def test_proofs_hold(self, store: Store) -> None:
        put(store, "a", Opened(""), *(Noted(str(number)) for number in range(20)))
        leaves = [bytes.fromhex(one.hash) for one in store.log(-1, 99)]
        for size in (1, 2, 7, 16, 21):
            root = merkle.root(leaves[:size])
            for position in {0, size // 2, size - 1}:
                proof = store.inclusion(position, size)
                path = [bytes.fromhex(found) for found in proof.path]
                assert merkle.verify_inclusion(leaves[position], position, size, path, root)
            for first in {1, size // 2 or 1, size}:
                path = [bytes.fromhex(found) for found in store.consistency(first, size).path]
                assert merkle.verify_consistency(first, size, path, merkle.root(leaves[:first]), root)

    @pytest.mark.parametrize(("first", "second"), [(-1, 2), (2, 2), (0, 3), (5, 4), (1, 1 << 70)])
    def test_no_proof_of_what_is_not_there(self, store: Store, first: int, second: int) -> None:
        put(store, "a", Opened(""), Noted(""))
        with pytest.raises(UsageError):
            store.inclusion(first, second)
        with pytest.raises(UsageError):
            store.consistency(first, second + (first > 0))

    def test_signed_heads(self, store: Store) -> None:
        heads = [SignedHead(store.head(), "key", f"signature {number}") for number in range(3)]
        for head in heads:
            store.put_head(head)
        assert store.heads() == heads[::-1]
        assert store.heads(1) == heads[2:]
        stamped = replace(heads[1], stamp="stamp")
        store.put_head(stamped)
        assert store.heads() == [heads[2], stamped, heads[0]]


_CASES = st.sampled_from("abc")
_DRAFTS = st.lists(
    st.tuples(_CASES, st.sampled_from([ANN, BEN, KEY, SYSTEM]), st.builds(Opened, st.just("x")) | BODIES),
    min_size=1,
    max_size=4,
)
_EXAMPLES = count()


@given(st.lists(st.tuples(_DRAFTS, st.none() | st.integers(0, 4), st.booleans()), max_size=12))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_random_histories_are_as_the_obvious_store_has_them(
    real: Store, steps: list[tuple[list[tuple[str, Actor, Body]], int | None, bool]]
) -> None:
    """Entries, errors, cases and root; the log goes on from one example to the next, with cases of other names."""
    clock, run = SetClock(), next(_EXAMPLES)
    plain = MemoryCaseStore(clock)
    plain.entries = real.log(-1, 10**6)

    def told(store: CaseStore, drafts: list[Draft], expect: int | None) -> object:
        try:
            return store.append(drafts, expect)
        except SafelightError as error:
            return type(error)

    for step, expect, family in steps:
        drafts = [
            Draft(f"{run}{case}", actor, replace(body, family=f"{run}f" if family else None))
            if isinstance(body, Opened)
            else Draft(f"{run}{case}", actor, body)
            for case, actor, body in step
        ]
        assert told(real, drafts, expect) == told(plain, drafts, expect)
    assert [real.head().size, real.head().root] == [plain.head().size, plain.head().root]
    for case in "abc":
        name = f"{run}{case}"
        if any(one.event.case == name for one in plain.entries):
            assert real.case(name) == plain.case(name)
    assert real.cases(limit=10**6) == plain.cases(limit=10**6)
    assert real.waiting([], 10**6) == plain.waiting([], 10**6)
    assert real.waiting(["q", "default"], 5) == plain.waiting(["q", "default"], 5)


def test_names_rise_and_are_uuids_of_version_7(clock: SetClock) -> None:
    given_names = TimeIds(clock)
    names = [given_names.new() for _ in range(1000)]
    clock.moment -= timedelta(seconds=5)  # set back
    names += [given_names.new() for _ in range(3)]
    clock.moment += timedelta(days=1)
    names.append(given_names.new())
    assert names == sorted(set(names))
    for name in (names[0], names[-1]):
        assert (UUID(name).version, UUID(name).variant) == (7, "specified in RFC 4122")
        assert str(UUID(name)) == name
    assert UUID(names[-1]).int >> 80 == int(clock.moment.timestamp() * 1000)
