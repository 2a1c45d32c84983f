"""What a video hangs together with: known videos in time, known pictures frame by frame.

Read `ClipMatcher.by_hashes`, asked while the worker waits, and `ClipMatcher.told`, with what keypoints add.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from types import MappingProxyType, TracebackType
from typing import Self

import numpy as np

from safelight.flow.lookup import Lookup
from safelight.flow.trace import Searched, Tracer, told_of_the_picture
from safelight.flow.track import KeypointRegions, Track
from safelight.match.clip.candidates import candidates
from safelight.match.clip.consensus import find_lines
from safelight.match.clip.forms import dihedral_forms
from safelight.match.clip.hits import FrameHits, KeypointHit, frame_hits, keypoint_hits
from safelight.match.clip.verdict import ClipFinding, judge_clip
from safelight.match.judge import suppress
from safelight.match.local.derive import Derived
from safelight.match.local.trace import OF_KEY_FRAME
from safelight.match.queries import Query
from safelight.model.bank import Bank, BankEntry
from safelight.model.clip import OF_QUERY_CLIP, Clip, ClipRequest, KeyFrame, video_seconds
from safelight.model.derivation import Verdict
from safelight.model.fingerprint import DIHEDRAL
from safelight.model.local import Want
from safelight.model.match import Match, MatchKind
from safelight.model.scan import Examination, Status
from safelight.ports import BankStore, ClipIndex, ClipRoom, Masks

FRAMES_ASKED = 512
"""Frames of a video that are looked up one by one, spread over it."""
COPIED = 0.8
"""Share of a video's seconds that are near to one known video, for it to be a copy as vPDQ has it."""

ENOUGH = 0.5
"""Share of a video's seconds that known ones account for, above which nothing more is looked for."""

_KINDS = {Verdict.DERIVATIVE: MatchKind.DERIVATIVE, Verdict.SHARED_SCENE: MatchKind.SHARED_SCENE}


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
        opened = ((bank, room.open(bank)) for bank in lookup.banks)
        self._indexes: dict[str, tuple[Bank, ClipIndex]] = {
            bank.name: (bank, index) for bank, index in opened if _kept(index)
        }
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
    def by_hashes(self, found: Examination) -> tuple[list[Match], Want]:
        """What digests, frames and their tiles say of a video, and what is to be added to them."""
        assert found.clip is not None
        matches = self._frame_by_frame(found)
        findings = list(self._in_time(found.clip, {}, ()))
        told = self._told(found, findings)
        matches += [match for match in told if (match.bank, match.entry) not in {(m.bank, m.entry) for m in matches}]
        positive = [match for match in suppress(matches) if not match.negative and match.suppressed_by is None]
        if any(match.share is None or match.share >= ENOUGH for match in positive):
            return matches, Want.NOTHING
        return matches, Want.DENSE if findings else Want.KEYPOINTS

    @told_of_the_picture
    def search(self, key_frames: Sequence[KeyFrame]) -> SearchedFrames:
        """What keypoints say of each key frame. Reads nothing that changes: for any thread."""
        assert self._tracer is not None
        return SearchedFrames(
            tuple((frame.time, self._tracer.search(frame.local, OF_KEY_FRAME)) for frame in key_frames)
        )

    @told_of_the_picture
    def told(self, found: Examination, searched: SearchedFrames, before: Sequence[Match]) -> list[Match]:
        """All that a video hangs together with, by its clip as it is now and by its key frames.

        `before`: what `by_hashes` said of it.
        """
        assert found.clip is not None
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
        in_time = self._told(found, list(self._in_time(found.clip, hits, looked)), traced)
        # That keypoints agree as well does not make a copy anything else.
        settled = [match for match in before if match.algorithm != "clip" or match.kind is MatchKind.NEAR]
        copies = {(match.bank, match.entry) for match in settled}
        in_time = [match for match in in_time if (match.bank, match.entry) not in copies]
        best: dict[tuple[str, str], Match] = {}
        for match in suppress([*settled, *in_time, *others]):
            best.setdefault((match.bank, match.entry), match)
        return list(best.values())

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
        code = np.frombuffer(bytes.fromhex(match.known), np.uint8)
        row = int(np.bitwise_count(clip.codes ^ code).sum(axis=1, dtype=np.int64).argmin())
        return replace(match, source_time=round(float(clip.time[row]), 3))

    def _frame_by_frame(self, found: Examination) -> list[Match]:
        """Exact matches, and near ones of single frames with pictures; videos are matched in time instead."""
        assert found.clip is not None
        assert found.fingerprint is not None
        matches = self._lookup.search([frame_queries(found.clip)], [found.fingerprint.digests])[0]
        names: dict[str, list[str]] = {}
        for match in matches:
            names.setdefault(match.bank, []).append(match.entry)
        videos = set()
        for name, entries in names.items():
            if name in self._indexes:
                ids = self._store.entry_ids(self._indexes[name][0], entries)
                videos |= {(name, entry) for entry, number in ids.items() if number in self._held[name]}
        return [
            replace(match, time=round(float(found.clip.time[match.frame]), 3), frame=0, suppressed_by=None)
            if match.kind is MatchKind.NEAR
            else match
            for match in matches
            if match.kind is MatchKind.EXACT or (match.bank, match.entry) not in videos
        ]

    def _in_time(
        self, clip: Clip, keypoints: Mapping[tuple[str, int], Sequence[KeypointHit]], looked: Sequence[float]
    ) -> Iterator[tuple[Bank, int, ClipFinding]]:
        """What is known of each known video that this one may hang together with.

        `keypoints`: by bank and entry. `looked`: seconds at which keypoints were looked for.
        """
        searched = sum(len(index.rows().entry) for _bank, index in self._indexes.values())
        for name, (bank, index) in self._indexes.items():
            rows = index.rows()
            named = [entry for held, entry in keypoints if held == name]
            for entry in dict.fromkeys([*candidates(clip, rows), *named]):
                source = index.clip(entry)
                seen = keypoints.get((name, entry), ())
                parts = [frame_hits(clip, source), keypoint_hits(clip, seen, source.time[source.keyed].tolist())]
                hits = FrameHits.join(parts)
                lines = find_lines(clip, hits, looked)
                finding = judge_clip(clip, source, hits, lines, searched, looked)
                if finding is not None:
                    yield bank, entry, finding

    def _told(
        self,
        found: Examination,
        findings: Sequence[tuple[Bank, int, ClipFinding]],
        traced: Mapping[tuple[str, int], KeypointRegions] = MappingProxyType({}),
    ) -> list[Match]:
        """The findings as matches, with the altered region in time of those that are derivatives."""
        assert found.clip is not None
        assert found.fingerprint is not None
        telling = [one for one in findings if one[2].verdict in _KINDS]
        entries = self._store.by_entry_ids([entry for _bank, entry, _finding in telling])
        matches = []
        for bank, number, finding in telling:
            if number not in entries:
                continue
            match = _match(bank, entries[number], finding)
            if finding.verdict is Verdict.DERIVATIVE and found.status is not Status.DEGRADED:
                source = self._indexes[bank.name][1].clip(number)
                seen = traced.get((bank.name, number), ())
                match = self._track.of(match, found.fingerprint.digests.sha256, found.clip, source, seen)
            matches.append(match)
        return matches

    def _pictures(self, found: Examination, time: float, searched: Searched) -> list[Match]:
        """What one key frame came from, of known pictures."""
        if not searched.found or self._tracer is None or found.fingerprint is None:
            return []
        matches = self._tracer.told(searched, found.fingerprint.digests.sha256)
        return [replace(match, time=round(time, 3)) for match in matches]


def frame_queries(clip: Clip) -> tuple[Query, ...]:
    """The frames of a clip that are looked up one by one, in all eight forms; `Query.frame` is the row."""
    rows = clip.keyed
    if len(rows) > FRAMES_ASKED:
        rows = rows[np.linspace(0, len(rows) - 1, FRAMES_ASKED).astype(np.int64)]
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
    kind = _KINDS[finding.verdict]
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


def _kept(index: ClipIndex) -> bool:
    if len(index):
        return True
    with closing(index):
        return False
