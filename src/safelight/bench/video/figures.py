"""The rows of results.json. The bars are those of the issue; they judge full runs on all kinds of clips."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np
from numpy.typing import NDArray

from safelight.bench.common import Row, at_least, at_most, informs
from safelight.bench.derivative.score import interval
from safelight.bench.video import score
from safelight.bench.video.baseline import LOOSER, RULE
from safelight.bench.video.clips import VideoClip
from safelight.bench.video.edits import EDITS, REGION_EDITS
from safelight.bench.video.trial import POSITIVE, STRANGER, Outcome
from safelight.model.match import MatchKind

EDIT_BAR = 0.90
EDIT_BARS = {"speed+10": 0.85, "speed-10": 0.85, "region20": 0.95, "region20+trim40": 0.90, "region35": 0.80}
"""Bars that differ from `EDIT_BAR`, which holds for every single edit."""
COMBINED = frozenset({"region20+trim40+mirror"})
"""Edits of several steps that have no bar."""
WRONG_BAR = 0.15
PAIRS_JUDGED = 2000
AREA_WITHIN = 2.0
"""An area that is told is good when it is at most so many times as large, or as small, as the true one."""


@dataclass(frozen=True, slots=True)
class Measured:
    """All that the trial measured. `known`: the clips in the bank, `seconds` long in all.

    `adding`: CPU seconds for taking them in; `stored`: bytes that they take.
    """

    outcomes: Sequence[Outcome]
    known: tuple[VideoClip, ...]
    seconds: float
    adding: float
    stored: int

    def group(self, name: str) -> list[Outcome]:
        """The outcomes of one group of queries."""
        return [one for one in self.outcomes if one.query.group == name]


def rows(measured: Measured) -> list[Row]:
    """All figures of the trial, with their bars."""
    return [*_recall(measured), *_wrong(measured), *_areas(measured), *_costs(measured)]


def recall_table(outcomes: Iterable[Outcome]) -> NDArray[np.bool_]:
    """Whether each source was found in time after each edit: shape (sources, edits), edits in their order."""
    return _table(outcomes, is_found)


def vpdq_table(outcomes: Iterable[Outcome], percent: float) -> NDArray[np.bool_]:
    """The same by vPDQ's rule: at least `percent` of the query's frames agree with the source. Time plays no part."""

    def agrees(one: Outcome) -> bool:
        return one.vpdq.get(one.query.clip.key, 0.0) >= percent

    return _table(outcomes, agrees)


def is_found(outcome: Outcome) -> bool:
    """Whether enough of the seconds that show the source were placed right."""
    return placed(outcome) >= score.FOUND_SHARE


def placed(outcome: Outcome) -> float:
    """Share of the seconds that show the source which were placed right."""
    segments = score.claims(outcome.matches).get(outcome.query.clip.key, ())
    return score.placed_share(outcome.truth, segments)


def wrong(outcome: Outcome, known: Iterable[VideoClip]) -> dict[str, float]:
    """Shares of a query's seconds given to clips of other groups, where anything was."""
    others = [one.key for one in known if one.group != outcome.query.clip.group]
    return score.wrong_shares(outcome.matches, len(outcome.truth), others)


def _table(outcomes: Iterable[Outcome], right: Callable[[Outcome], bool]) -> NDArray[np.bool_]:
    found: dict[str, dict[str, bool]] = {}
    for one in outcomes:
        if one.query.group == POSITIVE:
            found.setdefault(one.query.clip.key, {})[one.query.edit] = right(one)
    return np.array([[row[edit] for edit in EDITS] for row in found.values()], np.bool_).reshape(-1, len(EDITS))


def _recall(measured: Measured) -> list[Row]:
    ours = recall_table(measured.outcomes)
    rule, looser = (vpdq_table(measured.outcomes, percent) for percent in (RULE, LOOSER))
    found = []
    region = [number for number, edit in enumerate(EDITS) if edit in REGION_EDITS]
    means = (
        (f"mean recall of the {len(EDITS)} edits", list(range(len(EDITS)))),
        ("of those that replace a region", region),
    )
    for what, columns in means:
        label = f"{what}, {_interval(ours[:, columns].mean(axis=1))}"
        found.append(informs(label, ours[:, columns].mean(), "", ours[:, columns].size))
        found.append(informs(f"the same, vPDQ's rule ({RULE:g} %)", rule[:, columns].mean(), "", rule[:, columns].size))
    for column, edit in enumerate(EDITS):
        beside = f"vPDQ's rule: {rule[:, column].mean():.2f}, at {LOOSER:g} %: {looser[:, column].mean():.2f}"
        what = f"recall, {edit} [{_interval(ours[:, column])}]; {beside}"
        value, n = ours[:, column].mean(), len(ours)
        bar = EDIT_BARS.get(edit, EDIT_BAR)
        found.append(informs(what, value, "", n) if edit in COMBINED else at_least(what, value, "", bar, n))
    return found


def _wrong(measured: Measured) -> list[Row]:
    """Every query and every known clip that is not its own, or a variant of it, is a pair."""
    found, all_pairs, all_shares = [], 0, [0.0]
    for group, name in ((STRANGER, "clips that are not known"), (POSITIVE, "edits of known clips")):
        asked = measured.group(group)
        pairs = sum(sum(clip.group != one.query.clip.group for clip in measured.known) for one in asked)
        shares = [share for one in asked for share in wrong(one, measured.known).values()]
        found.append(informs(f"wrong pairs of which anything was claimed, {name}", len(shares), "pairs", pairs))
        by_rule = sum(
            percent >= RULE and clip.group != one.query.clip.group
            for one in asked
            for clip in measured.known
            for percent in [one.vpdq.get(clip.key, 0.0)]
        )
        found.append(informs(f"the same, vPDQ's rule ({RULE:g} %), {name}", by_rule, "pairs", pairs))
        all_pairs, all_shares = all_pairs + pairs, all_shares + shares
    above = sum(share > WRONG_BAR for share in all_shares)
    what = "greatest share of a query's seconds given to a wrong clip"
    greatest = at_most(what, max(all_shares), "", WRONG_BAR, all_pairs)
    if all_pairs < PAIRS_JUDGED:
        greatest = informs(what, max(all_shares), "", all_pairs)
    shared = sum(
        clip.group != one.query.clip.group
        and clip.key in score.claims(one.matches, frozenset({MatchKind.SHARED_SCENE}))
        for one in measured.outcomes
        for clip in measured.known
    )
    return [
        greatest,
        informs(f"wrong pairs above {100 * WRONG_BAR:g} % of the seconds", above, "pairs", all_pairs),
        *found,
        informs("wrong pairs said to share a scene", shared, "pairs", all_pairs),
    ]


def _areas(measured: Measured) -> list[Row]:
    """What is told of the replaced region over time; of queries that were found."""
    asked = [one for one in measured.group(POSITIVE) if is_found(one)]
    found = []
    ratios: list[float] = []
    told = 0
    altered = [one for one in asked if one.replaced]
    for one in altered:
        areas = score.told_areas(score.claims(one.matches)[one.query.clip.key])
        told += any(areas)
        ratios += [area / one.replaced for area in areas]
    if altered:
        found.append(
            informs(
                "found queries with a replaced region of which a region is told", told / len(altered), "", len(altered)
            )
        )
    if ratios:
        good = [1 / AREA_WITHIN <= ratio <= AREA_WITHIN for ratio in ratios]
        what = "frames whose told region is between half and twice as large as the true one"
        found.append(informs(what, float(np.mean(good)), "", len(good)))
    plain = [one for one in asked if not one.replaced]
    areas = [max(score.told_areas(score.claims(one.matches)[one.query.clip.key]), default=0.0) for one in plain]
    if areas:
        found.append(
            informs("largest area said to be replaced where nothing was, mean", float(np.mean(areas)), "", len(areas))
        )
    return found


def _costs(measured: Measured) -> list[Row]:
    times = [one.seconds for one in measured.outcomes]
    minutes, n = measured.seconds / 60, len(measured.known)
    p95 = float(np.percentile(times, 95))
    found = [
        informs(f"CPU time of a query, median, {n} known", 1e3 * median(times), "ms", len(times)),
        informs(f"CPU time of a query, 95th percentile, {n} known", 1e3 * p95, "ms", len(times)),
    ]
    for group, name in ((STRANGER, "clips that are not known"), (POSITIVE, "edits of known clips")):
        asked = measured.group(group)
        if asked:
            each = sum(one.seconds for one in asked) / sum(len(one.truth) for one in asked)
            found.append(informs(f"CPU time for a second of a query, mean, {name}", 1e3 * each, "ms", len(asked)))
    return [
        *found,
        informs("CPU time for taking in a minute of known video", measured.adding / minutes, "s", n),
        informs("bytes for a minute of known video", measured.stored / minutes, "bytes", n),
    ]


def _interval(values: NDArray[np.generic]) -> str:
    low, high = interval(values.astype(np.float64))
    return f"95 % interval over sources {low:.2f} to {high:.2f}"
