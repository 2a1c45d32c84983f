"""One suite over every adapter of `ports.FamilyStore`."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from safelight.adapter.store import open_families
from safelight.model.family import EdgeKind, Evidence, MemberKind, Relations, Sighting, family_id
from safelight.ports import FamilyStore
from tests.contract.memory_family_store import MemoryFamilyStore
from tests.databases import DATABASES, database
from tests.kin import edge, file, lead, relations

MOMENT = datetime(2026, 6, 1, 12, 30, 15, 250_000, tzinfo=UTC)
LATER = MOMENT + timedelta(days=3)


class Store(FamilyStore, Protocol):
    """The adapters can be closed."""

    def close(self) -> None: ...


@pytest.fixture(params=["memory", *DATABASES])
def store(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    if request.param == "memory":
        yield MemoryFamilyStore()
        return
    with database(request.param, tmp_path, "store") as target:
        opened: Store = open_families(target)
        module = "safelight.adapter.store.family_store"  # importable once Django is configured
        monkeypatch.setattr(f"{module}.BATCH", 3)  # so that small scans take several transactions
        monkeypatch.setattr(f"{module}._IN_LIST", 2)
        yield opened
        opened.close()


CHAIN = (
    relations(1, edge(1, "a/one"), edge(1, "a/two", chance=1e-3)),
    relations(2, edge(2, "a/two", EdgeKind.EXACT)),
    relations(3, edge(3, "b/three/of it.png", EdgeKind.DERIVATIVE), lead(3, "a/one")),
    relations(4, edge(4, "c/ü"), lead(4, "b/three/of it.png")),
    relations(5, lead(5, "a/two")),
)


def test_the_whole_component_is_found_from_any_of_its_items(store: Store) -> None:
    store.record(CHAIN, MOMENT)
    whole = {*CHAIN[0].edges, *CHAIN[1].edges}
    for start in (file(1), file(2), "a/one", "a/two"):
        found = store.component([start])
        assert set(found) == whole
        assert len(found) == len(whole)
    assert store.component([file(4)]) == [*CHAIN[3].edges]
    assert set(store.component([file(4), "a/one"])) == {*CHAIN[3].edges, *whole}


def test_what_is_not_kept_has_no_component(store: Store) -> None:
    store.record(CHAIN, MOMENT)
    assert store.component(["a/three", file(9), "", "b"]) == []
    assert store.component([]) == []


def test_leads_join_nothing_and_are_found_from_both_ends(store: Store) -> None:
    store.record(CHAIN, MOMENT)
    assert store.component([file(5)]) == []
    assert store.leads([file(5)]) == [*CHAIN[4].leads]
    assert set(store.leads(["a/one", "b/three/of it.png"])) == {*CHAIN[2].leads, *CHAIN[3].leads}
    assert store.leads([file(1)]) == []


def test_evidence_is_kept_to_the_last_digit(store: Store) -> None:
    evidence = Evidence(None, 182, 1.0000000000000002e-12, 0.1 + 0.2, 0.0, True, (1 / 3, 2.0, -0.0, 4e-300, 5.0, 6.1))
    made = replace(edge(1, "a/one", EdgeKind.DERIVATIVE), evidence=evidence)
    store.record([relations(1, made)], MOMENT)
    assert store.component([file(1)]) == [made]


def test_telling_it_again_changes_nothing_but_the_evidence(store: Store) -> None:
    for _ in range(2):
        store.record(CHAIN, MOMENT)
    assert len(store.component(["a/one"])) == 3
    newer = edge(1, "a/one", chance=0.5)
    another_kind = edge(1, "a/one", EdgeKind.DERIVATIVE)
    store.record([relations(1, newer, another_kind)], MOMENT)
    assert set(store.component([file(1)])) == {newer, another_kind, CHAIN[0].edges[1], *CHAIN[1].edges}
    stronger = lead(5, "a/two", inliers=70)
    store.record([relations(5, stronger)], MOMENT)
    assert store.leads([file(5)]) == [stronger]


def test_every_path_is_kept_once_with_its_newest_scan(store: Store) -> None:
    tie = edge(1, "a/one")
    for path, scan in (("/x", MOMENT), ("/y", MOMENT), ("/z", LATER), ("/x", LATER), ("/ü\u202e", MOMENT)):
        store.record([relations(1, tie, path=path)], scan)
    (member,) = store.members([file(1), "a/one", file(2)], 10).values()
    assert (member.kind, member.name, member.sha256, member.places) == (MemberKind.FILE, "/x", file(1), 4)
    assert member.sightings == (
        Sighting("/x", LATER),
        Sighting("/z", LATER),
        Sighting("/y", MOMENT),
        Sighting("/ü\u202e", MOMENT),
    )
    (cut,) = store.members([file(1)], 2).values()
    assert (cut.sightings, cut.places) == (member.sightings[:2], 4)
    (none,) = store.members([file(1)], 0).values()
    assert (none.sightings, none.name, none.places) == ((), "/x", 4)


def test_members_of_many_files(store: Store) -> None:
    store.record((relations(n, edge(n, "a/one")) for n in range(9)), MOMENT)
    found = store.members([file(n) for n in range(9)], 5)
    assert {name: member.name for name, member in found.items()} == {file(n): f"/files/{n}.jpg" for n in range(9)}


def test_a_family_is_found_by_its_id(store: Store) -> None:
    store.record(CHAIN, MOMENT)
    assert store.named(family_id("a/one")) == "a/one"
    assert store.named(family_id("a/none")) is None
    assert store.named(family_id(file(1))) is None


def test_forgotten_entries_take_with_them_what_hung_on_them_alone(store: Store) -> None:
    store.record(CHAIN, MOMENT)
    store.forget(["a/one", "a/none"])
    assert set(store.component([file(1)])) == {CHAIN[0].edges[1], *CHAIN[1].edges}
    assert store.leads(["a/one"]) == []
    store.forget(["a/two"])
    assert store.component([file(1), file(2)]) == []
    assert set(store.members([file(n) for n in range(1, 6)], 1)) == {file(3), file(4)}
    assert store.component([file(3)]) == [*CHAIN[2].edges]


def test_a_forgotten_file_is_gone_and_can_come_back(store: Store) -> None:
    store.record(CHAIN, MOMENT)
    store.forget([file(1)])
    assert store.component(["a/one"]) == []
    assert store.members([file(1)], 5) == {}
    assert store.component(["a/two"]) == [*CHAIN[1].edges]
    store.record(CHAIN, LATER)
    assert len(store.component(["a/one"])) == 3
    assert store.members([file(1)], 5)[file(1)].sightings == (Sighting("/files/1.jpg", LATER),)


def test_a_forgotten_bank_is_gone_with_all_its_entries(store: Store) -> None:
    store.record((relations(n, edge(n, f"a/{n}"), edge(n, f"b/{n % 2}")) for n in range(8)), MOMENT)
    store.record([relations(9, edge(9, "a/9"))], MOMENT)
    store.forget_bank("a")
    store.forget_bank("none")
    assert {found.parent for found in store.component([file(n) for n in range(8)])} == {"b/0", "b/1"}
    assert store.component([file(9), *(f"a/{n}" for n in range(8))]) == []
    assert set(store.members([file(n) for n in range(10)], 1)) == {file(n) for n in range(8)}


ENTRIES = ("a/1", "a/2", "b/1", "c/1")
EDGES = st.lists(st.tuples(st.sampled_from(ENTRIES), st.sampled_from(EdgeKind)), max_size=3)
LEADS = st.lists(st.sampled_from(ENTRIES), max_size=2)


@st.composite
def told(draw: st.DrawFn) -> Relations:
    """What one row says; sometimes a lead alone, and always something."""
    number = draw(st.integers(0, 5))
    edges = [edge(number, entry, kind) for entry, kind in draw(EDGES)]
    leads = [lead(number, entry, draw(st.integers(10, 12))) for entry in draw(LEADS)]
    return relations(number, *edges, *(leads or ([] if edges else [lead(number, "a/1")])))


STEP = st.one_of(
    st.tuples(st.just("record"), st.lists(told(), max_size=5)),
    st.tuples(st.just("forget"), st.lists(st.sampled_from([*ENTRIES, file(0), file(1)]), max_size=2)),
    st.tuples(st.just("forget bank"), st.sampled_from("abc")),
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEP, max_size=8))
def test_equals_the_obvious_version(store: Store, steps: list[tuple[str, list[Relations] | list[str] | str]]) -> None:
    for bank in ("a", "b", "c"):
        store.forget_bank(bank)
    plain = MemoryFamilyStore()
    for what, value in steps:
        for one in (store, plain):
            match what, value:
                case "record", list(batch):
                    one.record(batch, MOMENT)  # type: ignore[arg-type]  # a list of relations, by the strategy
                case "forget", list(items):
                    one.forget(items)  # type: ignore[arg-type]  # a list of texts, by the strategy
                case _, str(bank):
                    one.forget_bank(bank)
    items = [*ENTRIES, *map(file, range(6))]
    for item in items:
        assert sorted(store.component([item]), key=repr) == sorted(plain.component([item]), key=repr)
        assert sorted(store.leads([item]), key=repr) == sorted(plain.leads([item]), key=repr)
    assert store.members(items, 3) == plain.members(items, 3)
