"""The rows of results.json. The bars are those of the issue; they judge full runs on photographs only."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from statistics import median

import numpy as np

from safelight.bench.common import Row, at_least, at_most, informs
from safelight.bench.derivative import score
from safelight.bench.derivative.edits import EDITS, REGION_EDITS, UNREPLACED_EDITS
from safelight.bench.derivative.growth import AtSize
from safelight.bench.derivative.queries import POSITIVE, SAME_SCENE, UNRELATED
from safelight.bench.derivative.trial import OVERLAID_EDITS, Outcome

MEAN_BAR, REGION_BAR, IOU_BAR, FLAGGED_BAR = 0.95, 0.86, 0.82, 0.02
EDIT_BARS = {
    "rr20": 0.96,
    "rr35": 0.94,
    "rr20+crop25+jpeg50": 0.88,
    "rr35+crop25+jpeg50": 0.70,
    "rr20+overlay+rot7": 0.45,
    "collage4": 0.88,
    "pip50": 0.90,
    "screenshot": 0.93,
    "crop60": 0.92,
}
FALSE_BARS = {UNRELATED: 1, SAME_SCENE: 8}
BYTES_BAR, ADDING_BAR, QUERY_BAR, GROWTH_BAR = 9000, 12, 150, 2.2

FLAGGED_KINDS = {
    "jpeg": tuple(name for name in UNREPLACED_EDITS if name.startswith("jpeg")),
    "crop": tuple(name for name in UNREPLACED_EDITS if name.startswith("crop")),
    **{name: (name,) for name in UNREPLACED_EDITS if not name.startswith(("jpeg", "crop"))},
}


@dataclass(frozen=True, slots=True)
class Measured:
    """All that a run measured. `ours`: the contestant that is judged; `peers`: the others, first the one to compare.

    `indexed`: pictures in the index during the trial. `adding`: CPU seconds for adding them all, by contestant;
    `stored`: bytes for each, by contestant. `again`: queries that gave the same evidence again, and queries asked.
    """

    outcomes: Sequence[Outcome]
    ours: str
    peers: tuple[str, ...]
    indexed: int
    adding: dict[str, float]
    stored: dict[str, float]
    again: tuple[int, int]
    growth: Sequence[AtSize] = field(default_factory=tuple)

    def group(self, name: str) -> list[Outcome]:
        """The outcomes of one group of queries."""
        return [one for one in self.outcomes if one.query.group == name]


def rows(measured: Measured, *, judged: bool) -> list[Row]:
    """All figures; without `judged` none but determinism has a bar."""
    found = [
        *_recall(measured),
        *_false(measured),
        *_located(measured),
        *_costs(measured),
        *_growth(measured),
    ]
    found = found if judged else [replace(row, bar=None, holds=None) for row in found]
    same, asked = measured.again
    what = "queries that give the very evidence again, with two threads instead of one"
    return [*found, at_least(what, 100 * same / asked, "%", 100, asked)] if asked else found


def _recall(measured: Measured) -> list[Row]:
    ours, *peers = (score.recall_table(measured.outcomes, name) for name in (measured.ours, *measured.peers))
    region = score.columns(REGION_EDITS)
    means = (
        (f"mean recall of the {len(EDITS)} edits", score.columns(EDITS), MEAN_BAR),
        (f"mean recall of the {len(region)} edits that replace a region", region, REGION_BAR),
    )
    found = []
    for what, edits, bar in means:
        values = ours[:, edits].mean(axis=1)
        label = f"{what}, {_range(values)}"
        found.append(at_least(label, values.mean(), "", bar, ours[:, edits].size))
        for name, table in zip(measured.peers, peers, strict=True):
            found.append(informs(f"the same, {name}", table[:, edits].mean(), "", table[:, edits].size))
    for column, edit in enumerate(EDITS):
        beside = "".join(
            f"; {name}: {table[:, column].mean():.2f}" for name, table in zip(measured.peers, peers, strict=True)
        )
        value, n = ours[:, column].mean(), len(ours)
        what = f"recall, {edit}{beside}"
        bar_ = EDIT_BARS.get(edit)
        found.append(informs(what, value, "", n) if bar_ is None else at_least(what, value, "", bar_, n))
    for name in (measured.ours, *measured.peers):
        average, at_p90 = score.ranking(measured.outcomes, name)
        found.append(informs(f"uAP over all query and reference pairs, {name}", average, "", len(measured.outcomes)))
        found.append(informs(f"recall at 90 % precision, {name}", at_p90, "", len(measured.outcomes)))
    return found


def _false(measured: Measured) -> list[Row]:
    """Rates count queries with a wrong verdict, however many wrong ones each has."""
    found = []
    for group, bar in FALSE_BARS.items():
        asked = measured.group(group)
        if not asked:
            continue
        n = len(asked)
        wrong = len(score.wrongly_derived(asked, measured.ours))
        what = f"false derivative verdicts per 1,000 negatives, {group}"
        found.append(at_most(what, 1000 * wrong / n, "", bar, n))
        for name in measured.peers:
            rate = 1000 * len(score.wrongly_derived(asked, name)) / n
            found.append(informs(f"the same, {name}", rate, "", n))
        shared = len(score.scene_shared(asked, measured.ours))
        found.append(informs(f"shared_scene verdicts per 1,000 negatives, {group}", 1000 * shared / n, "", n))
    asked = measured.group(POSITIVE)
    wrong = len(score.wrongly_derived(asked, measured.ours))
    what = "derivative verdicts for a wrong picture per 1,000 positive queries"
    found.append(informs(what, 1000 * wrong / len(asked), "", len(asked)))
    return found


def _located(measured: Measured) -> list[Row]:
    located = [here for one in measured.outcomes if (here := one.answers[measured.ours].located) is not None]
    if not located:
        return []
    values = np.array(score.overlaps(measured.outcomes, measured.ours, REGION_EDITS))
    by_source = values.reshape(-1, len(REGION_EDITS)).mean(axis=1)
    label = f"mean IoU of the replaced region, misses count 0, {_range(by_source)}"
    found = [at_least(label, values.mean(), "", IOU_BAR, len(values))]
    for edit in REGION_EDITS:
        each = score.overlaps(measured.outcomes, measured.ours, (edit,))
        found.append(informs(f"mean IoU, {edit}", float(np.mean(each)), "", len(each)))
    for kind, edits in FLAGGED_KINDS.items():
        shares = score.flagged_shares(measured.outcomes, measured.ours, edits)
        if shares:
            what = f"area said to be replaced where nothing was, {kind}"
            found.append(at_most(what, float(np.mean(shares)), "", FLAGGED_BAR, len(shares)))
    for edit in OVERLAID_EDITS:
        shares = score.flagged_shares(measured.outcomes, measured.ours, (edit,))
        if shares:
            what = f"area said to be replaced where only an overlay is, {edit}"
            found.append(informs(what, float(np.mean(shares)), "", len(shares)))
    astray = [100 * here.misaligned for here in located if here.misaligned is not None]
    if astray:
        found.append(informs("median misalignment, of the diagonal", median(astray), "%", len(astray)))
    times = [1e3 * here.seconds for here in located]
    found.append(informs("CPU time to locate, median", median(times), "ms", len(times)))
    return found


def _costs(measured: Measured) -> list[Row]:
    found = []
    indexed = f"{measured.indexed:,} indexed"
    for name in (measured.ours, *measured.peers):
        times = [1e3 * one.answers[name].seconds for one in measured.outcomes]
        found.append(informs(f"CPU time of a query, median, {indexed}, {name}", median(times), "ms", len(times)))
        p95 = float(np.percentile(times, 95))
        found.append(informs(f"CPU time of a query, 95th percentile, {indexed}, {name}", p95, "ms", len(times)))
    stages: dict[str, list[float]] = {}
    for one in measured.outcomes:
        for stage, seconds in one.answers[measured.ours].stages.items():
            stages.setdefault(stage, []).append(1e3 * seconds)
    for stage, values in stages.items():
        what = f"CPU time of a query, median, {indexed}, {stage}"
        found.append(informs(what, median(values), "ms", len(values)))
    speed = measured.indexed / max(measured.adding[measured.ours], 1e-9)
    stored = measured.stored[measured.ours]
    found.append(at_most("bytes for an indexed picture", stored, "bytes", BYTES_BAR, measured.indexed))
    found.append(at_least("pictures added per CPU second", speed, "pictures/s", ADDING_BAR, measured.indexed))
    return found


def _growth(measured: Measured) -> list[Row]:
    if len(measured.growth) < 2:
        return []
    small, large = measured.growth[0], measured.growth[-1]
    n = len(large.seconds)
    what = f"CPU time of a query that goes through every tier, median, {large.indexed:,} indexed, extraction included"
    times = f"{large.indexed / small.indexed:.3g}"
    return [
        informs(f"CPU time of a query, median, {small.indexed:,} indexed", 1e3 * small.median, "ms", n),
        at_most(what, 1e3 * large.median, "ms", QUERY_BAR, n),
        at_most(f"that ratio, for an index {times} times as large", large.median / small.median, "x", GROWTH_BAR, n),
        informs(f"of these queries recalled, {small.indexed:,} indexed", small.recalled, "", n),
        informs(f"of these queries recalled, {large.indexed:,} indexed", large.recalled, "", n),
    ]


def _range(values: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> str:
    low, high = score.interval(values)
    return f"95 % interval over sources {low:.3f} to {high:.3f}"
