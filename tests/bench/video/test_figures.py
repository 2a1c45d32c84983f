"""Rows and records from outcomes made by hand."""

from collections.abc import Iterable, Mapping

import numpy as np
import pytest

from safelight.bench.derivative.pictures import Picture
from safelight.bench.video import figures, records
from safelight.bench.video.clips import VideoClip
from safelight.bench.video.edits import EDITS
from safelight.bench.video.figures import Measured
from safelight.bench.video.trial import POSITIVE, STRANGER, Outcome, Query
from safelight.model.match import Match, MatchKind
from tests.bench.video.fakes import match, segment

KNOWN = tuple(VideoClip(f"k{n}", f"k{n}", (Picture("p", "", drawn=n),)) for n in range(3))
VARIANT = VideoClip("k0-grey", "k0", (Picture("p", "", drawn=0),))
OUTSIDER = VideoClip("s0", "s0", (Picture("p", "", drawn=9),))
SECONDS = 10


def right(key: str, areas: tuple[float, ...] = ()) -> Match:
    return match(key, segment((0, SECONDS), (0, SECONDS), areas=areas))


def outcome(
    clip: VideoClip,
    edit: str = "grey",
    matches: Iterable[Match] = (),
    group: str = POSITIVE,
    vpdq: Mapping[str, float] | None = None,
) -> Outcome:
    truth = np.arange(SECONDS, dtype=np.float64) + 0.5
    replaced = 0.2 if edit.startswith("region") else 0.0
    return Outcome(Query(group, clip, edit, (), 1), truth, replaced, tuple(matches), 0.05, vpdq or {})


def every_edit(missed: Mapping[str, Iterable[str]]) -> list[Outcome]:
    return [
        outcome(clip, edit, [] if edit in missed.get(clip.key, ()) else [right(clip.key)])
        for clip in KNOWN[:2]
        for edit in EDITS
    ]


def measured(outcomes: list[Outcome], known: tuple[VideoClip, ...] = KNOWN) -> Measured:
    return Measured(outcomes, known, seconds=120.0, adding=6.0, stored=2400)


def test_recall_stands_by_source_and_edit() -> None:
    table = figures.recall_table([*every_edit({"k1": ["grey", "screen"]}), outcome(OUTSIDER, group=STRANGER)])
    assert table.shape == (2, len(EDITS))
    assert {list(EDITS)[column] for column in np.flatnonzero(~table[1])} == {"grey", "screen"}
    assert table[0].all()
    assert not figures.vpdq_table(every_edit({}), 80).any()
    assert figures.vpdq_table([outcome(KNOWN[0], edit, vpdq={"k0": 80.0}) for edit in EDITS], 80).all()


def test_bars_are_those_of_the_issue() -> None:
    found = figures.rows(measured([*every_edit({"k1": ["region35"]})]))
    bars = {row.what.split(",")[1].split("[")[0].strip(): row for row in found if row.what.startswith("recall, ")}
    assert bars["grey"].bar == 0.9
    assert bars["speed-10"].bar == 0.85
    assert bars["region20"].bar == 0.95
    assert bars["region35"].bar == 0.8
    assert bars["region35"].holds is False
    assert bars["region20+trim40+mirror"].bar is None


def test_wrong_pairs_are_all_but_a_clip_and_its_variants() -> None:
    outcomes = [
        *every_edit({}),
        outcome(KNOWN[0], matches=[right("k0"), match("k0-grey", segment((0, 9), (0, 9)))]),
        outcome(OUTSIDER, matches=[match("k2", segment((0, 2), (5, 7)))], group=STRANGER, vpdq={"k1": 90.0}),
        outcome(OUTSIDER, matches=[match("k1", segment((0, 5), (0, 5)), kind=MatchKind.SHARED_SCENE)], group=STRANGER),
    ]
    rows = {row.what: row for row in figures.rows(measured(outcomes, (*KNOWN, VARIANT)))}
    greatest = rows["greatest share of a query's seconds given to a wrong clip"]
    queries_of_k0 = len(EDITS) + 1
    assert greatest.n == 2 * queries_of_k0 + 3 * len(EDITS) + 2 * 4
    assert greatest.value == pytest.approx(0.2)
    assert greatest.bar is None  # too few pairs to judge
    assert rows["wrong pairs above 15 % of the seconds"].value == 1
    assert rows["wrong pairs of which anything was claimed, clips that are not known"].value == 1
    assert rows["wrong pairs said to share a scene"].value == 1
    assert rows["the same, vPDQ's rule (80 %), clips that are not known"].value == 1


def test_many_pairs_are_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figures, "PAIRS_JUDGED", 3)
    wrong = outcome(OUTSIDER, matches=[match("k2", segment((0, 2), (5, 7)))], group=STRANGER)
    (row,) = [row for row in figures.rows(measured([*every_edit({}), wrong])) if "greatest" in row.what]
    assert row.bar == 0.15
    assert row.holds is False


def test_areas_are_good_within_twice_and_half() -> None:
    outcomes = [one for one in every_edit({}) if not one.query.edit.startswith(("region20", "grey"))]
    outcomes += [
        outcome(clip, edit, [right(clip.key, areas=(0.2, 0.39, 0.5, 0.11))])
        for clip in KNOWN[:2]
        for edit in EDITS
        if edit.startswith(("region20", "grey"))
    ]
    rows = {row.what: row for row in figures.rows(measured(outcomes))}
    told = rows["found queries with a replaced region of which a region is told"]
    assert told.n == 12
    assert told.value == pytest.approx(4 / 6)
    within = rows["frames whose told region is between half and twice as large as the true one"]
    assert (within.value, within.n) == (0.75, 32)
    falsely = rows["largest area said to be replaced where nothing was, mean"]
    assert falsely.value == pytest.approx(0.5 / 16)


def test_costs_are_for_a_minute() -> None:
    outcomes = [*every_edit({}), outcome(OUTSIDER, group=STRANGER)]
    rows = {row.what: row.value for row in figures.rows(measured(outcomes))}
    assert rows["CPU time of a query, median, 3 known"] == pytest.approx(50)
    assert rows["CPU time for a second of a query, mean, clips that are not known"] == pytest.approx(5)
    assert rows["CPU time for taking in a minute of known video"] == 3
    assert rows["bytes for a minute of known video"] == 1200


def test_misses_say_in_what_way() -> None:
    early, late = match("k0", segment((0, 2), (0, 2))), match("k0", segment((0, 9), (30, 39)))
    ways = {
        "absent": [right("k1")],
        "no segments": [match("k0", algorithm="pdq", kind=MatchKind.NEAR)],
        "shared scene": [match("k0", segment((0, 9), (0, 9)), kind=MatchKind.SHARED_SCENE)],
        "too little": [early],
        "elsewhere": [late],
    }
    outcomes = [outcome(KNOWN[0], matches=matches) for matches in ways.values()]
    assert [records.cause(one) for one in outcomes] == list(ways)
    content = records.misses(measured([*outcomes, outcome(KNOWN[1], matches=[right("k1")])]), {"seed": 1})
    assert content["asked"] == 6
    assert [one["as"] for one in content["missed"]] == list(ways)
    assert [(one["query"], one["said"], one["share"]) for one in content["false"]] == [("k0", "k1", 1.0)]
    assert len(records.details(measured(outcomes), {})["queries"]) == 5
