import gc
import json
from collections import deque
from collections.abc import Iterator
from pathlib import Path

import pytest

from safelight.adapter.outputs import FileOutputs, families
from safelight.adapter.outputs.families import FamilyGathering
from safelight.flow.family import FamilyLabels, with_families
from safelight.model.family import EdgeKind, family_id
from safelight.model.scan import ScanRow
from safelight.report.family_section import PLACES
from tests.report.kindred import FERRY, KINDRED, STARTED, altered, close, found, labelled, same, scene
from tests.report.kindred import families as gathered
from tests.report.samples import row, summary

ROWS = labelled(KINDRED)


def test_rows_pass_by_unchanged() -> None:
    gathering = FamilyGathering()
    assert list(gathering.counted(iter(ROWS))) == ROWS
    assert list(gathering.gathered(iter(ROWS))) == ROWS


def test_families_come_by_size_with_all_their_members() -> None:
    kettle, ferry, rose = gathered(ROWS)
    assert (kettle.id, ferry.id) == (family_id("partner-list/kettle.png"), family_id(FERRY))
    assert [group.size for group in (kettle, ferry, rose)] == [30, 8, 2]
    assert ferry.rows == {EdgeKind.EXACT: 3, EdgeKind.DERIVATIVE: 3, EdgeKind.NEAR: 2}
    (part,) = ferry.parts
    assert part.id == ferry.id
    listed = {member.name for member in part.members}
    assert listed == {row.matches[0].bank + "/" + row.matches[0].entry for row in ROWS[:1]} | {
        "partner-list/ferry, cropped.png",
        "partner-list/tower.png",
        *(row.path for row in (ROWS[0], *ROWS[3:8])),
    }
    (copied,) = (member for member in part.members if member.name == ROWS[0].path)
    assert copied.places == 3
    assert {seen.scan for seen in copied.sightings} == {STARTED}
    assert [lead.entry for lead in part.leads] == [FERRY]
    assert [member.name for member in part.beside] == [ROWS[8].path]


def test_families_of_one_row_are_not_listed() -> None:
    assert gathered(labelled([found(1, "a", close(FERRY, 3)), found(2, "b", same("partner-list/x"))])) == []
    assert gathered([row(number) for number in range(50)]) == []


def test_no_more_is_held_than_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(families, "MAX_FAMILIES", 2)
    monkeypatch.setattr(families, "MAX_FILES", 3)
    monkeypatch.setattr(families, "MAX_LEADS", 4)
    rows = [
        *(found(n, f"{n}", close(f"known/{n % 4}", 3), *(scene("known/0", 9) for _ in range(2))) for n in range(40)),
        *(found(1, f"copy {n} of 1", close("known/1", 3)) for n in range(20)),
    ]
    first, second = gathered(labelled(rows))
    assert (first.id, first.size, first.left) == (family_id("known/1"), 30, 7)
    assert (second.size, second.left) == (10, 7)
    (copied,) = (member for member in first.parts[0].members if member.name == rows[1].path)
    assert (copied.places, len(copied.sightings)) == (21, PLACES + 1)
    assert sum(len(part.leads) for group in (first, second) for part in group.parts) <= 4


def test_a_family_cut_in_two_is_shown_in_two_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(families, "MAX_FILES", 2)
    rows = labelled(
        [
            found(1, "1", altered("known/a", 0.1, 50)),
            found(2, "2", altered("known/b", 0.1, 50)),
            found(3, "collage", altered("known/a", 0.5, 30), altered("known/b", 0.5, 30)),
        ]
    )
    (group,) = gathered(rows)
    assert [part.id for part in group.parts] == [family_id("known/a"), family_id("known/b")]
    assert (group.id, group.size, group.left) == (family_id("known/a"), 3, 1)


def test_rows_are_not_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(families, "MAX_FILES", 20)
    most = 0

    def rows() -> Iterator[ScanRow]:
        nonlocal most
        for number in range(3000):
            yield found(number, f"of-many-{number}", close("known/a", number % 31))
            if number % 1000 == 999:
                gc.collect()  # what is in cycles is held by nobody
                alive = sum(type(value) is ScanRow and "of-many-" in value.path for value in gc.get_objects())
                most = max(most, alive)

    labels = FamilyLabels(rows())
    gathering = FamilyGathering()
    deque(gathering.counted(with_families(rows(), labels)), maxlen=0)
    deque(gathering.gathered(with_families(rows(), labels)), maxlen=0)
    (group,) = gathering.shown(STARTED)
    assert (group.size, group.left, len(group.parts[0].members)) == (3000, 2980, 21)
    assert most < 10


def test_the_files_tell_the_same_families(tmp_path: Path) -> None:
    FileOutputs(tmp_path).write(lambda: iter(ROWS), summary(ROWS))
    lines = [json.loads(line) for line in (tmp_path / "results.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [line["family"] for line in lines] == [row.family for row in ROWS]
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    for group in gathered(ROWS):
        assert f'id="family-{group.id}"' in page
