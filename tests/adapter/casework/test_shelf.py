"""Cases that are kept in memory are never anything else than the log says, whoever writes, and whatever is undone."""

import random
from collections.abc import Callable
from contextlib import nullcontext, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from safelight.adapter.casework import open_casework, shelf
from safelight.adapter.casework.models import CaseRow, Event
from safelight.case.fold import fold
from safelight.model.access import SYSTEM
from safelight.model.case import (
    SERVICE_CASE,
    AppealOpened,
    Approved,
    Body,
    CaseState,
    Decided,
    Draft,
    Grave,
    ItemDestroyed,
    Noted,
    Opened,
    Proposal,
    Proposed,
    Revealed,
    ServiceEvent,
)
from safelight.model.codec import to_json
from safelight.model.errors import StorageError, TransitionError
from tests.adapter.casework.prompt import run
from tests.case.histories import ANN, BEN, CONFIRMED, added, digest
from tests.case.histories import BENIGN as NO
from tests.contract.memory_bank_store import SetClock
from tests.databases import DATABASES, database


@pytest.mark.parametrize("kind", DATABASES)
def test_two_that_write_in_turn_and_sometimes_undo(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shelf, "RECENT", 2)  # of three cases
    dice = random.Random(7)
    with database(kind, tmp_path, "casework") as target:
        stores = [open_casework(target, SetClock()) for _ in range(2)]
        for case in "abc":
            stores[0].append([Draft(case, SYSTEM, Opened(""))])
        for number in range(50):
            store, case = dice.choice(stores), dice.choice("abc")
            body: Body = added(f"i{number}") if dice.random() < 0.7 else Noted(f"n{number}")
            with suppress(InterruptedError), store.transaction():
                store.append([Draft(case, SYSTEM, body)])
                if dice.random() < 0.3:
                    raise InterruptedError
            for one in stores:
                assert one.case(case) == fold(one.events(case))
        assert stores[0].cases() == [fold(stores[0].events(case)) for case in "abc"]
        assert stores[0].projection_flaws() == []
        stores[0].close()


def test_an_item_that_is_destroyed_is_so_for_everybody(tmp_path: Path) -> None:
    one, other = (open_casework(tmp_path, SetClock()) for _ in range(2))
    bodies: list[Body] = [
        Opened(""),
        *(added(f"i{number}") for number in range(4)),
        Proposed(Grave.DESTROY, "over", item="i2"),
    ]
    one.append([Draft("a", SYSTEM if index < 5 else ANN, body) for index, body in enumerate(bodies)])
    assert [item.destroyed for item in other.case("a").items] == [False] * 4
    other.append([Draft("a", BEN, Approved(5)), Draft("a", SYSTEM, ItemDestroyed("i2", digest("i2"), "key", "over"))])
    for store in (one, other, open_casework(tmp_path, SetClock())):
        assert [item.destroyed for item in store.case("a").items] == [False, False, True, False]
    assert one.projection_flaws() == []
    one.close()


def test_one_more_of_many_items_reads_and_writes_one(tmp_path: Path) -> None:
    store = open_casework(tmp_path, SetClock())
    store.append([Draft("a", SYSTEM, Opened(""))])
    store.append([Draft("a", SYSTEM, added(f"i{number}")) for number in range(300)])
    with CaptureQueriesContext(connections[store.place]) as caught:
        store.append([Draft("a", SYSTEM, added("new"))])
        store.append([Draft("a", ANN, Revealed("new", "to decide"))])
    asked = "\n".join(query["sql"] for query in caught)
    assert not any(query["sql"].startswith("SELECT") and "casework_case_item" in query["sql"] for query in caught)
    assert len(asked) < 12_000
    store.close()


@pytest.mark.parametrize("kind", DATABASES)
@pytest.mark.parametrize("warm", [False, True])
def test_a_row_that_somebody_edits_changes_no_case(kind: str, warm: bool, tmp_path: Path) -> None:
    """Neither what is read, nor what may happen next; also where the row is set back to what a case once was."""
    with database(kind, tmp_path, "casework") as target:
        store = open_casework(target, SetClock())
        store.append([Draft("a", SYSTEM, Opened("", family="f")), Draft("a", SYSTEM, added("i1"))])
        store.append([Draft("a", ANN, Decided(CONFIRMED))])
        row = CaseRow.objects.using(store.place).filter(id="a")
        earlier = row.values().get()
        kept = open_casework(target, SetClock())
        if warm:
            assert kept.case("a").finding == CONFIRMED
        store.append([Draft("a", ANN, AppealOpened("p1", "mine")), Draft("a", ANN, Proposed(Grave.OVERTURN, "", NO))])
        store.append([Draft("a", BEN, Approved(4))])
        seen = store.case("a")
        assert seen.finding == NO
        row.update(**earlier)
        agreed = replace(seen, approved=(Proposal(4, ANN, seen.updated, Proposed(Grave.DESTROY, "x", item="i1")),))
        for change in ({}, {"case": to_json(replace(agreed, items=())).decode(), "length": 6, "head": seen.head}):
            row.update(**change)
            for reader in (kept, open_casework(target, SetClock())):
                assert reader.case("a") == seen
                assert reader.case_of_family("f") == seen
                with pytest.raises(TransitionError, match="two people"):
                    reader.append([Draft("a", SYSTEM, ItemDestroyed("i1", digest("i1"), "key", "over"))])
        assert store.projection_flaws() != []
        kept.append([Draft("a", SYSTEM, Noted("and it goes on"))])
        assert store.projection_flaws() == []
        row.update(state=CaseState.MERGED)
        assert store.case_of_family("f") is None, "it is found by its row"
        row.update(state=CaseState.DECIDED, family="other")
        assert store.case_of_family("other") is None, "and has its family by the log"
        store.close()


def test_an_entry_that_somebody_edits_is_believed_by_nobody(tmp_path: Path) -> None:
    """Neither for a case, nor where entries are read alone, as what a look-up found, also when the case is known."""
    store = open_casework(tmp_path, SetClock())
    store.append([Draft("a", SYSTEM, Opened("")), Draft("a", SYSTEM, Noted("first")), Draft("a", SYSTEM, Noted("2nd"))])
    entry = store.events("a")[1].entry
    changed = entry.replace(b"first", b"other").hex()
    run(store, f"UPDATE casework_event SET entry = x'{changed}' WHERE position = 1", unguarded=True)
    assert store.case("a").length == 3, "it was read before"
    reads: list[Callable[[], object]] = [
        partial(store.events, "a"),
        partial(store.of_cases, ["a"], [Noted]),
        partial(store.log, -1, 10),
        partial(open_casework(tmp_path, SetClock()).case, "a"),
    ]
    for read in reads:
        with pytest.raises(StorageError, match="entry 1 of the log: its hash is"):
            read()
    assert [flaw.where for flaw in store.projection_flaws()] == ["entry 1"]
    store.close()


def test_an_entry_that_somebody_moves_to_another_case_is_read_in_neither(tmp_path: Path) -> None:
    store = open_casework(tmp_path, SetClock())
    for case in "ab":
        store.append([Draft(case, SYSTEM, Opened("")), Draft(case, SYSTEM, Noted(f"of {case}"))])
    run(store, """UPDATE casework_event SET "case" = 'c' WHERE position = 1""", unguarded=True)
    run(store, """UPDATE casework_event SET "case" = 'a' WHERE position = 3""", unguarded=True)
    for case in "abc":
        with pytest.raises(StorageError, match="found as another") if case != "b" else nullcontext():
            assert len(store.events(case)) == 1
    assert {flaw.where for flaw in store.projection_flaws()} >= {"entry 1", "entry 3"}
    store.close()


@pytest.mark.parametrize("kind", DATABASES)
def test_the_row_of_the_service_says_nothing_of_any_case(kind: str, tmp_path: Path) -> None:
    """Neither of its own, which goes on where its entries end, nor of another one that is written there."""
    with database(kind, tmp_path, "casework") as target:
        store = open_casework(target, SetClock())
        store.append([Draft("a", SYSTEM, Opened("")), Draft("a", SYSTEM, added("i1"))])
        store.append([Draft(SERVICE_CASE, SYSTEM, ServiceEvent("x.y"))] * 2)
        seen, row = store.case("a"), CaseRow.objects.using(store.place).filter(id=SERVICE_CASE)
        own, before = store.case(SERVICE_CASE), row.values().get()
        asked = Proposal(1, ANN, seen.updated, Proposed(Grave.DESTROY, "x", item="i1"))
        for written in (
            replace(seen, approved=(asked,)),
            *(replace(own, length=length) for length in (0, 1, 9)),
            replace(own, head="f" * 64),
        ):
            row.update(case=to_json(replace(written, items=())).decode(), items=len(written.items))
            reader = open_casework(target, SetClock())
            assert reader.case(SERVICE_CASE) == own
            assert reader.case("a") == seen
            with pytest.raises(TransitionError, match="two people"):
                reader.append([Draft("a", SYSTEM, ItemDestroyed("i1", digest("i1"), "key", "over"))])
        row.update(**before)
        reader.append([Draft(SERVICE_CASE, SYSTEM, ServiceEvent("x.z"))])
        assert store.projection_flaws() == []
        row.delete()
        assert open_casework(target, SetClock()).case(SERVICE_CASE).length == 3
        reader.append([Draft(SERVICE_CASE, SYSTEM, ServiceEvent("it has its row again"))])
        assert store.projection_flaws() == []
        store.close()


def test_a_case_without_its_row_goes_on_and_has_one_again(tmp_path: Path) -> None:
    store = open_casework(tmp_path, SetClock())
    store.append([Draft("a", SYSTEM, Opened("")), Draft("a", SYSTEM, added("i1"))])
    CaseRow.objects.using(store.place).all().delete()
    assert store.projection_flaws() != []
    store.append([Draft("a", SYSTEM, Noted("and it goes on"))])
    assert store.projection_flaws() == []
    store.close()


def test_what_cannot_be_read_of_one_case_keeps_no_other_from_lists(tmp_path: Path) -> None:
    store = open_casework(tmp_path, SetClock())
    for case in "ab":
        store.append([Draft(case, SYSTEM, Opened(""))])
    Event(position=99, case="a", seq=1, kind="case.noted", entry=b"{}", hash=bytes(32)).save(using=store.place)
    CaseRow.objects.using(store.place).filter(id="a").update(length=2)
    assert [case.id for case in store.cases()] == ["a", "b"]
    with pytest.raises(StorageError, match="entry 99"):
        store.case("a")
    store.close()


def test_a_case_of_which_nothing_is_in_memory_is_read_before_others_have_to_wait(tmp_path: Path) -> None:
    store = open_casework(tmp_path, SetClock())
    store.append([Draft("a", SYSTEM, Opened("")), *(Draft("a", SYSTEM, added(f"i{number}")) for number in range(50))])
    cold = open_casework(tmp_path, SetClock())
    with CaptureQueriesContext(connections[store.place]) as caught:
        cold.append([Draft("a", SYSTEM, Noted("new"))])
    asked = [query["sql"] for query in caught]
    whole = next(at for at, sql in enumerate(asked) if "IN ('a')" in sql)
    assert whole < next(at for at, sql in enumerate(asked) if sql.startswith("BEGIN"))
    assert sum("casework_event" in sql and sql.startswith("SELECT") for sql in asked) == 2, "then what came since"
    store.close()
