"""Everything a picture or a video is compared with, tier by tier: digests and PDQ, then tiles, then keypoints.

Each tier is asked for what those before it leave open. The first two are looked up while the worker waits for an
answer to whether keypoints are wanted (`Matcher.wanted`); keypoints are traced in threads, while workers go on.
"""

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from types import TracebackType
from typing import TYPE_CHECKING, Self

from safelight.flow.lookup import Lookup
from safelight.match.judge import suppress
from safelight.model.clip import ClipRequest, KeyFrame
from safelight.model.errors import TraceError
from safelight.model.fingerprint import Fingerprint
from safelight.model.local import LocalExamination, LocalRequest, Want
from safelight.model.match import Match
from safelight.model.scan import BankUse, Depth, Examination, TierUse

if TYPE_CHECKING:  # it loads OpenCV, which look-ups by hashes alone do without
    from safelight.flow.clips import ClipMatcher, SearchedFrames
    from safelight.flow.trace import Searched, Tracer

REGIONS = 8
"""Near matches of a picture whose altered region is told, the nearest ones."""


class Matcher:
    """Matches examined files; a context manager. Without a tracer it compares pictures by digests and PDQ alone.

    Without `clips` it compares videos by digests alone.
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
        self._asked: dict[tuple[int, Fingerprint], list[Match]] = {}
        self._threads = ThreadPoolExecutor(threads)
        self._searches: dict[int, Future[Searched]] = {}
        self._watched: dict[int, Future[SearchedFrames]] = {}

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

    def wanted(self, key: int, found: Examination) -> Want:
        """Whether hashes and tiles leave a picture or video open: the examiner's question, see `ports.Wanted`."""
        if found.fingerprint is None or (found.local is None and found.clip is None):
            return Want.NOTHING
        try:
            matches, want = self._by_hashes(found, found.fingerprint)
        except TraceError:
            return Want.NOTHING  # `matches` meets the same trouble, and tells of it
        self._asked[key, found.fingerprint] = matches
        return want

    def start(self, examination: Examination) -> None:
        """Begin to trace a picture that came with keypoints, or a video; `matches` waits for it."""
        local = examination.local
        if self.tracer is not None and local is not None and len(local.features.x):
            self._searches[id(examination)] = self._threads.submit(self._search, self.tracer, local)
        if self.clips is not None and examination.key_frames:
            self._watched[id(examination)] = self._threads.submit(self._watch, self.clips, examination.key_frames)

    def forget(self, key: int) -> None:
        """File `key` is done."""
        for pair in [pair for pair in self._asked if pair[0] == key]:
            del self._asked[pair]

    def matches(self, items: Sequence[tuple[int, Examination]]) -> list[tuple[Match, ...]]:
        """The matches of each examination, of which each was started; given with the key of its file.

        What could not be traced has the matches by its hashes, and its cause in `untraced` under (key, path).
        """
        prints = [(n, e.fingerprint) for n, (_key, e) in enumerate(items) if e.fingerprint is not None]
        open_ones = [(n, f) for n, f in prints if (items[n][0], f) not in self._asked]
        began = time.monotonic()
        by_hash = dict(zip((n for n, _ in open_ones), self.lookup.matches([f for _, f in open_ones]), strict=True))
        self.seconds["hashes"] += time.monotonic() - began
        self.pictures["hashes"] += sum(e.facts is not None for _key, e in items)
        found: list[tuple[Match, ...]] = []
        for n, (key, examination) in enumerate(items):
            fingerprint = examination.fingerprint
            asked = self._asked.pop((key, fingerprint), None) if fingerprint is not None else None
            matches: Sequence[Match] = asked if asked is not None else by_hash.get(n, ())
            search, watched = self._searches.pop(id(examination), None), self._watched.pop(id(examination), None)
            try:
                if fingerprint is not None and asked is None:
                    matches = self._with_more(matches, examination, fingerprint)
                if search is not None and self.tracer is not None and fingerprint is not None:
                    self.pictures["keypoints"] += 1
                    matches = _joined(matches, self.tracer.told(search.result(), fingerprint.digests.sha256))
                if watched is not None and self.clips is not None:
                    self.pictures["keypoints"] += 1
                    matches = self.clips.told(examination, watched.result(), matches)
            except TraceError as error:
                self.untraced[key, examination.path] = error.cause
            found.append(suppress([self._in_video(match) for match in matches]))
        return found

    def _in_video(self, match: Match) -> Match:
        return self.clips.with_source_time(match) if self.clips else match

    def _with_more(
        self, matches: Sequence[Match], examination: Examination, fingerprint: Fingerprint
    ) -> Sequence[Match]:
        """What the worker did not ask for: the clip of a video, the tiles of a picture."""
        if examination.clip is not None and self.clips is not None:
            more, _want = self.clips.by_hashes(examination)
            matches = _joined(matches, more)
        if examination.local is not None:
            matches = self._with_tiles(list(matches), fingerprint, examination.local)
        return matches

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

    def _by_hashes(self, found: Examination, fingerprint: Fingerprint) -> tuple[list[Match], Want]:
        began = time.monotonic()
        matches: list[Match] = list(self.lookup.matches([fingerprint])[0])
        want = Want.NOTHING
        if found.local is not None:
            matches = self._with_tiles(matches, fingerprint, found.local)
            want = Want.KEYPOINTS if _is_open(matches) else Want.NOTHING
        if found.clip is not None and self.clips is not None and (found.local is None or want):
            more, of_clip = self.clips.by_hashes(found)
            matches = _joined(matches, more)
            want = of_clip if found.local is None else want
        self.seconds["hashes"] += time.monotonic() - began
        return matches, want

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

    def _watch(self, clips: "ClipMatcher", key_frames: Sequence[KeyFrame]) -> "SearchedFrames":
        began = time.thread_time()
        try:
            return clips.search(key_frames)
        finally:
            self.seconds["keypoints"] += time.thread_time() - began


def _joined(matches: Sequence[Match], traced: Sequence[Match]) -> list[Match]:
    """The matches with those that tracing adds: of other entries than the hashes have found already."""
    told = {(match.bank, match.entry) for match in matches}
    return [*matches, *(match for match in traced if (match.bank, match.entry) not in told)]


def _is_open(matches: Sequence[Match]) -> bool:
    """Whether nothing says yet what the picture is. Known-benign items do not: one may be pasted into the other."""
    return not any(not match.negative and match.suppressed_by is None for match in suppress(matches))


def depth_of(tracer: "Tracer | None") -> Depth:
    """How closely a matcher with this tracer looks."""
    return tracer.depth if tracer is not None and tracer.request is not None else Depth.HASHES
