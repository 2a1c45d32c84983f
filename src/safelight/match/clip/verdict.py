"""What the lines of a pair say: segments in time, the verdict and how sure it is.

Rows of one shot are not independent: that they all agree says little more than that one does. So the unit is a shot,
or a part of one in which the picture has become another. Of each unit the best row counts, with the chance that one row
of an unrelated video looks as much alike; what it costs is the number of places in which it might have happened: for
the first unit of a line, anywhere in the bank, for each further one, only where the line says.

Chance is not all there is. Videos may share an opening title, a test card or a camera that stands still; there the
pictures do agree. One frame alone is therefore never enough, unless the video has hardly more.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from safelight.match.clip.consensus import SPEED_COST, Line, shown_in, still
from safelight.match.clip.forms import MIRRORED
from safelight.match.clip.hits import FrameHits, HitKind
from safelight.match.clip.worth import MOST_WORTH
from safelight.match.hamming import as_words
from safelight.model.clip import Clip
from safelight.model.derivation import EvidencePart, Verdict
from safelight.model.segment import Segment

LEAST_RATIO = 8.0
"""Nats against chance, within one pair, that a segment has at least."""
STRONG_BITS, STRONG_QUALITY = 31, 50
"""Distance and quality at which a single frame is evidence enough, where a video has hardly more."""
FEW_ROWS = 3
"""Rows up to which a video has hardly more than one frame."""
SEEN, SEEN_OF_ONE = 2, 3
"""Frames that must agree, two seconds of a still one counting as another; and of a picture that hardly changes in less
than half of the video, as a title does."""
UNIT_BITS = 60
"""A row that is more bits from the first of its unit begins another."""
UNIT_CAP = 30.0
"""Nats that one unit can count: no single one can carry a verdict against any bank."""
FURTHER, MOST_FURTHER = 1.0, 4.0
"""Nats that each further frame of a unit counts whose keypoints agree, and all of them at most: a camera that stands
still gives one unit, but keypoints that were found again in frame after frame say more than those found once."""
LINE_MISS = 1.0
"""Nats that a row costs which ought to agree and does not."""
_WAYS = 10  # dihedral forms of frames, and two of tiles, in which rows were compared
_NEAR_ROWS = 5  # rows of a source at four a second that a line's tolerance takes in
_STILL_ROW = 2.0  # seconds of an unchanged picture that count as one more row
_REACH = 10.0  # seconds that a segment reaches beyond its last agreeing row, at most

_SAID = {
    HitKind.FRAMES: "whole frames",
    HitKind.TILES: "parts of frames, in place,",
    HitKind.KEYPOINTS: "keypoints",
}
_NAMES = {kind: kind.name.lower() for kind in HitKind}


@dataclass(frozen=True, slots=True)
class ClipFinding:
    """What is known of a query and one known clip.

    `segments`: in the order of the query's time. `share`, `source_share`: of the seconds of either that they cover, 0
    to 1. `distance`: median PDQ distance of frames that agree as wholes, None when none does. `log_ratio`: natural
    logarithm of how much likelier the agreement is for a derivative than by chance in this pair, the sum of `parts`.
    `expected_false_matches`: findings at least as strong that chance gives in a bank of that size; `p_false_match` is
    1-exp(-that); None for shared scenes.
    """

    verdict: Verdict
    segments: tuple[Segment, ...]
    share: float
    source_share: float
    distance: int | None
    log_ratio: float
    parts: tuple[EvidencePart, ...]
    expected_false_matches: float | None
    p_false_match: float | None


@dataclass(frozen=True, slots=True)
class _Weighed:
    """A line, with the nats that each unit's best row gives, by its kind, and what is to be taken off."""

    line: Line
    units: tuple[tuple[HitKind, float], ...]
    places: float
    missed: int
    log_ratio: float


def judge_clip(
    query: Clip,
    source: Clip,
    hits: FrameHits,
    lines: Sequence[Line],
    searched: int,
    looked: Iterable[float] = (),
) -> ClipFinding | None:
    """What the lines of a pair say; None when there are none.

    `searched`: rows of all known clips that were looked through. `looked`: as `find_lines` has it.
    """
    weighed = [_weigh(query, source, hits, line) for line in lines]
    good = [one for one in weighed if _credible(query, hits, one)]
    verdict = Verdict.DERIVATIVE
    if not good:
        good = [one for one in weighed if (hits.kind[one.line.hits] == HitKind.SCENE).any()]
        verdict = Verdict.SHARED_SCENE
    if not good:
        good, verdict = weighed, Verdict.NOT_DERIVED
    if not good:
        return None
    shown = shown_in(query, looked)
    segments = tuple(sorted((_segment(query, source, hits, one.line, shown) for one in good), key=_by_time))
    best = max(good, key=lambda one: one.log_ratio)
    return _finding(query, source, hits, verdict, segments, (good, best), searched)


def _finding(
    query: Clip,
    source: Clip,
    hits: FrameHits,
    verdict: Verdict,
    segments: tuple[Segment, ...],
    weighed: tuple[Sequence[_Weighed], _Weighed],
    searched: int,
) -> ClipFinding:
    good, best = weighed
    mine = np.concatenate([one.line.hits for one in good])
    frames = hits.distance[mine][hits.kind[mine] == HitKind.FRAMES]
    parts = _parts(best)
    # Chance makes one line; that there are more only speaks against it.
    expected = math.exp(min(-best.log_ratio, 50.0)) * max(searched, 1) / max(len(source.time), 1)
    scene = verdict is Verdict.SHARED_SCENE
    return ClipFinding(
        verdict=verdict,
        segments=segments,
        share=_covered([(s.query_start, s.query_end) for s in segments], query.duration),
        source_share=_covered([(s.source_start, s.source_end) for s in segments], source.duration),
        distance=int(np.median(frames)) if len(frames) else None,
        log_ratio=sum(part.nats for part in parts),
        parts=parts,
        expected_false_matches=None if scene else expected,
        p_false_match=None if scene else -math.expm1(-expected),
    )


def _weigh(query: Clip, source: Clip, hits: FrameHits, line: Line) -> _Weighed:
    units, places = [], math.log(max(len(query.time), 1) * max(len(source.time), 1) * _WAYS)
    for number, unit in enumerate(_units(query, line.rows, hits.kind[line.hits])):
        mine = line.hits[unit]
        best = mine[np.argmin(hits.chance[mine])]
        further = max(int(np.count_nonzero(hits.kind[mine] == HitKind.KEYPOINTS)) - 1, 0)
        nats = -float(hits.chance[best]) + min(FURTHER * further, MOST_FURTHER)
        units.append((HitKind(hits.kind[best]), min(nats, UNIT_CAP)))
        if number:
            places += math.log(_NEAR_ROWS * len(unit))
    missed = line.looked - len(line.rows)
    total = sum(nats for _, nats in units) - places - LINE_MISS * missed - SPEED_COST * (line.speed != 1.0)
    return _Weighed(line, tuple(units), places, missed, total)


def _units(query: Clip, rows: NDArray[np.int32], kinds: NDArray[np.uint8]) -> list[NDArray[np.int64]]:
    """Numbers in `rows` of each unit's: of one shot, and all near its first.

    Where tiles agree, the whole shot is one: a frame may come to look like another while the few tiles that agree stay.
    `kinds`: of the rows' hits.
    """
    codes = as_words(query.codes[rows])
    starts = [0]
    for at in range(1, len(rows)):
        apart = int(np.bitwise_count(codes[at] ^ codes[starts[-1]]).sum())
        moved = apart > UNIT_BITS and kinds[at] != HitKind.TILES
        if query.shot[rows[at]] != query.shot[rows[starts[-1]]] or moved:
            starts.append(at)
    return np.split(np.arange(len(rows)), starts[1:])


def _credible(query: Clip, hits: FrameHits, weighed: _Weighed) -> bool:
    """Whether a line is evidence of derivation: enough against chance, and more than one frame."""
    line = weighed.line
    kinds = hits.kind[line.hits]
    telling = kinds != HitKind.SCENE
    if (kinds == HitKind.KEYPOINTS).any():
        # Beside a frame that is a derivative by itself, those that rather are than are not count too, in their time.
        telling |= hits.nats[line.hits] >= MOST_WORTH / 2
    if weighed.log_ratio < LEAST_RATIO or 2 * np.count_nonzero(telling) <= len(telling):
        return False
    strong = (kinds == HitKind.KEYPOINTS) | (
        (kinds == HitKind.FRAMES)
        & (hits.distance[line.hits] <= STRONG_BITS)
        & (query.quality[line.rows] >= STRONG_QUALITY)
    )
    if len(query.time) <= FEW_ROWS and strong.any():
        return True
    stays = still(query)
    seen = int(np.sum(1 + stays[line.rows[telling]] // _STILL_ROW))
    seconds = float(query.time[line.last] + stays[line.last] - query.time[line.first])
    one_picture = len(weighed.units) == 1 and seconds < query.duration / 2
    return seen >= (SEEN_OF_ONE if one_picture else SEEN)


def _segment(query: Clip, source: Clip, hits: FrameHits, line: Line, shown: NDArray[np.bool_]) -> Segment:
    kinds = hits.kind[line.hits]
    start, end = _stretch(query, line, np.any(shown[np.unique(kinds)], axis=0))
    # Where the source begins or ends, so does the segment.
    start = min(max(start, -line.offset / line.speed), float(query.time[line.first]))
    end = max(min(end, (source.duration - line.offset) / line.speed), float(query.time[line.last]))
    frames = hits.distance[line.hits][kinds == HitKind.FRAMES]
    return Segment(
        query_start=round(start, 3),
        query_end=round(end, 3),
        source_start=round(max(line.speed * start + line.offset, 0.0), 3),
        source_end=round(min(line.speed * end + line.offset, max(source.duration, 0.0)), 3),
        speed=round(line.speed, 4),
        mirrored=bool(MIRRORED[line.form]),
        frames=line.looked,
        agreeing=len(line.rows),
        distance=int(np.median(frames)) if len(frames) else None,
        evidence=_evidence(kinds),
    )


def _evidence(kinds: NDArray[np.uint8]) -> tuple[str, ...]:
    """Names of what agrees; keypoints of a shared scene are keypoints."""
    merged = np.where(kinds == HitKind.SCENE, HitKind.KEYPOINTS, kinds)
    return tuple(_NAMES[HitKind(kind)] for kind in np.unique(merged))


def _stretch(query: Clip, line: Line, shown: NDArray[np.bool_]) -> tuple[float, float]:
    """Seconds of the query from half way before the first agreeing row to half way behind the last.

    `shown`: rows that could have agreed.
    """
    begin = float(query.time[line.first])
    end = float(query.time[line.last] + still(query)[line.last])
    before, behind = np.flatnonzero(shown[: line.first]), np.flatnonzero(shown[line.last + 1 :])
    earlier, later = 0.0, query.duration
    if len(before):
        earlier = begin - (begin - float(query.time[before[-1]] + still(query)[before[-1]])) / 2
    if len(behind):
        later = end + (float(query.time[line.last + 1 + behind[0]]) - end) / 2
    return max(earlier, begin - _REACH, 0.0), max(min(later, end + _REACH, query.duration), end)


def _covered(stretches: Sequence[tuple[float, float]], duration: float) -> float:
    """Share of a duration that stretches cover, each second once."""
    covered, reached = 0.0, 0.0
    for start, end in sorted(stretches):
        covered += max(end - max(start, reached), 0.0)
        reached = max(reached, end)
    return min(covered / duration, 1.0) if duration > 0 else 0.0


def _parts(best: _Weighed) -> tuple[EvidencePart, ...]:
    """The sum in words: of the strongest segment."""
    parts = []
    for kind in HitKind:
        nats = [nats for unit, nats in best.units if unit is kind]
        if nats:
            said = _SAID.get(kind, "keypoints of the scene")
            text = f"{said} agree in {len(nats)} different pictures"
            parts.append(EvidencePart(_NAMES[kind], float(len(nats)), round(sum(nats), 4), text))
    tried = f"chance had about 10^{best.places / math.log(10):.0f} ways to make it agree"
    parts.append(EvidencePart("places", round(best.places, 4), round(-best.places, 4), tried))
    if best.missed:
        text = f"{best.missed} of {best.line.looked} frames looked at in this stretch do not agree"
        parts.append(EvidencePart("missed", float(best.missed), -LINE_MISS * best.missed, text))
    if best.line.speed != 1.0:
        text = f"it runs at {best.line.speed:.3f} times the source's speed, which few copies do"
        parts.append(EvidencePart("speed", round(best.line.speed, 4), -SPEED_COST, text))
    return tuple(parts)


def _by_time(segment: Segment) -> tuple[float, float]:
    return segment.query_start, segment.query_end
