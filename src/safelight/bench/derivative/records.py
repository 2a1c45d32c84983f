"""What a run leaves behind beside its figures: every answer, and what was missed."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from safelight.bench.derivative import score
from safelight.bench.derivative.edits import EDITS, REGION_EDITS
from safelight.bench.derivative.figures import Measured
from safelight.bench.derivative.pictures import LOW_TEXTURE, Picture, fine_detail
from safelight.bench.derivative.queries import POSITIVE, SAME_SCENE, UNRELATED
from safelight.bench.derivative.tracer import RECALLED
from safelight.bench.derivative.trial import Answer, Outcome

POOR_IOU = 0.5
"""An overlap below this is listed as a region that was not found."""


def details(measured: Measured, run: Mapping[str, object]) -> dict[str, Any]:
    """Everything that was asked and answered, for JSON. `run`: what the run was asked to do."""
    return {"run": dict(run), "queries": [_query(one) for one in measured.outcomes]}


def misses(measured: Measured, run: Mapping[str, object]) -> dict[str, Any]:
    """What our contestant missed or got wrong, for JSON; docs/misses.md is made from it."""
    ours, peer = measured.ours, measured.peers[0] if measured.peers else None
    tables = {name: score.recall_table(measured.outcomes, name) for name in (ours, peer) if name}
    texture = {one.key: fine_detail(one.load()) for one in _sources(measured.outcomes)}
    return {
        "run": dict(run),
        "ours": ours,
        "peer": peer,
        "low_texture_below": LOW_TEXTURE,
        "sources": {key: round(value, 3) for key, value in texture.items()},
        "recall": [
            {"edit": edit, "of": len(tables[ours])}
            | {name: int(table[:, column].sum()) for name, table in tables.items()}
            for column, edit in enumerate(EDITS)
        ],
        "missed": [_missed(one, one.answers[ours]) for one in measured.group(POSITIVE) if _is_missed(one, ours)],
        "asked": dict(Counter(one.query.group for one in measured.outcomes)),
        "false": [
            row
            for group in (UNRELATED, SAME_SCENE, POSITIVE)
            for one in score.wrongly_derived(measured.group(group), ours)
            for row in _false(one, ours)
        ],
        "poorly_located": [
            {"source": one.query.picture.key, "edit": one.query.edit, "iou": round(located.iou, 3)}
            for one in measured.group(POSITIVE)
            if one.query.edit in REGION_EDITS
            and (located := one.answers[ours].located) is not None
            and located.iou < POOR_IOU
        ],
    }


def _sources(outcomes: Iterable[Outcome]) -> list[Picture]:
    return list({one.query.picture.key: one.query.picture for one in outcomes if one.query.group == POSITIVE}.values())


def _is_missed(outcome: Outcome, name: str) -> bool:
    return outcome.answers[name].find(outcome.query.picture.key) is None


def _missed(outcome: Outcome, answer: Answer) -> dict[str, object]:
    """`as`: the verdict that the right picture got after all, or "absent" when it was not among the results."""
    key = outcome.query.picture.key
    found = next((one for one in answer.results if one.key == key), None)
    return {
        "source": key,
        "edit": outcome.query.edit,
        "as": "absent" if found is None else found.verdict,
        "evidence": None if found is None else dict(found.evidence),
    }


def _false(outcome: Outcome, name: str) -> list[dict[str, object]]:
    key = outcome.query.picture.key
    right = key if outcome.query.group == POSITIVE else None
    return [
        {
            "group": outcome.query.group,
            "query": key,
            "edit": outcome.query.edit,
            "others": [other.key for other in outcome.query.others],
            "said": found.key,
            "verdict": found.verdict,
            "score": found.score,
            "evidence": dict(found.evidence),
        }
        for found in outcome.answers[name].results
        if found.verdict in RECALLED and found.key != right
    ]


def _query(outcome: Outcome) -> dict[str, object]:
    return {
        "group": outcome.query.group,
        "picture": outcome.query.picture.key,
        "edit": outcome.query.edit,
        "others": [other.key for other in outcome.query.others],
        "answers": {name: _answer(answer) for name, answer in outcome.answers.items()},
    }


def _answer(answer: Answer) -> dict[str, object]:
    located = answer.located
    return {
        "cpu_ms": round(1e3 * answer.seconds, 3),
        "stages_ms": {stage: round(1e3 * seconds, 3) for stage, seconds in answer.stages.items()},
        "located": None
        if located is None
        else {
            "iou": round(located.iou, 4),
            "flagged": round(located.flagged, 4),
            "misaligned": None if located.misaligned is None else round(located.misaligned, 5),
            "cpu_ms": round(1e3 * located.seconds, 3),
        },
        "results": [
            {"key": one.key, "verdict": one.verdict, "score": one.score, "evidence": dict(one.evidence)}
            for one in answer.results
            if one.verdict != "none"
        ],
    }
