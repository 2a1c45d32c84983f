"""Rows of results: which figure has which bar."""

import dataclasses
import re

from safelight.bench.common import Row
from safelight.bench.derivative import figures
from safelight.bench.derivative.edits import EDITS, UNREPLACED_EDITS
from safelight.bench.derivative.growth import AtSize
from safelight.bench.derivative.queries import SAME_SCENE, UNRELATED
from safelight.bench.derivative.tracer import SHARED_SCENE
from safelight.bench.derivative.trial import Located
from tests.bench.derivative.outcomes import every_edit, outcome, result

LOCATED = Located(iou=0.9, flagged=0.01, digest="", seconds=0.1, misaligned=0.002)
NEGATIVES = [
    *(outcome(UNRELATED, 50 + number, "rr5") for number in range(500)),
    outcome(UNRELATED, 8, "rr5", result(1)),
    outcome(SAME_SCENE, 9, "text", result(1, SHARED_SCENE)),
    outcome(SAME_SCENE, 9, "blur"),
]
MEASURED = figures.Measured(
    outcomes=[*every_edit(4, {1: ["rr20", "rr35", "text"], 2: ["collage4"]}, LOCATED), *NEGATIVES],
    ours="ours",
    peers=("peer",),
    indexed=40,
    adding={"ours": 2.0, "peer": 1.0},
    stored={"ours": 8000.0, "peer": 32.0},
    again=(9, 10),
    growth=[AtSize(1000, (0.02, 0.03, 0.05), 2), AtSize(10_000, (0.04, 0.09, 0.05), 1)],
)


def row(start: str, found: list[Row]) -> Row:
    one, *rest = [row for row in found if row.what.startswith(start)]
    assert not rest
    return one


def test_recall_rows_stand_beside_their_peers() -> None:
    found = figures.rows(MEASURED, judged=True)
    mean = row("mean recall of the 33 edits", found)
    assert (mean.value, mean.bar, mean.holds, mean.n) == (1 - 4 / 132, 0.95, True, 132)
    assert re.search(r"interval over sources 0\.\d{3} to [01]\.\d{3}$", mean.what)
    region = row("mean recall of the 8 edits", found)
    assert (region.value, region.bar, region.holds) == (30 / 32, 0.86, True)
    rr20 = row("recall, rr20; peer: 0.00", found)
    assert (rr20.value, rr20.bar, rr20.holds, rr20.n) == (0.75, 0.96, False, 4)
    assert row("recall, text", found).bar is None
    assert sum(one.what.startswith("recall, ") for one in found) == 33
    assert {name for name in figures.EDIT_BARS if name in EDITS} == set(figures.EDIT_BARS)


def test_false_verdicts_are_rates_over_queries() -> None:
    found = figures.rows(MEASURED, judged=True)
    unrelated = row("false derivative verdicts per 1,000 negatives, unrelated", found)
    assert (round(unrelated.value, 3), unrelated.bar, unrelated.holds, unrelated.n) == (1.996, 1, False, 501)
    same = row("false derivative verdicts per 1,000 negatives, same scene", found)
    assert (same.value, same.bar, same.holds) == (0, 8, True)
    assert row("shared_scene verdicts per 1,000 negatives, same scene", found).value == 500
    assert row("derivative verdicts for a wrong picture", found).value == 0


def test_location_and_costs() -> None:
    found = figures.rows(MEASURED, judged=True)
    assert round(row("mean IoU of the replaced region", found).value, 4) == round(0.9 * 30 / 32, 4)
    assert next(one for one in found if one.what == "mean IoU, rr35").value == 0.9 * 0.75
    for kind in ("jpeg", "crop", "grey", "gamma", "contrast", "blur"):
        flagged = row(f"area said to be replaced where nothing was, {kind}", found)
        assert (round(flagged.value, 6), flagged.bar, flagged.holds) == (0.01, 0.02, True)
    assert sorted(name for names in figures.FLAGGED_KINDS.values() for name in names) == sorted(UNREPLACED_EDITS)
    assert row("area said to be replaced where only an overlay is, text", found).n == 3
    assert row("median misalignment", found).value == 0.2
    assert row("pictures added per CPU second", found).value == 20
    assert row("bytes for an indexed picture", found).value == 8000
    assert row("CPU time of a query, median, 40 indexed, look", found).value == 10
    assert row("CPU time of a query that goes through every tier, median, 10,000 indexed", found).value == 50
    ratio = row("that ratio, for an index 10 times as large", found)
    assert (round(ratio.value, 4), ratio.bar, ratio.holds) == (round(5 / 3, 4), 2.2, True)


def test_only_determinism_judges_runs_that_are_too_small() -> None:
    found = figures.rows(MEASURED, judged=False)
    assert [one.what for one in found] == [one.what for one in figures.rows(MEASURED, judged=True)]
    judged = [one for one in found if one.bar is not None]
    assert [(one.value, one.holds) for one in judged] == [(90, False)]


def test_groups_that_were_not_asked_have_no_rows() -> None:
    bare = dataclasses.replace(MEASURED, outcomes=every_edit(2, {}), growth=(), again=(0, 0))
    found = figures.rows(bare, judged=True)
    assert not [one for one in found if "negatives" in one.what or "IoU" in one.what or "ratio" in one.what]
    assert row("mean recall of the 33 edits", found).value == 1
