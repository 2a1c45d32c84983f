"""Cases that are kept in memory are never anything else than the log says, whoever writes, and whatever is undone."""

import random
from contextlib import suppress
from pathlib import Path

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from safelight.adapter.casework import open_casework, shelf
from safelight.case.fold import fold
from safelight.model.access import SYSTEM
from safelight.model.case import Approved, Body, Draft, Grave, ItemDestroyed, Noted, Opened, Proposed, Revealed
from tests.case.histories import ANN, BEN, added, digest
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
