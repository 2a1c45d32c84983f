"""The live store: every change to the log, to what is made from it, and to media is found and named."""

import sqlite3
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from safelight.case.chain import entry_bytes, leaf_hash
from safelight.case.fold import absorbed
from safelight.flow.audit import sign_head, verify_store
from safelight.model.access import SYSTEM
from safelight.model.case import (
    AppealOpened,
    CaseState,
    Finding,
    Grave,
    HoldPlaced,
    Merged,
    Noted,
    Proposed,
    ReportConfirmed,
    ReportFailed,
    Verdict,
)
from safelight.model.filing import Body as Taker
from tests.case.histories import ANN, CONFIRMED
from tests.flow.audit_place import Place, destroy, make_place, where


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return make_place(tmp_path)


def test_the_store_is_whole(place: Place) -> None:
    report = place.check_store()
    assert (report.flaws, report.intact) == ((), False), "no head was signed"
    sign_head(place.store, place.exporter.signer)
    destroy(place, "i2")
    report = place.check_store()
    assert report.flaws == ()
    assert report.intact
    assert (report.cases, report.items, report.blobs, report.heads) == (2, 3, 1, 1)
    assert place.store.case("a").finding == CONFIRMED
    assert place.store.case("a").state is CaseState.DECIDED
    assert "media was not read" in place.check_store(media=False).notes


def test_a_flipped_byte_in_the_log_is_named(place: Place) -> None:
    entry = place.store.events("a")[3]
    changed = entry.entry.replace(b"to decide", b"to deride")
    place.sql(f"UPDATE casework_event SET entry = x'{changed.hex()}' WHERE position = {entry.position}")
    assert f"entry {entry.position}" in where(place.check_store())


def test_every_flipped_byte_of_an_entry_in_the_store_is_named(place: Place) -> None:
    entry = place.store.events("a")[3]
    place.sql()
    for at in range(0, len(entry.entry), 9):
        changed = bytearray(entry.entry)
        changed[at] ^= 0x10
        place.sql(f"UPDATE casework_event SET entry = x'{changed.hex()}' WHERE position = {entry.position}")
        assert f"entry {entry.position}" in where(place.check_store(media=False)), at


def test_a_log_that_was_written_anew_does_not_fit_its_signed_head(place: Place) -> None:
    """Whoever owns the database can make all hashes fit again; what was signed before still tells."""
    sign_head(place.store, place.exporter.signer)
    last = place.store.events("b")[-1]
    forged = entry_bytes(replace(last.event, actor=ANN))
    place.sql(
        f"UPDATE casework_event SET entry = x'{forged.hex()}', hash = x'{leaf_hash(forged)}' "
        f"WHERE position = {last.position}"
    )
    place.store.rebuild()  # type: ignore[attr-defined]  # the store of this test has it
    report = place.check_store(media=False)
    size = place.store.head().size
    assert f"head of {size} entries" in where(report)
    assert any("not allowed" in flaw.what for flaw in report.flaws), "nor may she decide by policy"


def test_an_end_that_was_cut_off_does_not_fit_a_signed_head(place: Place) -> None:
    signed = sign_head(place.store, place.exporter.signer)
    place.sql(f"DELETE FROM casework_event WHERE position = {signed.head.size - 1}")
    place.store.rebuild()  # type: ignore[attr-defined]  # as above
    report = place.check_store(media=False)
    assert {f"head of {signed.head.size} entries"} == where(report)
    assert "cut off" in report.flaws[0].what


def test_what_no_head_covers_is_told(place: Place) -> None:
    size = place.store.head().size
    assert f"entries after the last signed head: {size}" in place.check_store(media=False).notes
    sign_head(place.store, place.exporter.signer)
    assert not any("after the last" in note for note in place.check_store(media=False).notes)
    place.add("a", ANN, Noted("later"))
    assert "entries after the last signed head: 1" in place.check_store(media=False).notes


def test_without_its_signed_heads_the_log_is_held_against_the_one_that_was_kept_apart(place: Place) -> None:
    head = sign_head(place.store, place.exporter.signer).head
    for last in (replace(head, size=head.size + 1), replace(head, root="00" * 32), replace(head, log="another")):
        report = verify_store(place.store, None, last=last)
        assert where(report) == {f"head of {last.size} entries, the last that was signed here"}
    assert verify_store(place.store, None, last=head).flaws == ()


def test_a_damaged_blob_is_named(place: Place) -> None:
    sealed = [file for file in (place.home / "blobs").rglob("*") if file.is_file()]
    assert len(sealed) == 2
    for file in sealed:
        data = bytearray(file.read_bytes())
        for at in (0, len(data) // 2, len(data) - 1):
            changed = data.copy()
            changed[at] ^= 1
            file.write_bytes(changed)
            found = where(place.check_store())
            assert len(found) == 1, at
            assert next(iter(found)).startswith("media ")
        file.write_bytes(data)
    assert not place.check_store().flaws
    sealed[0].unlink()
    assert len(where(place.check_store())) == 1


def test_a_case_that_is_not_what_its_events_say_is_named(place: Place) -> None:
    place.sql("UPDATE casework_case SET \"case\" = replace(\"case\", 'confirmed', 'not_abuse') WHERE id = 'a'")
    assert where(place.check_store()) == {"case a"}


def test_a_merge_that_lost_what_protects_the_items_is_named(place: Place) -> None:
    place.add("a", ANN, HoldPlaced("h1", "order"))
    moving = absorbed(place.store.case("a"))
    place.add("a", SYSTEM, Merged("b"))
    assert where(place.check_store()) == {"case a"}
    place.add("b", SYSTEM, replace(moving, holds=()))
    assert where(place.check_store()) == {"case a"}


@pytest.mark.parametrize("unsaid", [(), ("finding",), ("finding", "undone"), ("finding", "undone", "verdict")])
def test_a_merge_with_all_that_goes_along_is_sound(place: Place, unsaid: tuple[str, ...]) -> None:
    """Also one by a version that did not say what had been found, or what was undone."""
    place.add("a", ANN, HoldPlaced("h1", "order"))
    place.add("a", ANN, AppealOpened("p1", "mine"))
    place.add("a", ANN, Proposed(Grave.OVERTURN, "look", Finding(Verdict.NOT_ABUSE)))
    moving = absorbed(place.store.case("a"))
    assert (moving.verdict, moving.undone) == (Verdict.CONFIRMED, (Verdict.NOT_ABUSE,))
    place.add("a", SYSTEM, Merged("b"))
    without: dict[str, Any] = {name: () if name == "undone" else None for name in unsaid}
    place.add("b", SYSTEM, replace(moving, **without))
    report = place.check_store()
    assert report.flaws == ()
    assert [hold.id for hold in place.store.case("b").holds] == ["h1"]


def test_what_ends_after_a_merge_is_no_flaw_of_it(place: Place) -> None:
    """A report that was on its way may be told of in either case."""
    item = place.store.case("a").items[0].id
    place.add("a", ANN, ReportConfirmed("f1", Taker.NCMEC, (item,), "agreed", production=False))
    moving = absorbed(place.store.case("a"))
    place.add("a", SYSTEM, Merged("b"))
    place.add("b", SYSTEM, moving)
    place.add("a", SYSTEM, ReportFailed("f1", Taker.NCMEC, "stopped"))
    assert place.check_store().flaws == ()


CELLS = [
    ("casework_event", "position", "hash"),
    ("casework_event", "position", "entry"),
    ("casework_event", "position", "case"),
    ("casework_event", "position", "kind"),
    ("casework_node", "id", "hash"),
    ("casework_case", "id", "case"),
    ("casework_case", "id", "state"),
    ("casework_case", "id", "head"),
    ("casework_logstate", "id", "peaks"),
    ("casework_logstate", "id", "log"),
    ("casework_head", "id", "head"),
]


def test_flips_anywhere_in_the_tables_of_the_log_are_found(place: Place) -> None:
    """And none of them ends the check."""
    sign_head(place.store, place.exporter.signer)
    place.sql()
    database = sqlite3.connect(place.home / "store.sqlite3", isolation_level=None)
    unseen = []
    for table, name, column in CELLS:
        rows = database.execute(f'SELECT {name}, "{column}" FROM {table} ORDER BY {name}').fetchall()
        assert rows, table
        for key, value in rows[::3]:
            data = value if isinstance(value, bytes) else value.encode()
            for at in {0, len(data) // 2, len(data) - 1}:
                changed = data[:at] + bytes((data[at] ^ 1,)) + data[at + 1 :]
                new = changed if isinstance(value, bytes) else changed.decode()
                database.execute(f'UPDATE {table} SET "{column}" = ? WHERE {name} = ?', (new, key))
                if not place.check_store(media=False).flaws:
                    unseen.append((table, key, column, at, data))
                database.execute(f'UPDATE {table} SET "{column}" = ? WHERE {name} = ?', (value, key))
    database.close()
    assert unseen == []
    assert place.check_store().intact
