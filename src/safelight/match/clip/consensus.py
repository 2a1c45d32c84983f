"""Temporal consensus: straight lines source = speed * time + offset through the hits of a pair.

One frame that looks alike says little: a white wall is a white wall. Frame after frame at the right time says a lot.
Lines are proposed by votes: in each window of the query, at each of a fixed list of speeds, every hit votes for the
offsets that it would mean, and each row counts once. The best proposals are refined by weighted least squares, then
shifted by small steps, for in a slow scene a few bits less over many rows carry the timing. Of each line the run of
rows with the largest sum of agreement less misses is kept. The best line takes its rows, and the rest is asked again,
so a query cut out of several places gives several lines. Nothing is drawn at random: equals go to the line without a
change of speed, then to the longer one, the earlier one, and the lower offset. Where nothing moves, many lines are as
good, and the one in their middle is given.
"""

import heapq
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from safelight.match.clip.hits import FrameHits, HitKind
from safelight.model.clip import OF_QUERY_CLIP, SPEEDS, Clip

LEAST_SCORE = 5.0
"""Nats that a line has at least: one good hit."""
MOST_LINES = 32
"""Lines sought in a pair."""
SPEED_COST, SPEED_SHARE = 3.0, 0.04
"""Nats, and share of all nats, that a changed speed costs: most copies run at the source's own."""
SPEED_STEP = 0.015
"""Between neighbouring speeds that are tried, as a share; over half a window that makes less than `BIN`."""
WINDOW_ROWS, WINDOW_SECONDS = 32, 60.0
"""Rows and seconds of a window, whichever is less; the next begins half way through it."""
MOST_BINS = 1 << 20
"""Offsets in which votes are counted, three days of a known video: hits further apart are left out."""
PROPOSALS = 6
"""Proposals of a window that are looked at, those with the most votes."""
_SAME_SPEED = 0.004  # a speed nearer to 1 is 1
_FIT_ROWS, _FIT_SECONDS = 4, 6.0  # rows and seconds that it takes to tell a speed
_STEP, _MOST_STEPS, _NO_WORSE = 0.1, 1 << 15, 0.02  # seconds, steps to either side, nats: of lines that are as good
_MARGIN = 2.0  # seconds by which the range of offsets is wider than the hits
_SHIFTS = np.arange(-8, 9) * 0.05

_Kernel = Any


@dataclass(frozen=True, slots=True)
class Line:
    """A stretch of the query that agrees with a stretch of the source: source seconds = speed * seconds + offset.

    `first`, `last`: rows of the query at its ends, both of which agree. `rows`: int32, rows in between that agree;
    `hits`: int64, their hits, numbers in `FrameHits`. `looked`: rows in between in which agreement could have shown.
    `score`: nats that the rows give, less misses and a changed speed. `form`: number in DIHEDRAL.
    """

    speed: float
    offset: float
    first: int
    last: int
    rows: NDArray[np.int32]
    hits: NDArray[np.int64]
    looked: int
    score: float
    form: int


@dataclass(frozen=True, slots=True, order=True)
class _Proposal:
    speed: float
    offset: float
    score: float
    first: int
    last: int

    @property
    def rank(self) -> tuple[float, float, int, int, float]:
        return -round(self.score, 9), abs(self.speed - 1), self.first - self.last, self.first, self.offset


@dataclass(slots=True)
class _Field:
    """The hits of one form, and what is left of the query."""

    form: int
    order: NDArray[np.int64]
    time: NDArray[np.float64]
    span: NDArray[np.float64]
    first: NDArray[np.int64]
    hit_time: NDArray[np.float64]
    start: NDArray[np.float64]
    end: NDArray[np.float64]
    nats: NDArray[np.float64]
    kind: NDArray[np.uint8]
    shows: NDArray[np.bool_]
    alive: NDArray[np.bool_]
    gain: NDArray[np.float64] = field(init=False)
    best: NDArray[np.int64] = field(init=False)

    def __post_init__(self) -> None:
        self.gain = np.zeros(len(self.time))
        self.best = np.full(len(self.time), -1, np.int64)

    def run(self, speed: float, offset: float, rows: tuple[int, int]) -> _Proposal:
        """The best run of a line within some rows."""
        kernel = compiled()
        kernel.gains(
            speed, offset, rows, self.first, self.hit_time, self.span, self.start, self.end, self.nats, self.alive,
            self.gain, self.best,
        )  # fmt: skip
        score, first, last = kernel.best_run(rows, self.gain, self.best, self.kind, self.shows, self.alive)
        return _Proposal(speed, offset, _less_speed(score, speed), first, last)


def find_lines(query: Clip, hits: FrameHits, looked: Iterable[float] = ()) -> list[Line]:
    """The lines of a pair, each of other rows of the query, the best first.

    `looked`: seconds of the query at which its keypoints were looked for, in any source: a row elsewhere that shows no
    keypoints says nothing. The same hits give the same lines.
    """
    if not len(hits):
        return []
    alive = np.ones(len(query.time), np.bool_)
    shows = shown_in(query, looked)
    fields = [_field(query, hits, form, shows, alive) for form in np.unique(hits.form).tolist()]
    windows = _windows(query.time)
    heap: list[tuple[tuple[Any, ...], int, _Proposal]] = []
    stale = windows
    lines: list[Line] = []
    while len(lines) < MOST_LINES:
        for number, field_ in enumerate(fields):
            for proposal in _propose_all(field_, stale):
                heapq.heappush(heap, (proposal.rank, number, proposal))
        taken = _pop(heap, fields)
        if taken is None:
            break
        number, proposal = taken
        proposal = _centred(fields[number], proposal)
        lines.append(_line(fields[number], proposal))
        alive[lines[-1].rows] = False
        alive[proposal.first : proposal.last + 1] = False
        stale = [window for window in windows if window[0] <= proposal.last and proposal.first < window[1]]
    return lines


def _pop(heap: list[tuple[tuple[Any, ...], int, _Proposal]], fields: list[_Field]) -> tuple[int, _Proposal] | None:
    """The best proposal whose rows are all there still; those that lost some are valued anew."""
    while heap:
        _, number, proposal = heapq.heappop(heap)
        if proposal.score < LEAST_SCORE:
            return None
        if fields[number].alive[proposal.first : proposal.last + 1].all():
            return number, proposal
        again = fields[number].run(proposal.speed, proposal.offset, (proposal.first, proposal.last + 1))
        if again.score >= LEAST_SCORE:
            heapq.heappush(heap, (again.rank, number, again))
    return None


def shown_in(query: Clip, looked: Iterable[float]) -> NDArray[np.bool_]:
    """Rows in which evidence of each kind could be seen: bool (4, n), in the order of `HitKind`."""
    shows = np.zeros((len(HitKind), len(query.time)), np.bool_)
    shows[HitKind.FRAMES] = True
    shows[HitKind.TILES, query.keyed] = True
    for time in looked:
        shows[[HitKind.KEYPOINTS, HitKind.SCENE], np.argmin(np.abs(query.time - time))] = True
    return shows


def _field(query: Clip, hits: FrameHits, form: int, shows: NDArray[np.bool_], alive: NDArray[np.bool_]) -> _Field:
    order = np.flatnonzero(hits.form == form)
    order = order[np.argsort(hits.row[order], kind="stable")]
    row = hits.row[order]
    return _Field(
        form=form,
        order=order,
        time=query.time.astype(np.float64),
        span=still(query),
        first=np.searchsorted(row, np.arange(len(query.time) + 1)).astype(np.int64),
        hit_time=hits.time[order].astype(np.float64),
        start=hits.start[order].astype(np.float64),
        end=hits.end[order].astype(np.float64),
        nats=hits.nats[order].astype(np.float64),
        kind=hits.kind[order],
        shows=shows,
        alive=alive,
    )


def still(query: Clip) -> NDArray[np.float64]:
    """Seconds for which each row surely stays, float64 (n,): less than its span, which lasts until another was seen."""
    usual = min(float(np.median(np.diff(query.time))), OF_QUERY_CLIP.sampling.every) if len(query.time) > 1 else 0.0
    return np.asarray(np.maximum(query.span - usual, 0), np.float64)


def _windows(time: NDArray[np.float32]) -> list[tuple[int, int]]:
    """(from, to) of each window's rows."""
    windows, low = [], 0
    while True:
        high = min(low + WINDOW_ROWS, int(np.searchsorted(time, time[low] + WINDOW_SECONDS, side="right")))
        windows.append((low, high))
        if high == len(time):
            return windows
        low = max(low + 1, (low + high) // 2)


def _less_speed(nats: float, speed: float) -> float:
    """What is left of a line's nats at that speed."""
    return nats if speed == 1.0 else nats * (1 - SPEED_SHARE) - SPEED_COST


@cache
def _speeds() -> tuple[float, ...]:
    """Speeds that are tried, those nearest to 1 first."""
    steps = np.arange(1, 100) * np.log1p(SPEED_STEP)
    tried = np.exp(np.stack([-steps, steps], axis=1).reshape(-1))
    return (1.0, *(float(speed) for speed in tried if SPEEDS[0] <= speed <= SPEEDS[1]), *SPEEDS)


def _propose_all(field_: _Field, windows: Iterable[tuple[int, int]]) -> list[_Proposal]:
    """The best line of each window, followed over all rows for which it holds; those that others hold for as well."""
    found: list[_Proposal] = []
    for window in windows:
        local = _propose(field_, window)
        if local is None:
            continue
        if found and found[-1].first <= local.first and local.last <= found[-1].last:
            held = field_.run(found[-1].speed, found[-1].offset, window)
            if held.score >= local.score - SPEED_COST:
                continue
        followed = _follow(field_, local, window)
        if followed.score >= LEAST_SCORE:
            found.append(followed)
    return found


def _propose(field_: _Field, window: tuple[int, int]) -> _Proposal | None:
    """The best line through the hits of a window."""
    low, high = window
    hits = slice(int(field_.first[low]), int(field_.first[high]))
    if hits.start == hits.stop or not field_.alive[low:high].any():
        return None
    # Offsets are counted from the window's own beginning: how long the query is makes no difference.
    origin, reach = float(field_.time[low]), float(field_.time[high - 1] - field_.time[low])
    lowest = float(field_.start[hits].min()) - SPEEDS[1] * reach - _MARGIN
    highest = float(field_.end[hits].max()) + _MARGIN
    bins = min(int((highest - lowest) / compiled().BIN) + 1, MOST_BINS)
    room = compiled().room(bins)
    voted = []
    for rank, speed in enumerate(_speeds()):
        votes, offset = compiled().vote(
            speed, window, field_.first, field_.hit_time, field_.span, field_.start, field_.end, field_.nats,
            field_.alive, lowest - speed * origin, *room,
        )  # fmt: skip
        voted.append((_less_speed(votes, speed), -rank, speed, offset))
    voted.sort(reverse=True)
    tried = [field_.run(speed, offset, window) for _, _, speed, offset in voted[:PROPOSALS]]
    best = min(tried, key=lambda one: one.rank)
    if best.first < 0:
        return None
    best = _fitted(field_, best, window)
    shifted = [field_.run(best.speed, best.offset + shift, window) for shift in _SHIFTS.tolist()]
    return min([best, *shifted], key=lambda one: one.rank)


def _fitted(field_: _Field, proposal: _Proposal, rows: tuple[int, int]) -> _Proposal:
    """The line fitted to its hits, unless it was better before."""
    fitted = [field_.run(*fit, rows) for fit in _fits(field_, proposal, rows)]
    return min([proposal, *fitted], key=lambda one: one.rank)


def _follow(field_: _Field, proposal: _Proposal, window: tuple[int, int]) -> _Proposal:
    """The line of a window over twice as many rows, and fitted to these, and so on while it reaches further."""
    (low, high), best = window, proposal
    while True:
        wide, enough = high - low, compiled().MOST_MISSED + 1
        wider = (
            max(low - wide, 0) if best.first - low < enough else low,
            min(high + wide, len(field_.time)) if high - best.last <= enough else high,
        )
        if wider == (low, high):
            return best
        low, high = wider
        best = _fitted(field_, field_.run(best.speed, best.offset, wider), wider)


def _centred(field_: _Field, proposal: _Proposal) -> _Proposal:
    """The line in the middle of those that are as good: where nothing moves, many are, and the middle errs least."""
    rows, ends = (proposal.first, proposal.last + 1), [0, 0]

    def as_good(steps: int) -> bool:
        moved = field_.run(proposal.speed, proposal.offset + steps * _STEP, rows)
        same = (moved.first, moved.last) == (proposal.first, proposal.last)
        return same and moved.score >= proposal.score - _NO_WORSE

    for side, sign in enumerate((-1, 1)):
        step = 1
        while step < _MOST_STEPS and as_good(sign * (ends[side] + step)):
            ends[side] += step
            step *= 2
        while step > 1:
            step //= 2
            ends[side] += step * as_good(sign * (ends[side] + step))
    return field_.run(proposal.speed, proposal.offset + (ends[1] - ends[0]) * _STEP / 2, rows)


def _fits(field_: _Field, proposal: _Proposal, rows: tuple[int, int]) -> list[tuple[float, float]]:
    """Speeds and offsets that fit the hits of a line better, perhaps: as fast as the source, and as fast as fits."""
    field_.run(proposal.speed, proposal.offset, rows)  # fills `best`
    best = field_.best[proposal.first : proposal.last + 1]
    best = best[best >= 0]
    time, weight = field_.hit_time[best], field_.nats[best]
    line = proposal.speed * time + proposal.offset
    # A hit says no more than that the source lies in its stretch.
    source = np.clip(line, field_.start[best], field_.end[best])
    mean_time, mean_source = np.average(time, weights=weight), np.average(source, weights=weight)
    fits = [(proposal.speed, float(mean_source - proposal.speed * mean_time))]
    if proposal.speed != 1.0:
        fits.append((1.0, float(mean_source - mean_time)))
    if len(best) >= _FIT_ROWS and np.ptp(time) >= _FIT_SECONDS:
        away = time - mean_time
        speed = float(np.sum(weight * away * source) / np.sum(weight * away * away))
        speed = 1.0 if abs(speed - 1) < _SAME_SPEED else min(max(speed, SPEEDS[0]), SPEEDS[1])
        fits.append((speed, float(mean_source - speed * mean_time)))
    return fits


def _line(field_: _Field, proposal: _Proposal) -> Line:
    rows = (proposal.first, proposal.last + 1)
    field_.run(proposal.speed, proposal.offset, rows)
    agree = np.arange(*rows)[field_.best[slice(*rows)] >= 0]
    hits = field_.best[agree]
    seen = np.any(field_.shows[np.unique(field_.kind[hits]), slice(*rows)], axis=0)
    seen[agree - proposal.first] = True
    return Line(
        speed=proposal.speed,
        offset=proposal.offset,
        first=proposal.first,
        last=proposal.last,
        rows=agree.astype(np.int32),
        hits=field_.order[hits],
        looked=int(np.count_nonzero(seen)),
        score=proposal.score,
        form=field_.form,
    )


@cache
def compiled() -> _Kernel:
    """The compiled code: loaded only when there are hits to draw lines through, as in `hamming`."""
    from safelight.match.clip import lines_kernel  # noqa: PLC0415 - see above

    return lines_kernel
