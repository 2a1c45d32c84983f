"""What a video hangs together with: known videos in time, known pictures frame by frame.

Read `ClipMatcher.by_hashes`, asked while the worker waits, and `ClipMatcher.told`, with what keypoints add.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from types import TracebackType
from typing import Self

import numpy as np

from safelight.flow.allowance import GoesOn, always
from safelight.flow.lookup import Lookup
from safelight.flow.trace import KINDS, Searched, Tracer, opened, told_of_the_picture
from safelight.flow.track import MOST_REGIONS, KeypointRegions, Track
from safelight.match.clip.candidates import candidates
from safelight.match.clip.consensus import find_lines
from safelight.match.clip.forms import dihedral_forms
from safelight.match.clip.hits import FrameHits, KeypointHit, frame_hits, keypoint_hits
from safelight.match.clip.verdict import ClipFinding, judge_clip
from safelight.match.judge import best_of_each, suppress
from safelight.match.local.derive import Derived
from safelight.match.local.trace import OF_KEY_FRAME
from safelight.match.queries import Query
from safelight.model.bank import Bank, BankEntry
from safelight.model.clip import OF_QUERY_CLIP, Clip, ClipRequest, KeyFrame, evenly, video_seconds
from safelight.model.derivation import Verdict
from safelight.model.errors import TraceError
from safelight.model.fingerprint import DIHEDRAL, Digests
from safelight.model.local import Want
from safelight.model.match import Match, MatchKind
from safelight.model.scan import Examination, Status
from safelight.ports import BankStore, ClipIndex, ClipRoom, Masks

FRAMES_ASKED = 512
"""Frames of a video that are looked up one by one, spread over it."""
ASKED_ROWS, ASKED_PAIRS = 512, 200_000_000
"""Rows of a video by which known ones are chosen that it is compared with: so many at least, and more while they, times
the rows of the bank, are less than that: two CPU seconds."""
PAIRS, LEAST_COMPARED = 500_000_000, 4
"""Rows of a video times rows of those of one bank that it is compared with; so many of these in any case."""
COPIED = 0.8
"""Share of a video's seconds that are near to one known video, for it to be a copy as vPDQ has it."""

ENOUGH = 0.5
"""Share of a video's seconds that known ones account for, above which nothing more is looked for."""

TRACE = 2.0
"""Nats against chance from which something that is too little to tell is worth a denser look."""


Findings = dict[tuple[str, int], tuple[Bank, ClipFinding]]
"""What is known of known videos, by bank and entry, the most promising first."""


@dataclass(frozen=True, slots=True)
class LookedUp:
    """What hashes say of a video, what is to be added, and what need not be found out again of the same clip."""

    matches: list[Match]
    want: Want
    findings: Findings
    of: bytes


NOT_LOOKED_UP = LookedUp([], Want.NOTHING, {}, b"")


@dataclass(frozen=True, slots=True)
class SearchedFrames:
    """What keypoints say of a video's key frames: second of the video, and what was found."""

    frames: tuple[tuple[float, Searched], ...]


class ClipMatcher:
    """The banks of a look-up as videos see them; a context manager."""

    def __init__(
        self, store: BankStore, room: ClipRoom, lookup: Lookup, tracer: Tracer | None, masks: Masks | None = None
    ) -> None:
        self._store = store
        self._lookup = lookup
        self._tracer = tracer
        self._track = Track(masks)
        self._indexes: dict[str, tuple[Bank, ClipIndex]] = opened(room.open, lookup.banks)
        self._held = {name: frozenset(index.entries().tolist()) for name, (_bank, index) in self._indexes.items()}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for _bank, index in self._indexes.values():
            index.close()

    @property
    def request(self) -> ClipRequest:
        """How closely videos are looked at: without keypoints where no bank could make use of them."""
        local = self._tracer.request if self._tracer else None
        if local is None or not local.keypoints:
            return replace(OF_QUERY_CLIP, key_frames=0, local=None)
        return replace(OF_QUERY_CLIP, local=local)

    def sizes(self) -> dict[str, int]:
        """Clips of each bank that has any."""
        return {name: len(index) for name, (_bank, index) in self._indexes.items()}

    @told_of_the_picture
    def by_hashes(self, found: Examination, goes_on: GoesOn = always) -> LookedUp:
        """What digests, frames and their tiles say of a video, and what is to be added to them.

        When time is up, nothing more is.
        """
        clip, _item = _parts_of(found)
        if not goes_on():
            return NOT_LOOKED_UP
        matches = self._frame_by_frame(found)
        findings = dict(self._in_time(clip, {}, (), None, goes_on))
        told = self._told(found, findings, {}, goes_on)
        matches += [match for match in told if (match.bank, match.entry) not in {(m.bank, m.entry) for m in matches}]
        positive = [match for match in suppress(matches) if match.counts]
        enough = any(match.share is None or match.share >= ENOUGH for match in positive)
        traces = any(finding.log_ratio >= TRACE for _bank, finding in findings.values())
        want = Want.NOTHING if enough or not goes_on() else Want.DENSE if traces else Want.KEYPOINTS
        return LookedUp(matches, want, findings, _digest(clip))

    @told_of_the_picture
    def search(self, key_frames: Sequence[KeyFrame], goes_on: GoesOn = always) -> SearchedFrames:
        """What keypoints say of each key frame, until time is up. Reads nothing that changes: for any thread."""
        if self._tracer is None:
            return SearchedFrames(())
        searched = []
        for frame in key_frames:
            if not goes_on():
                break
            searched.append((frame.time, self._tracer.search(frame.local, OF_KEY_FRAME)))
        return SearchedFrames(tuple(searched))

    @told_of_the_picture
    def told(
        self,
        found: Examination,
        searched: SearchedFrames,
        before: Sequence[Match],
        looked_up: LookedUp | None = None,
        goes_on: GoesOn = always,
    ) -> list[Match]:
        """All that a video hangs together with, by its clip as it is now and by its key frames.

        `before`: its matches so far. `looked_up`: what `by_hashes` said of it, or of it looked at less closely. When
        time is up, that stands.
        """
        clip, _item = _parts_of(found)
        if not goes_on():
            return list(before)
        hits: dict[tuple[str, int], list[KeypointHit]] = {}
        traced: dict[tuple[str, int], list[tuple[float, tuple[int, int], Derived]]] = {}
        others: list[Match] = []
        for time, one in searched.frames:
            pictures = []
            for bank, entry, frame, about in one.found:
                source_time = video_seconds(frame)
                if source_time is None or entry not in self._held.get(bank.name, ()):
                    pictures.append((bank, entry, frame, about))
                    continue
                known = about.derivation
                derived = known.verdict is Verdict.DERIVATIVE
                hit = KeypointHit(time, source_time, known.log_ratio, known.mirrored, derived)
                hits.setdefault((bank.name, entry), []).append(hit)
                if derived:
                    traced.setdefault((bank.name, entry), []).append((time, one.full, about))
            others += self._pictures(found, time, replace(one, found=tuple(pictures)))
        looked = [time for time, _one in searched.frames]
        same = looked_up.findings if looked_up is not None and looked_up.of == _digest(clip) else None
        findings = dict(self._in_time(clip, hits, looked, same, goes_on))
        in_time = self._told(found, findings, traced, goes_on)
        # That keypoints agree as well does not make a copy anything else.
        settled = [match for match in before if match.algorithm != "clip" or match.kind is MatchKind.NEAR]
        copies = {(match.bank, match.entry) for match in settled}
        in_time = [match for match in in_time if (match.bank, match.entry) not in copies]
        return best_of_each(suppress([*settled, *in_time, *others]))

    @told_of_the_picture
    def with_source_time(self, match: Match) -> Match:
        """A still's near match with a video, with the second of it that is nearest."""
        held = None if match.source_time is not None else self._indexes.get(match.bank)
        if held is None or match.kind is not MatchKind.NEAR or match.algorithm != "pdq" or not match.known:
            return match
        bank, index = held
        entry = self._store.entry_ids(bank, [match.entry]).get(match.entry)
        if entry not in self._held[bank.name] or entry is None:
            return match
        clip = index.clip(entry)
        if not len(clip.time):
            return match
        code = np.frombuffer(bytes.fromhex(match.known), np.uint8)
        row = int(np.bitwise_count(clip.codes ^ code).sum(axis=1, dtype=np.int64).argmin())
        return replace(match, source_time=round(float(clip.time[row]), 3))

    def _frame_by_frame(self, found: Examination) -> list[Match]:
        """Exact matches, and near ones of single frames with pictures; videos are matched in time instead."""
        clip, digests = _parts_of(found)
        matches = self._lookup.search([frame_queries(clip)], [digests])[0]
        names: dict[str, list[str]] = {}
        for match in matches:
            names.setdefault(match.bank, []).append(match.entry)
        videos = set()
        for name, entries in names.items():
            if name in self._indexes:
                ids = self._store.entry_ids(self._indexes[name][0], entries)
                videos |= {(name, entry) for entry, number in ids.items() if number in self._held[name]}
        return [
            replace(match, time=round(float(clip.time[match.frame]), 3), frame=0)
            if match.kind is MatchKind.NEAR
            else match
            for match in matches
            if match.kind is MatchKind.EXACT or (match.bank, match.entry) not in videos
        ]

    def _in_time(
        self,
        clip: Clip,
        keypoints: Mapping[tuple[str, int], Sequence[KeypointHit]],
        looked: Sequence[float],
        same: Findings | None,
        goes_on: GoesOn,
    ) -> Iterator[tuple[tuple[str, int], tuple[Bank, ClipFinding]]]:
        """What is known of each known video that this one may hang together with, until time is up.

        `keypoints`: by bank and entry. `looked`: seconds at which keypoints were looked for. `same`: what hashes alone
        say of this very clip, which stands where keypoints add nothing; None when that has not been found out.
        """
        searched = sum(len(index.rows().entry) for _bank, index in self._indexes.values())
        for name, (bank, index) in self._indexes.items():
            chosen = self._chosen(clip, name, goes_on) if same is None else [n for held, n in same if held == name]
            named = [entry for held, entry in keypoints if held == name]
            pairs = compared = 0
            for entry in dict.fromkeys([*named, *chosen]):
                seen = keypoints.get((name, entry), ())
                if same is not None and not seen:
                    yield (name, entry), same[name, entry]
                    continue
                if not goes_on():
                    return
                source = index.clip(entry)
                if not seen:
                    pairs, compared = pairs + len(clip.time) * len(source.time), compared + 1
                    if pairs > PAIRS and compared > LEAST_COMPARED:
                        break
                parts = [frame_hits(clip, source), keypoint_hits(clip, seen, source.time[source.keyed].tolist())]
                hits = FrameHits.join(parts)
                lines = find_lines(clip, hits, looked)
                finding = judge_clip(clip, source, hits, lines, searched, looked)
                if finding is not None:
                    yield (name, entry), (bank, finding)

    def _chosen(self, clip: Clip, name: str, goes_on: GoesOn) -> list[int]:
        """The entries of a bank that a clip is compared with, the most promising first."""
        rows = self._indexes[name][1].rows()
        return candidates(asked_of(clip, len(rows.entry)), rows) if goes_on() else []

    def _told(
        self,
        found: Examination,
        findings: Findings,
        traced: Mapping[tuple[str, int], KeypointRegions],
        goes_on: GoesOn,
    ) -> list[Match]:
        """The findings as matches, with the altered region in time of those that are derivatives, the best first."""
        clip, digests = _parts_of(found)
        telling = [one for one in findings.items() if one[1][1].verdict in KINDS]
        telling.sort(key=lambda one: -one[1][1].log_ratio)
        entries = self._store.by_entry_ids([number for (_name, number), _finding in telling])
        matches, room = [], MOST_REGIONS
        for (name, number), (bank, finding) in telling:
            if number not in entries:
                continue
            match = _match(bank, entries[number], finding)
            is_whole = finding.verdict is Verdict.DERIVATIVE and found.status is not Status.DEGRADED
            if is_whole and room and goes_on():
                source, seen = self._indexes[name][1].clip(number), traced.get((name, number), ())
                match = self._track.of(match, digests.sha256, clip, source, seen, room)
                room -= sum(len(segment.track) for segment in match.segments)
            matches.append(match)
        return matches

    def _pictures(self, found: Examination, time: float, searched: Searched) -> list[Match]:
        """What one key frame came from, of known pictures."""
        if not searched.found or self._tracer is None or found.fingerprint is None:
            return []
        matches = self._tracer.told(searched, found.fingerprint.digests.sha256)
        return [replace(match, time=round(time, 3)) for match in matches]


def asked_of(clip: Clip, bank_rows: int) -> Clip:
    """The rows of a clip by which known ones are chosen from a bank of so many: evenly spread, those with tiles first.

    See `ASKED_ROWS`.
    """
    most, held = max(ASKED_ROWS, ASKED_PAIRS // max(bank_rows, 1)), np.arange(len(clip.time))
    if len(held) <= most:
        return clip
    keyed = clip.keyed[evenly(len(clip.keyed), most)]
    rows = np.union1d(keyed, evenly(len(held), most - len(keyed))).astype(np.int32)
    kept = np.isin(clip.keyed, rows)
    return replace(
        clip,
        time=clip.time[rows],
        span=clip.span[rows],
        codes=clip.codes[rows],
        quality=clip.quality[rows],
        shot=clip.shot[rows],
        keyed=np.searchsorted(rows, clip.keyed[kept]).astype(np.int32),
        tiles=clip.tiles[kept],
        tile_quality=clip.tile_quality[kept],
    )


def frame_queries(clip: Clip) -> tuple[Query, ...]:
    """The frames of a clip that are looked up one by one, in all eight forms; `Query.frame` is the row."""
    rows = clip.keyed[evenly(len(clip.keyed), FRAMES_ASKED)]
    forms = dihedral_forms(clip.codes[rows])
    found: dict[bytes, Query] = {}
    for number, form in enumerate(DIHEDRAL):
        for row, code in zip(rows.tolist(), forms[number], strict=True):
            found.setdefault(code.tobytes(), Query(code.tobytes().hex(), int(clip.quality[row]), row, dihedral=form))
    return tuple(found.values())


def _match(bank: Bank, entry: BankEntry, finding: ClipFinding) -> Match:
    copied = (
        finding.distance is not None
        and finding.distance <= bank.threshold
        and finding.share >= COPIED
        and all(segment.evidence == ("frames",) for segment in finding.segments)
    )
    kind = KINDS[finding.verdict]
    if copied and kind is MatchKind.DERIVATIVE:
        kind = MatchKind.NEAR
    return Match(
        bank=bank.name,
        entry=entry.name,
        kind=kind,
        algorithm="clip",
        distance=finding.distance,
        classification=entry.classification,
        negative=bank.negative,
        p_false_match=finding.p_false_match if kind is not MatchKind.SHARED_SCENE else None,
        mirrored=all(segment.mirrored for segment in finding.segments),
        log_ratio=finding.log_ratio,
        parts=finding.parts,
        segments=finding.segments,
        share=finding.share,
        source_share=finding.source_share,
    )


def _parts_of(found: Examination) -> tuple[Clip, Digests]:
    """Raises TraceError for what is no video: a worker may say what it likes."""
    if found.clip is None or found.fingerprint is None:
        raise TraceError("it could not be traced (no clip)")
    return found.clip, found.fingerprint.digests


def _digest(clip: Clip) -> bytes:
    """The same of equal clips alone."""
    state = hashlib.blake2b(repr((clip.width, clip.height, clip.duration, clip.box)).encode(), digest_size=16)
    for field in fields(clip):
        value = getattr(clip, field.name)
        if isinstance(value, np.ndarray):
            state.update(repr(value.shape).encode())
            state.update(value.tobytes())
    return state.digest()
