"""What a run leaves behind beside its figures: every answer, and what was missed and why."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from safelight.bench.video import figures, score
from safelight.bench.video.figures import Measured
from safelight.bench.video.trial import POSITIVE, Outcome
from safelight.model.match import Match, MatchKind
from safelight.model.segment import Segment

SOME = 0.05
"""Share of seconds placed right from which on a miss is one of extent, and not of place."""


def details(measured: Measured, run: Mapping[str, object]) -> dict[str, Any]:
    """Everything that was asked and answered, for JSON. `run`: what the run was asked to do."""
    return {"run": dict(run), "queries": [_query(one) for one in measured.outcomes]}


def misses(measured: Measured, run: Mapping[str, object]) -> dict[str, Any]:
    """What was missed or claimed wrongly, for JSON."""
    missed = [one for one in measured.group(POSITIVE) if not figures.is_found(one)]
    return {
        "run": dict(run),
        "asked": len(measured.group(POSITIVE)),
        "missed": [
            {
                "source": one.query.clip.key,
                "kind": one.query.clip.kind,
                "edit": one.query.edit,
                "placed": round(figures.placed(one), 3),
                "as": cause(one),
                "vpdq_percent": round(one.vpdq.get(one.query.clip.key, 0.0), 1),
            }
            for one in missed
        ],
        "false": [
            {
                "group": one.query.group,
                "query": one.query.clip.key,
                "edit": one.query.edit,
                "others": [other.key for other in one.query.others],
                "said": key,
                "share": round(share, 3),
            }
            for one in measured.outcomes
            for key, share in figures.wrong(one, measured.known).items()
        ],
    }


def cause(outcome: Outcome) -> str:
    """In what way a source was missed: as far as the answer shows it.

    `absent`: not among the matches. `no segments`: matched, but by pictures or bytes, not in time. `shared scene`: only
    that was said. `too little`: what was said is right, and covers too few seconds. `elsewhere`: most of it is placed
    at wrong seconds.
    """
    key = outcome.query.clip.key
    matches = [one for one in outcome.matches if one.entry == key]
    if not matches:
        return "absent"
    segments = score.claims(matches).get(key, ())
    if not segments:
        scenes = any(one.kind is MatchKind.SHARED_SCENE for one in matches)
        return "shared scene" if scenes else "no segments"
    shown = max(1, int((~np.isnan(outcome.truth)).sum()))
    covered = score.covered_share(len(outcome.truth), segments) * len(outcome.truth) / shown
    return "too little" if covered - figures.placed(outcome) <= SOME else "elsewhere"


def _query(outcome: Outcome) -> dict[str, object]:
    query = outcome.query
    positive = query.group == POSITIVE
    return {
        "group": query.group,
        "clip": query.clip.key,
        "kind": query.clip.kind,
        "edit": query.edit,
        "others": [other.key for other in query.others],
        "seconds": len(outcome.truth),
        "cpu_ms": round(1e3 * outcome.seconds, 1),
        "placed": round(figures.placed(outcome), 3) if positive else None,
        "vpdq_percent": {key: round(percent, 1) for key, percent in outcome.vpdq.items()},
        "matches": [_match(one) for one in outcome.matches],
    }


def _match(match: Match) -> dict[str, object]:
    return {
        "entry": match.entry,
        "kind": str(match.kind),
        "algorithm": match.algorithm,
        "distance": match.distance,
        "share": match.share,
        "p_false_match": match.p_false_match,
        "segments": [_segment(one) for one in match.segments],
    }


def _segment(segment: Segment) -> dict[str, object]:
    return {
        "query": [round(segment.query_start, 2), round(segment.query_end, 2)],
        "source": [round(segment.source_start, 2), round(segment.source_end, 2)],
        "speed": round(segment.speed, 4),
        "mirrored": segment.mirrored,
        "frames": segment.frames,
        "agreeing": segment.agreeing,
        "distance": segment.distance,
        "evidence": list(segment.evidence),
        "areas": [[round(at.time, 2), round(at.region.area, 3)] for at in segment.track],
    }
