"""What two videos at hand have in common in time: `flow.compare_methods.Place`. Loads compiled code."""

from collections.abc import Iterator

from safelight.flow.compare_methods import Placement
from safelight.flow.looking import WorkingLook
from safelight.match.clip.consensus import find_lines
from safelight.match.clip.hits import FrameHits, KeypointHit, frame_hits, keypoint_hits
from safelight.match.clip.verdict import judge_clip
from safelight.match.local.derive import derive
from safelight.match.local.quantise import Quantiser
from safelight.match.local.sketch import lists_of, make_sketch
from safelight.match.local.trace import trace
from safelight.model.derivation import Derivation, Verdict
from safelight.model.scan import Examination

LEAST_QUALITY, LEAST_KEYPOINTS = 50, 40
"""PDQ quality, or keypoints, that some frame of a video has, for anything to be concluded from finding nothing."""

_TELLING = frozenset({Verdict.DERIVATIVE, Verdict.SHARED_SCENE})


def placement_of_pair(suspect: Examination, original: Examination, quantiser: Quantiser) -> Placement:
    """Where in time a suspect video shows an original, as a scan of a bank of that one video would find.

    Args:
        suspect: with a clip, and key frames as `model.local.OF_QUERY` asks for, with their working pictures.
        original: with a clip as `model.clip.OF_KNOWN_CLIP` asks for, and key frames.
        quantiser: of the codebook that the program ships.
    """
    query, source = suspect.clip, original.clip
    assert query is not None
    assert source is not None
    seen = list(_keypoint_hits(suspect, original, quantiser))
    looked = [frame.time for frame in suspect.key_frames]
    key_times = [frame.time for frame in original.key_frames]
    hits = FrameHits.join([frame_hits(query, source), keypoint_hits(query, seen, key_times)])
    finding = judge_clip(query, source, hits, find_lines(query, hits, looked), len(source.time), looked)
    if finding is None or finding.verdict not in _TELLING:
        poor = _is_poor(suspect) or _is_poor(original)
        return Placement(Derivation(Verdict.UNDECIDED if poor else Verdict.NOT_DERIVED))
    derivation = Derivation(
        finding.verdict,
        mirrored=all(segment.mirrored for segment in finding.segments),
        log_ratio=finding.log_ratio,
        p_false_match=finding.p_false_match,
        parts=finding.parts,
    )
    return Placement(derivation, finding.segments)


def _keypoint_hits(suspect: Examination, original: Examination, quantiser: Quantiser) -> Iterator[KeypointHit]:
    """Key frames of the suspect that trace to key frames of the original."""
    known = [frame for frame in original.key_frames if len(frame.local.features.x)]
    sketches = [make_sketch(frame.local, quantiser) for frame in known]
    if not sketches:
        return
    lists = [lists_of(sketches)]
    for frame in suspect.key_frames:
        look = WorkingLook(frame.local.working)
        full = (frame.local.working.width, frame.local.working.height)
        for one in trace(frame.local.features, lists, lambda _segment, number: sketches[number], look, quantiser):
            found = derive(one, look, full, 1).derivation
            if found.verdict in _TELLING:
                source_time = known[one.candidate.picture].time
                derived = found.verdict is Verdict.DERIVATIVE
                yield KeypointHit(frame.time, source_time, found.log_ratio, found.mirrored, derived)


def _is_poor(video: Examination) -> bool:
    """Whether no frame of a video holds enough detail to be told from others."""
    assert video.clip is not None
    keypoints = max((len(frame.local.features.x) for frame in video.key_frames), default=0)
    return not (video.clip.quality >= LEAST_QUALITY).any() and keypoints < LEAST_KEYPOINTS
