"""Everything a picture or a video is compared with, tier by tier: digests and PDQ, then tiles, then keypoints.

Each tier is asked for what those before it leave open. The first two are looked up while the worker waits for an
answer to whether keypoints are wanted (`Matcher.wanted`); keypoints are traced in threads, while workers go on.
"""

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from types import TracebackType
from typing import TYPE_CHECKING, Self

from safelight.flow.allowance import TOO_LONG, Allowance
from safelight.flow.lookup import Lookup
from safelight.match.judge import suppress
from safelight.model.clip import ClipRequest, KeyFrame
from safelight.model.errors import TraceError
from safelight.model.fingerprint import Fingerprint
from safelight.model.local import LocalExamination, LocalRequest, Want
from safelight.model.match import Match
from safelight.model.scan import BankUse, Depth, Examination, TierUse

if TYPE_CHECKING:  # it loads OpenCV, which look-ups by hashes alone do without
    from safelight.flow.clips import ClipMatcher, LookedUp, SearchedFrames
    from safelight.flow.trace import Searched, Tracer

REGIONS = 8
"""Near matches of a picture whose altered region is told, the nearest ones."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """What hashes say of a file. `clip`: of its clip; `cut`: not all that they could. `whole`: tiles included."""

    matches: Sequence[Match]
    clip: "LookedUp | None" = None
    cut: bool = False
    whole: bool = True


class Matcher:
    """Matches examined files; a context manager. Without a tracer it compares pictures by digests and PDQ alone.

    Without `clips` it compares videos by digests alone. No file keeps it busy with videos for longer than its
    `Allowance`: what could not be compared until then is left out, and told in `untraced`.
    """

    def __init__(
        self,
        lookup: Lookup,
        tracer: "Tracer | None" = None,
        threads: int = 1,
        clips: "ClipMatcher | None" = None,
    ) -> None:
        self.lookup = lookup
        self.tracer = tracer
        self.clips = clips
        self.seconds = {"hashes": 0.0, "keypoints": 0.0}
        self.pictures = {"hashes": 0, "keypoints": 0}
        self.untraced: dict[tuple[int, str], str] = {}
        self._asked: dict[tuple[int, Fingerprint], _Asked] = {}
        self._allowances: dict[int, Allowance] = {}
        self._threads = ThreadPoolExecutor(threads)
        self._searches: dict[int, Future[Searched]] = {}
        self._watched: dict[int, Future[tuple[SearchedFrames, bool]]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._threads.shutdown(cancel_futures=True)

    @property
    def request(self) -> LocalRequest | None:
        """How closely the workers are to look; None for by hashes alone."""
        return self.tracer.request if self.tracer else None

    @property
    def clip_request(self) -> ClipRequest | None:
        """How closely the workers are to look at videos; None for not at all."""
        return self.clips.request if self.clips else None

    def expect(self, key: int, stored: int) -> None:
        """File `key` will come, of which so many bytes are on the disk: they earn it time.

        Of a file that nobody expected it is taken that it is small.
        """
        self._allowances[key] = Allowance(stored)

    def wanted(self, key: int, found: Examination) -> Want:
        """Whether hashes and tiles leave a picture or video open: the examiner's question, see `ports.Wanted`."""
        if found.fingerprint is None or (found.local is None and found.clip is None):
            return Want.NOTHING
        try:
            asked, want = self._by_hashes(key, found, found.fingerprint)
        except TraceError:
            return Want.NOTHING  # `matches` meets the same trouble, and tells of it
        self._asked[key, found.fingerprint] = asked
        return want

    def start(self, key: int, examination: Examination) -> Examination:
        """Begin to trace a picture that came with keypoints, or a video, of file `key`; `matches` waits for it.

        Returns the examination as it is to be given to `matches`, without the key frames, which are large.
        """
        local, frames = examination.local, examination.key_frames
        light = replace(examination, key_frames=()) if frames else examination
        # What was started, but never asked for, must not be taken for another's that has its place in memory now.
        self._searches.pop(id(light), None)
        self._watched.pop(id(light), None)
        if self.tracer is not None and local is not None and len(local.features.x):
            self._searches[id(light)] = self._threads.submit(self._search, self.tracer, local)
        if self.clips is not None and frames and examination.clip is not None and examination.fingerprint is not None:
            self._watched[id(light)] = self._threads.submit(self._watch, self.clips, frames, self._allowance(key))
        return light

    def _allowance(self, key: int) -> Allowance:
        return self._allowances.setdefault(key, Allowance())

    def forget(self, key: int) -> None:
        """File `key` is done."""
        self._allowances.pop(key, None)
        for pair in [pair for pair in self._asked if pair[0] == key]:
            del self._asked[pair]

    def matches(self, items: Sequence[tuple[int, Examination]]) -> list[tuple[Match, ...]]:
        """The matches of each examination, of which each was started; given with the key of its file.

        What could not be traced has the matches by its hashes, and its cause in `untraced` under (key, path).
        """
        prints = [(n, key, e.fingerprint) for n, (key, e) in enumerate(items) if e.fingerprint is not None]
        asked = {n: self._asked.pop((key, f)) for n, key, f in prints if (key, f) in self._asked}
        open_ones = [(n, f) for n, _key, f in prints if n not in asked]
        began = time.monotonic()
        for (n, _), matches in zip(open_ones, self.lookup.matches([f for _, f in open_ones]), strict=True):
            asked[n] = _Asked(matches, whole=False)
        self.seconds["hashes"] += time.monotonic() - began
        self.pictures["hashes"] += sum(e.facts is not None for _key, e in items)
        return [self._all_of(key, e, asked.get(n, _Asked(()))) for n, (key, e) in enumerate(items)]

    def _all_of(self, key: int, examination: Examination, asked: _Asked) -> tuple[Match, ...]:
        """The matches of one examination, of which hashes have said something already."""
        fingerprint, matches, cause = examination.fingerprint, asked.matches, TOO_LONG if asked.cut else None
        search, watched = self._searches.pop(id(examination), None), self._watched.pop(id(examination), None)
        try:
            if fingerprint is not None and not asked.whole:
                asked = self._with_more(key, asked.matches, examination, fingerprint)
                matches = asked.matches
                cause = TOO_LONG if asked.cut else None
            if search is not None and self.tracer is not None and fingerprint is not None:
                self.pictures["keypoints"] += 1
                matches = _joined(matches, self.tracer.told(search.result(), fingerprint.digests.sha256))
            if watched is not None and self.clips is not None:
                self.pictures["keypoints"] += 1
                searched, cut = watched.result()
                with self._allowance(key).turn() as turn:
                    matches = self.clips.told(examination, searched, matches, asked.clip, turn.goes_on)
                cause = TOO_LONG if cut or turn.cut else cause
            matches = [self._in_video(match) for match in matches]
        except TraceError as error:
            cause = error.cause
        if cause is not None:
            self.untraced[key, examination.path] = cause
        return suppress(matches)

    def _in_video(self, match: Match) -> Match:
        return self.clips.with_source_time(match) if self.clips else match

    def _with_more(
        self, key: int, matches: Sequence[Match], examination: Examination, fingerprint: Fingerprint
    ) -> _Asked:
        """What the worker did not ask for: the clip of a video, the tiles of a picture."""
        asked = self._with_clip(key, matches, examination)
        if examination.local is None:
            return asked
        return replace(asked, matches=self._with_tiles(list(asked.matches), fingerprint, examination.local))

    def _with_clip(self, key: int, matches: Sequence[Match], examination: Examination) -> _Asked:
        """The matches with those of the file's clip, if it has one."""
        if examination.clip is None or self.clips is None:
            return _Asked(matches)
        with self._allowance(key).turn() as turn:
            looked_up = self.clips.by_hashes(examination, turn.goes_on)
        return _Asked(_joined(matches, looked_up.matches), looked_up, turn.cut)

    def uses(self) -> tuple[BankUse, ...]:
        """The banks as they are used now, for the summary."""
        sketches = self.tracer.sizes() if self.tracer else {}
        return tuple(replace(use, sketches=sketches.get(use.name, 0)) for use in self.lookup.uses())

    def tiers(self, spent: Mapping[str, float]) -> dict[str, TierUse]:
        """What each tier took, for the summary. `spent`: as `Examiner.spent` has it."""
        return {
            tier: TierUse(self.pictures[tier], round(spent.get(tier, 0.0), 3), round(seconds, 3))
            for tier, seconds in self.seconds.items()
        }

    def _by_hashes(self, key: int, found: Examination, fingerprint: Fingerprint) -> tuple[_Asked, Want]:
        began = time.monotonic()
        matches: list[Match] = list(self.lookup.matches([fingerprint])[0])
        if found.local is None:
            asked = self._with_clip(key, matches, found)
            want = asked.clip.want if asked.clip else Want.NOTHING
        else:
            asked = _Asked(self._with_tiles(matches, fingerprint, found.local))
            want = Want.KEYPOINTS if _is_open(asked.matches) else Want.NOTHING
            if want:
                asked = self._with_clip(key, asked.matches, found)
        self.seconds["hashes"] += time.monotonic() - began
        return asked, want

    def _with_tiles(self, matches: list[Match], fingerprint: Fingerprint, local: LocalExamination) -> list[Match]:
        """Near matches with their altered region; where they leave the picture open, what the tiles find."""
        if self.tracer is None:
            return matches
        nearest = [self._in_video(match) for match in matches[:REGIONS]]
        seen = [self.tracer.with_region(match, fingerprint, local) for match in nearest] + matches[len(nearest) :]
        return _joined(seen, self.tracer.by_tiles(local, fingerprint.digests.sha256)) if _is_open(seen) else seen

    def _search(self, tracer: "Tracer", local: LocalExamination) -> "Searched":
        began = time.thread_time()
        try:
            return tracer.search(local)
        finally:
            self.seconds["keypoints"] += time.thread_time() - began

    def _watch(
        self, clips: "ClipMatcher", key_frames: Sequence[KeyFrame], allowance: Allowance
    ) -> "tuple[SearchedFrames, bool]":
        """What was found, and whether something was left out."""
        began = time.thread_time()
        try:
            with allowance.turn() as turn:
                return clips.search(key_frames, turn.goes_on), turn.cut
        finally:
            self.seconds["keypoints"] += time.thread_time() - began


def _joined(matches: Sequence[Match], traced: Sequence[Match]) -> list[Match]:
    """The matches with those that tracing adds: of other entries than the hashes have found already."""
    told = {(match.bank, match.entry) for match in matches}
    return [*matches, *(match for match in traced if (match.bank, match.entry) not in told)]


def _is_open(matches: Sequence[Match]) -> bool:
    """Whether nothing says yet what the picture is. Known-benign items do not: one may be pasted into the other."""
    return not any(match.counts for match in suppress(matches))


def depth_of(tracer: "Tracer | None") -> Depth:
    """How closely a matcher with this tracer looks."""
    return tracer.depth if tracer is not None and tracer.request is not None else Depth.HASHES
