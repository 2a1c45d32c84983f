"""Asking: what is noted is what was answered, on any number of processes."""

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from safelight.bench.common import texture
from safelight.bench.derivative import trial
from safelight.bench.derivative.edits import EDITS, apply
from safelight.bench.derivative.queries import POSITIVE, UNRELATED, Query, plan
from safelight.bench.derivative.split import divide
from safelight.bench.derivative.tracer import DERIVATIVE, NEAR, NONE, SHARED_SCENE, PdqTracer, Traced, Tracer
from tests.bench.derivative.fakes import LooseTracer, edited, small_pictures


def contestants(folder: Path) -> tuple[dict[str, Tracer], list[list[Query]]]:
    split = divide(small_pictures(folder, 14), [], seed=1, sources=2, same_scene="x")
    tracers: dict[str, Tracer] = {"loose": LooseTracer(radius=256), "pdq": PdqTracer(dihedral=False)}
    for tracer in tracers.values():
        for one in split.index:
            tracer.add(one.key, one.load())
    return tracers, plan(split, 1, 2)


def test_processes_change_nothing_but_times(tmp_path: Path) -> None:
    tracers, planned = contestants(tmp_path)
    said: list[str] = []
    with trial.threads(1):
        alone = trial.ask_all(tracers, planned, 1, said.append)
        together = trial.ask_all(tracers, planned, 2, said.append)
    assert [one.query for one in alone] == [one.query for one in together] == [one for some in planned for one in some]
    for one, other in zip(alone, together, strict=True):
        for name in tracers:
            assert one.answers[name].evidence() == other.answers[name].evidence()
    assert said[-1].startswith(f"{len(alone)} of {len(alone)} queries")
    same, asked = trial.ask_again(tracers["loose"], "loose", alone, 10)
    assert (same, asked) == (10, 10)


def test_answers_hold_what_the_protocol_measures(tmp_path: Path) -> None:
    tracers, planned = contestants(tmp_path)
    by_edit = {query.edit: query for query in planned[0]}
    tracer = tracers["loose"]
    for name in ("rr10", "jpeg50", "mirror", "collage4"):
        query = by_edit[name]
        answer = trial.ask(tracer, query, query.make())
        assert answer.stages == {"hashing": 0.001}
        assert (answer.located is not None) == (name in {"rr10", "jpeg50"})
    located = trial.ask(tracer, by_edit["rr10"], by_edit["rr10"].make()).located
    assert located
    assert located.iou > 0.3
    assert located.misaligned == 0
    unchanged = trial.ask(tracer, by_edit["jpeg50"], by_edit["jpeg50"].make()).located
    assert unchanged
    assert unchanged.flagged < 0.1
    negative = next(some[0] for some in planned if some[0].group == UNRELATED)
    assert trial.ask(tracer, negative, negative.make()).located is None


def test_only_near_and_derivative_recall() -> None:
    def answer(verdict: str) -> trial.Answer:
        return trial.Answer((Traced("other", NEAR, 2.0), Traced("right", verdict, 1.0)), 0.0)

    assert answer(NEAR).find("right") == answer(NEAR).results[1]
    assert answer(DERIVATIVE).find("right") is not None
    assert answer(SHARED_SCENE).find("right") is None
    assert answer(NONE).find("right") is None
    assert answer(NEAR).find("third") is None


def test_overlap_by_hand() -> None:
    truth, said = np.zeros((10, 10), np.bool_), np.zeros((10, 10), np.bool_)
    assert trial.overlap(said, edited(truth)) == 1
    truth[:4, :5] = True
    assert trial.overlap(said, edited(truth)) == 0
    said[:4, 2:7] = True
    assert trial.overlap(said, edited(truth)) == pytest.approx(12 / 28)
    overlay = np.zeros_like(truth)
    overlay[:2, 2:7] = True  # over 6 pixels that are replaced and found, and over 4 that are only overlaid
    assert trial.overlap(said, edited(truth, overlay)) == pytest.approx(6 / (14 + 4 + 4))


def test_misalignment_is_in_shares_of_the_diagonal() -> None:
    source = np.zeros((30, 40, 3), np.uint8)
    truth = edited(np.zeros((30, 40), np.bool_))
    moved = np.array([[1.0, 0, 3], [0, 1, 4]])
    assert trial.misalignment(np.eye(2, 3), truth, source) == 0
    assert trial.misalignment(moved, truth, source) == pytest.approx(0.1)
    turned = apply("rr20+mirror+resize50", texture(200, 120, 1), [texture(100, 100, 2)], 1)
    assert trial.misalignment(turned.matrix, turned, texture(200, 120, 1)) == 0


def test_evidence_is_plain_json() -> None:
    evidence: Mapping[str, object] = {"b": np.float64(0.5), "a": np.int64(3), "tiles": np.array([True, False])}
    answer = trial.Answer((Traced("key", NEAR, np.float32(0.25), np.eye(2, 3), evidence),), 1.0)  # type: ignore[arg-type]
    assert json.loads(answer.evidence())["results"][0] == {
        "key": "key",
        "verdict": "near",
        "score": 0.25,
        "matrix": [[1, 0, 0], [0, 1, 0]],
        "evidence": {"a": 3, "b": 0.5, "tiles": [True, False]},
    }
    with pytest.raises(TypeError, match="plain"):
        trial.Answer((Traced("key", NEAR, 1.0, evidence={"x": object()}),), 1.0).evidence()


def test_located_edits_are_known() -> None:
    assert set(EDITS) >= trial.LOCALISED_EDITS
    assert POSITIVE != UNRELATED
