"""A suspect video held against the original that it may come from: read `compare_clips`.

First both are watched, and what is where in time is told from that. Then a few moments of what was found are looked at
again, in both videos, pixel by pixel. Where in time two frames belong together is known to a fraction of a second only,
while anything that moves is elsewhere a moment later: so of several frames of the original that one is taken which
explains most of the suspect's.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from safelight import __version__
from safelight.flow.compare_methods import Methods, Placement, Rgb
from safelight.flow.lay_over import Side, laid_over
from safelight.flow.walk import display
from safelight.model.clip import DENSE_QUERY, OF_KNOWN_CLIP, OF_QUERY_CLIP, ClipRequest, KeyFrame, Sampling
from safelight.model.comparison import (
    COMPARISON_SCHEMA,
    MAX_INSTANTS,
    Blur,
    ClipComparison,
    ComparedFile,
    ComparedFrames,
    ComparedPictures,
    Comparison,
    Instant,
)
from safelight.model.derivation import Derivation, Verdict
from safelight.model.errors import InputError
from safelight.model.fingerprint import Digests
from safelight.model.local import OF_KNOWN, OF_QUERY, LocalExamination, LocalRequest
from safelight.model.media import MediaFacts
from safelight.model.scan import Examination
from safelight.model.segment import RegionAt, Segment, covered, shown
from safelight.ports import Clock, ExamineJob, Examiner
from safelight.report.compare_clip_words import cannot_conclude, statement

FRAME_SIDE = 720
"""Longest side, in pixels, of the frames that are compared pixel by pixel and shown; never enlarged."""
SUSPECT_CLIP, ORIGINAL_CLIP = replace(OF_QUERY_CLIP, sampling=DENSE_QUERY), OF_KNOWN_CLIP
"""How closely the two are watched: the suspect at once as densely as a search does in the end."""
STEPS = (0.2, 0.05)
"""Seconds between the frames of the original that are tried at a moment, two to either side; step after step finer."""
_LEAST_GAP = 2.0  # seconds of a segment for each of its moments after the first


def is_video(examination: Examination) -> bool:
    """Whether a file is a video, by its content. An animated picture is a picture."""
    return examination.mime.startswith("video/")


def compare_clips(
    suspect: str, original: str, examiner: Examiner, methods: Methods, clock: Clock, blur: Blur
) -> tuple[Comparison, ComparedFrames]:
    """Compare two video files, as `flow.compare.compare` does.

    Raises:
        InputError: a video that cannot be read, with its path and the cause.
    """
    one, other = _watch(suspect, original, examiner)
    same_bytes = one.digests.sha256 == other.digests.sha256
    placed = _SAME if same_bytes else methods.place(one.examination, other.examination)
    verdict = placed.derivation.verdict
    moments: list[_Moment] = []
    if verdict is Verdict.DERIVATIVE and not same_bytes:
        moments = _look_closely(suspect, original, placed.segments, examiner, methods)
    instants = tuple(moment.instant for moment in moments)
    clips = _clips(placed.segments, instants, one.seconds, other.seconds)
    if same_bytes:
        clips = ClipComparison(share=1.0, source_share=1.0)
    comparison = Comparison(
        schema=COMPARISON_SCHEMA,
        version=__version__,
        made=clock.now().replace(microsecond=0),
        statement=statement(verdict, clips, same_bytes=same_bytes),
        suspect=_file(suspect, one),
        original=_file(original, other),
        same_bytes=same_bytes,
        pdq_distance=None,
        derivation=placed.derivation,
        shares=None,
        region=None,
        cannot_conclude=cannot_conclude(verdict, clips, same_bytes=same_bytes),
        confinement=dict(examiner.confinement),
        blur=blur,
        clips=clips,
    )
    return comparison, ComparedFrames(tuple(moment.pictures for moment in moments))


_SAME = Placement(Derivation(Verdict.DERIVATIVE))


@dataclass(frozen=True, slots=True)
class _Video:
    """An examination of which nothing is missing."""

    examination: Examination
    facts: MediaFacts
    digests: Digests

    @property
    def seconds(self) -> float:
        return self.facts.duration or 0.0


def _watch(suspect: str, original: str, examiner: Examiner) -> tuple[_Video, _Video]:
    seen = _run(examiner, (suspect, original), (SUSPECT_CLIP, ORIGINAL_CLIP))
    one, other = (_video(path, examination) for path, examination in zip((suspect, original), seen, strict=True))
    return one, other


def _run(
    examiner: Examiner, paths: Sequence[str], requests: Sequence[ClipRequest], pixels: int = 0
) -> tuple[Examination, ...]:
    jobs = [
        ExamineJob(key, path, display(path), local=request.local, pixels=pixels, clip=request)
        for key, (path, request) in enumerate(zip(paths, requests, strict=True))
    ]
    return own_results(examiner, jobs)


def own_results(examiner: Examiner, jobs: Sequence[ExamineJob]) -> tuple[Examination, ...]:
    """The result of each job, of which the keys count from 0; of an archive its own, which is its last."""
    found: dict[int, Examination] = {}
    with examiner.run(jobs) as results:
        for result in results:
            found[result.key] = result.examination
    return tuple(found[key] for key in range(len(jobs)))


def _video(path: str, seen: Examination) -> _Video:
    """What was seen, whole. Raises InputError for what could not be read."""
    if seen.facts is None or seen.fingerprint is None or seen.clip is None:
        cause = seen.error or f"{seen.mime or 'this'} is not a video that can be compared"
        raise InputError(path=display(path), cause=cause)
    return _Video(seen, seen.facts, seen.fingerprint.digests)


def _file(path: str, video: _Video) -> ComparedFile:
    return replace(told_of(path, video.examination, video.facts, video.digests), duration=video.seconds)


def told_of(path: str, seen: Examination, facts: MediaFacts, digests: Digests) -> ComparedFile:
    """What a comparison says of one of its two files."""
    notes = [signal.detail for signal in seen.signals]
    if seen.error:
        notes.insert(0, seen.error)
    return ComparedFile(
        display(Path(path).name),
        digests.sha256,
        digests.md5,
        digests.size,
        seen.mime,
        facts.width,
        facts.height,
        tuple(notes),
    )


def _clips(
    segments: Sequence[Segment], instants: Sequence[Instant], seconds: float, source_seconds: float
) -> ClipComparison:
    if not segments:
        return ClipComparison()
    return ClipComparison(
        tuple(_tracked(segment, instants) for segment in segments),
        min(covered(segments) / seconds, 1.0) if seconds else None,
        min(shown(segments) / source_seconds, 1.0) if source_seconds else None,
        tuple(instants),
    )


def _tracked(segment: Segment, instants: Sequence[Instant]) -> Segment:
    """The segment with what was told pixel by pixel in place of what was told from what a bank keeps."""
    track = tuple(
        RegionAt(instant.time, instant.region)
        for instant in instants
        if instant.region is not None and segment.query_start <= instant.time <= segment.query_end
    )
    return replace(segment, track=track or segment.track)


def choose_instants(segments: Sequence[Segment]) -> list[tuple[float, float]]:
    """Seconds of the suspect and of the original to look at closely, at most `MAX_INSTANTS`, in the order of time.

    One in the middle of each segment, of many those of the longest; then more, evenly spread, where a segment is
    longest for those it has.
    """
    chosen = sorted(segments, key=lambda one: (one.query_start - one.query_end, one.query_start))[:MAX_INSTANTS]
    lengths = [one.query_end - one.query_start for one in chosen]
    counts = [1] * len(chosen)
    while chosen and sum(counts) < MAX_INSTANTS:
        longest = max(range(len(chosen)), key=lambda n: lengths[n] / (counts[n] + 1))
        if lengths[longest] / (counts[longest] + 1) < _LEAST_GAP:
            break
        counts[longest] += 1
    pairs = []
    for segment, length, count in zip(chosen, lengths, counts, strict=True):
        for number in range(count):
            passed = length * (number + 0.5) / count
            pairs.append((segment.query_start + passed, segment.source_start + segment.speed * passed))
    return sorted(pairs)


@dataclass(frozen=True, slots=True)
class _Moment:
    instant: Instant
    pictures: ComparedPictures


def _look_closely(
    suspect: str, original: str, segments: Sequence[Segment], examiner: Examiner, methods: Methods
) -> list[_Moment]:
    """The moments of these segments, as far as both frames of them could be read again."""
    pairs = choose_instants(segments)
    (seen,) = _run(examiner, (suspect,), (_at([time for time, _ in pairs], OF_QUERY),), FRAME_SIDE)
    frames = [_frame_at(seen.key_frames, time) for time, _ in pairs]
    fitting = [source_time for _, source_time in pairs]
    for step in STEPS:
        tried = [[max(middle + step * number, 0.0) for number in range(-2, 3)] for middle in fitting]
        wanted = _at(sorted({time for times in tried for time in times}), OF_KNOWN)
        (known,) = _run(examiner, (original,), (wanted,))
        fitting = [
            middle if frame is None else _best(frame, middle, times, known.key_frames, methods)
            for frame, middle, times in zip(frames, fitting, tried, strict=True)
        ]
    (known,) = _run(examiner, (original,), (_at(sorted(set(fitting)), OF_KNOWN),), FRAME_SIDE)
    return list(_moments(frames, [_frame_at(known.key_frames, time) for time in fitting], methods))


def _at(times: Sequence[float], local: LocalRequest) -> ClipRequest:
    """A request for the frames that are shown at these seconds, ascending."""
    return ClipRequest(Sampling(0.0), rows=0, keyed=0, key_frames=0, local=local, at=tuple(times))


def _frame_at(frames: Sequence[KeyFrame], time: float) -> KeyFrame | None:
    """The frame that is shown at a second; None when none was read."""
    return min(frames, key=lambda frame: (frame.time > time + 1e-3, abs(frame.time - time)), default=None)


def _best(
    suspect: KeyFrame, middle: float, times: Sequence[float], frames: Sequence[KeyFrame], methods: Methods
) -> float:
    """The second of the original's frame that explains most of the suspect's; the middle one when none does."""
    explained: list[tuple[float, float, float]] = []
    for time in times:
        frame = _frame_at(frames, time)
        if frame is None:
            continue
        left = _unexplained(suspect.local, frame.local, methods)
        if left is not None:
            explained.append((left, abs(time - middle), time))
    return min(explained)[2] if explained else middle


def _unexplained(suspect: LocalExamination, original: LocalExamination, methods: Methods) -> float | None:
    """Share of the suspect's working picture that the original's does not explain; None when it explains nothing."""
    found = methods.align(suspect, original)
    if found is None or found.verdict is not Verdict.DERIVATIVE or found.affine is None:
        return None
    _pictures, shares, _region = laid_over(_side(suspect), _side(original), found.affine, methods.find_region, "")
    return None if shares is None else 1.0 - shares.unchanged


def _side(local: LocalExamination) -> Side:
    working = local.working
    return Side(np.repeat(working.grey[..., np.newaxis], 3, axis=2), working.width, working.height)


def _moments(
    frames: Sequence[KeyFrame | None], originals: Sequence[KeyFrame | None], methods: Methods
) -> Iterator[_Moment]:
    pairs = [
        (one, other) for one, other in zip(frames, originals, strict=True) if one is not None and other is not None
    ]
    number = 0
    for one, other in pairs:
        here, there = one.pixels, other.pixels
        if here is None or there is None:
            continue
        number += 1
        found = methods.align(one.local, other.local) or Derivation(Verdict.NOT_DERIVED)
        if found.verdict is not Verdict.DERIVATIVE or found.affine is None:
            yield _Moment(Instant(one.time, other.time, found), ComparedPictures(here, there))
            continue
        sides = _full_side(one, here), _full_side(other, there)
        pictures, shares, region = laid_over(*sides, found.affine, methods.find_region, f"mask-{number}.png")
        yield _Moment(Instant(one.time, other.time, found, shares, region), pictures)


def _full_side(frame: KeyFrame, pixels: Rgb) -> Side:
    return Side(pixels, frame.local.working.width, frame.local.working.height)
