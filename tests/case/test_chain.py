"""Entries have one form, and a chain shows what was changed in it."""

import json
from dataclasses import MISSING, fields, replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.case.chain import chain_flaws, entry_bytes, leaf_hash, read_entry
from safelight.case.fold import fold
from safelight.case.heads import head_bytes
from safelight.model.access import Actor, ActorKind
from safelight.model.audit import NO_HASH, LoggedEvent, TreeHead
from safelight.model.case import (
    KINDS,
    NAMES,
    CaseEvent,
    CaseState,
    Finding,
    Hidden,
    HoldPlaced,
    Noted,
    Opened,
    ServiceEvent,
    Verdict,
)
from tests.case.histories import ANN, BODIES, START, STEPS, Log, added, allowed_of

GOLDEN = Path(__file__).parents[1] / "golden" / "log"
ACTORS = st.builds(Actor, st.sampled_from(ActorKind), st.text(max_size=3))
EVENTS = st.builds(
    CaseEvent,
    st.text(max_size=5),
    st.integers(0, 1 << 40),
    st.datetimes(timezones=st.just(UTC)),
    ACTORS,
    BODIES,
    st.just(NO_HASH),
    st.text(max_size=5),
)


def test_the_bytes_of_an_entry() -> None:
    """Golden: a change here makes every log unreadable."""
    event = CaseEvent("c1", 0, START, ANN, Opened("gate", 2, family="f1"), NO_HASH, "safelight 1")
    assert entry_bytes(event) == (
        b'{"actor":{"id":"1","kind":"user"},"at":"2026-01-01T00:00:00.000000Z","body":{"family":"f1","priority":2,'
        b'"queue":"default","reason":"gate"},"case":"c1","kind":"case.opened","prev":"' + b"0" * 64 + b'","schema":1,'
        b'"seq":0,"tool":"safelight 1"}'
    )
    assert leaf_hash(b"") == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"


@given(EVENTS)
def test_entries_are_read_back(event: CaseEvent) -> None:
    entry = entry_bytes(event)
    found = read_entry(entry)
    assert entry_bytes(found) == entry
    assert b"\n" not in entry
    assert (found.case, found.seq, found.at, found.actor) == (event.case, event.seq, event.at, event.actor)
    parsed = json.loads(entry)
    assert list(parsed) == sorted(parsed)
    assert KINDS[parsed["kind"]] is type(found.body)


def test_every_kind_of_event_has_one_name() -> None:
    assert len(NAMES) == len(KINDS)


def test_zones_and_numbers_are_written_in_one_way() -> None:
    there = datetime(2026, 1, 1, 2, tzinfo=timezone(timedelta(hours=2)))
    one = CaseEvent("c", 0, there, ANN, Hidden("i", 3), NO_HASH)
    assert entry_bytes(one) == entry_bytes(replace(one, at=START, body=Hidden("i", 3.0)))


@pytest.mark.parametrize(
    "event",
    [
        CaseEvent("c", 0, datetime(2026, 1, 1), ANN, Noted("x"), NO_HASH),  # noqa: DTZ001 - that is what is refused
        CaseEvent("c", 0, START, ANN, Noted("\ud800"), NO_HASH),
        CaseEvent("c", 0, START, ANN, Hidden("i", float("nan")), NO_HASH),
        CaseEvent("c", 0, START, ANN, Noted(3), NO_HASH),  # type: ignore[arg-type]  # as above
    ],
)
def test_what_could_not_be_read_back_is_not_written(event: CaseEvent) -> None:
    with pytest.raises(ValueError):
        entry_bytes(event)


def test_what_is_not_written_so_is_not_read() -> None:
    entry = entry_bytes(CaseEvent("c", 0, START, ANN, ServiceEvent("key.made", {"a": "b"}), NO_HASH))
    assert read_entry(entry).seq == 0
    for old, new in (
        (b'{"actor"', b'{ "actor"'),
        (b'"seq":0', b'"seq":0.0'),
        (b'"seq":0', b'"seq":0,"seq":0'),
        (b'"schema":1', b'"schema":2'),
        (b"service.event", b"service.other"),
        (b"000000Z", b"000Z"),
        (b"000000Z", b"000000+00:00"),
        (b'"a":"b"', b'"\\u0061":"b"'),
        (b'"kind":"user"', b'"kind":"robot"'),
        (b'"tool":""', b'"tool":"","x":1'),
        (b'"tool":"",', b""),
    ):
        if old in entry:
            with pytest.raises(ValueError):
                read_entry(entry.replace(old, new, 1))
    for junk in (b"", b"[]", b"[" * 100_000, b"\xff", entry + b"\n", entry[:-1]):
        with pytest.raises(ValueError):
            read_entry(junk)


@given(STEPS)
def test_a_chain_that_nobody_touched_is_whole(steps: list[tuple[Actor, object, int]]) -> None:
    log = allowed_of(steps)  # type: ignore[arg-type]  # what STEPS gives
    assert chain_flaws("a", log.entries) == []


@pytest.fixture
def chain() -> list[LoggedEvent]:
    log = Log()
    for body in (Opened("x"), added("i1"), Noted("one"), HoldPlaced("h", "order"), Noted("two")):
        log.add("a", ANN, body)
    return log.entries


def test_every_flipped_bit_of_a_chain_is_named(chain: list[LoggedEvent]) -> None:
    for number, logged in enumerate(chain):
        for at in range(len(logged.entry)):
            entry = bytearray(logged.entry)
            entry[at] ^= 1 << at % 8
            flipped = [*chain[:number], replace(logged, entry=bytes(entry)), *chain[number + 1 :]]
            assert any(flaw.where == f"entry {number}" for flaw in chain_flaws("a", flipped)), (number, at)


def test_what_is_taken_out_put_in_or_moved_is_named(chain: list[LoggedEvent]) -> None:
    def where(events: list[LoggedEvent]) -> set[str]:
        return {flaw.where for flaw in chain_flaws("a", events)}

    assert where([*chain[:2], *chain[3:]]) == {"entry 3"}
    assert where(chain[1:]) == {"entry 1"}
    assert "entry 3" in where([*chain[:2], chain[3], chain[2], chain[4]])
    assert "entry 2" in where([*chain[:3], *chain[2:]])
    forged = replace(chain[2].event, body=Noted("another"))
    entry = entry_bytes(forged)
    assert where([*chain[:2], LoggedEvent(2, leaf_hash(entry), entry, forged), *chain[3:]]) == {"entry 3"}
    assert where([replace(chain[0], event=replace(chain[0].event, seq=5)), *chain[1:]]) == {"entry 0"}
    assert {flaw.what for flaw in chain_flaws("b", chain[:1])} == {"is of case 'a', not of 'b'"}


def test_heads_have_bytes_of_their_own() -> None:
    head = TreeHead("log", 3, "ab", START)
    assert head_bytes(head) == (
        b'safelight-tree-head-v1\x00{"at":"2026-01-01T00:00:00.000000Z","log":"log","root":"ab","size":3}'
    )
    for other in (replace(head, log="o"), replace(head, size=4), replace(head, root="ac")):
        assert head_bytes(other) != head_bytes(head)
    with pytest.raises(ValueError, match="zone"):
        head_bytes(replace(head, at=START.replace(tzinfo=None)))


@pytest.mark.parametrize("version", sorted(path.name for path in GOLDEN.iterdir()))
def test_logs_that_earlier_versions_wrote_are_read(version: str) -> None:
    """Two cases with known bytes, of which one became part of the other; later versions say more in such entries."""
    lines = (GOLDEN / version).read_bytes().splitlines()
    log = [LoggedEvent(at, leaf_hash(line), line, read_entry(line)) for at, line in enumerate(lines)]
    cases = {name: [one for one in log if one.event.case == name] for name in "ab"}
    assert [chain_flaws(name, events) for name, events in cases.items()] == [[], []]
    case, other = (fold(events) for events in cases.values())
    assert (case.state, case.finding, other.state) == (CaseState.DECIDED, Finding(Verdict.CONFIRMED), CaseState.MERGED)
    assert [item.from_account for item in case.items] == [None, None]
    assert entry_bytes(log[-1].event) != lines[-1]


@given(EVENTS, st.data())
def test_an_entry_that_lacks_a_field_says_what_the_field_has_without_it(event: CaseEvent, data: st.DataObject) -> None:
    wrote = json.loads(entry_bytes(event))
    lacks = data.draw(st.sets(st.sampled_from(sorted(wrote["body"]) or [""])))
    wrote["body"] = {name: value for name, value in wrote["body"].items() if name not in lacks}
    entry = json.dumps(wrote, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    needed = {one.name for one in fields(event.body) if one.default is MISSING and one.default_factory is MISSING}
    if needed & lacks:
        with pytest.raises(ValueError):
            read_entry(entry)
        return
    absent = [one for one in fields(event.body) if one.name in lacks]
    defaults = {one.name: one.default if one.default_factory is MISSING else one.default_factory() for one in absent}
    read = read_entry(entry)
    assert read == replace(event, body=replace(event.body, **defaults))  # type: ignore[arg-type]  # of any class
    for wrong in (entry.replace(b'":', b'": ', 1), entry.replace(b'"body":{', b'"body":{"!":0,', 1)):
        with pytest.raises(ValueError):
            read_entry(wrong)
