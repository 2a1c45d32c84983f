"""Signals on their way from a worker to the caller; workers that do not survive reading them (hostile_worker.py)."""

import io
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safelight.adapter.outputs.parquet import write_parquet
from safelight.adapter.sandbox import SandboxExaminer
from safelight.adapter.sandbox.bounds import MAX_TEXT
from safelight.adapter.sandbox.protocol import ProtocolError
from safelight.adapter.sandbox.task import MAX_SIGNAL_FAILURES
from safelight.adapter.sandbox.validate_signals import (
    MAX_ITEMS,
    MAX_PROMPT_WORDS,
    check_asked,
    check_signals,
)
from safelight.flow.scan import judge
from safelight.model.codec import from_json, to_json
from safelight.model.hint import Hint, HintVerdict
from safelight.model.provenance import Failure, Ingredient, ManifestAction, ManifestState, Provenance
from safelight.model.scan import Examination, ScanRow, Status
from safelight.model.signal import Place, Prompt, Signal, SignalKind, SignalRequest, Withheld
from safelight.report.html import render
from tests.adapter.sandbox.harness import LIMITS, SHORT, WORKER, examine, jobs_for, said
from tests.adapter.sandbox.hostile_worker import SAID
from tests.report.samples import summary

ALL = SignalRequest(hint=True)


@pytest.mark.parametrize("how", ["crash 11", "raise ValueError", "exit 3"])
def test_a_worker_that_does_not_survive_signals_costs_only_them(tmp_path: Path, how: str) -> None:
    results = examine(tmp_path, [f"signals {how}", "ok"], signals=ALL)
    assert sorted(said(results)) == [("f0", "ok", None), ("f1", "ok", None)]
    (lost,) = next(r.examination.signals for r in results if r.examination.path == "f0")
    assert lost.name == "signals_lost"
    assert lost.detail.startswith("how it was made could not be read: the decoder")


def test_each_member_loses_its_own_signals_only(tmp_path: Path) -> None:
    script = "member a signals metadata\nmember b signals crash 11\nmember c signals marker\nmember d signals crash 11"
    results = examine(tmp_path, [script], signals=ALL)
    names = [(r.examination.path, [signal.name for signal in r.examination.signals]) for r in results]
    assert names == [
        ("f0!/a", ["generator_x"]),
        ("f0!/b", ["signals_lost"]),
        ("f0!/c", ["marker_x"]),
        ("f0!/d", ["signals_lost"]),
        ("f0", []),
    ]
    assert {r.examination.status for r in results} == {Status.OK}


def test_a_hang_in_signals_is_ended_and_costs_only_them(tmp_path: Path) -> None:
    (result,) = examine(tmp_path, ["signals sleep 30"], SHORT, signals=ALL)
    assert result.examination.status is Status.OK
    assert result.examination.signals[0].detail.endswith("took longer than 2 s")


def test_what_fails_again_without_its_signals_is_lost(tmp_path: Path) -> None:
    (result,) = examine(tmp_path, ["crash 11\nsignals ok"], signals=ALL)
    assert result.examination.status is Status.UNREADABLE


def test_members_that_crash_in_their_signals_never_cost_others_their_match(tmp_path: Path) -> None:
    script = "\n".join(f"member m{number} signals crash 11" for number in range(40))
    results = examine(tmp_path, [script], signals=ALL)
    assert len(results) == 41
    assert {r.examination.status for r in results} == {Status.OK}
    lost = [signal.detail for r in results for signal in r.examination.signals if signal.name == "signals_lost"]
    assert len(lost) == 41
    assert sum("others in this file" in detail for detail in lost) == 41 - MAX_SIGNAL_FAILURES


def test_prompts_without_end_are_dropped_and_cost_nothing_else(tmp_path: Path) -> None:
    script = "\n".join(f"member m{number} signals talk" for number in range(9))
    results = examine(tmp_path, [script], signals=ALL)
    assert {r.examination.status for r in results} == {Status.OK}
    kept = [bool(r.examination.prompts) for r in results]
    assert kept == sorted(kept, reverse=True)
    assert sum(kept) == 0
    told = [signal.name for r in results for signal in r.examination.signals]
    assert told == ["prompts_dropped"] * 9


def test_signals_of_another_file_break_the_protocol(tmp_path: Path) -> None:
    (result,) = examine(tmp_path, ["signals of_another"], signals=ALL)
    assert result.examination.status is Status.UNREADABLE
    assert "broke its protocol" in (result.examination.error or "")


@pytest.mark.parametrize("how", sorted(set(SAID) - {"talk"}))
def test_what_was_asked_for_comes(tmp_path: Path, how: str) -> None:
    (result,) = examine(tmp_path, [f"signals {how}"], signals=ALL)
    for name, value in SAID[how].items():
        assert getattr(result.examination, name) == value


ASKED_FOR_LESS: dict[str, SignalRequest] = {
    "talk": SignalRequest(declared=False, pixels=False),
    "marker": SignalRequest(pixels=False),
    "metadata": SignalRequest(declared=False),
    "manifest": SignalRequest(declared=False),
    "hint": SignalRequest(),
    "prompt": SignalRequest(declared=False, pixels=False),
}


@pytest.mark.parametrize("how", sorted(SAID))
def test_what_was_not_asked_for_is_refused(how: str) -> None:
    found = replace(Examination("x", Status.OK), **SAID[how])
    check_asked(found, ALL)
    for request in (None, ASKED_FOR_LESS[how]):
        with pytest.raises(ProtocolError):
            check_asked(found, request)


def test_an_examiner_without_signals_is_not_asked_for_them(tmp_path: Path) -> None:
    examiner = SandboxExaminer(WORKER, LIMITS, 1)
    with examiner.run(jobs_for(tmp_path, ["ok"], signals=ALL)) as results, pytest.raises(ValueError, match="signals"):
        list(results)


PLACE = Place("XMP packet", 3, 70)
SIGNAL = Signal("a", "b", SignalKind.METADATA, places=(PLACE,), figures={"bits": 3.0}, withheld=Withheld("0" * 64, 9))
ACTION = ManifestAction("c2pa.created", "http://example.org/type", "agent", "2026-01-01", "what")
MANIFEST = Provenance(
    ManifestState.EMBEDDED,
    actions=(ACTION,),
    failures=(Failure("code", "words"),),
    ingredients=(Ingredient("title", "image/png", "parentOf", 1, actions=(ACTION,)),),
    places=(PLACE,),
)
HINT = Hint("detector 1", "0" * 64, HintVerdict.INCONCLUSIVE, None, "why")
TEXT = "a prompt\nof two lines \u202e"
PROMPT = Prompt(sha256(TEXT.encode()).hexdigest(), PLACE, TEXT)
HONEST = Examination("x.png", Status.OK, signals=(SIGNAL,), provenance=MANIFEST, hint=HINT, prompts=(PROMPT,))


def test_an_honest_worker_is_believed() -> None:
    check_signals(HONEST)
    check_signals(replace(HONEST, prompts=(replace(PROMPT, cut=True, sha256="f" * 64),)))


def signal(**changes: Any) -> Examination:
    return replace(HONEST, signals=(replace(SIGNAL, **changes),))


def manifest(**changes: Any) -> Examination:
    return replace(HONEST, provenance=replace(MANIFEST, **changes))


LIES: dict[str, Callable[[], Examination]] = {
    "too many signals": lambda: replace(HONEST, signals=(SIGNAL,) * (MAX_ITEMS + 1)),
    "too many words": lambda: replace(HONEST, signals=(replace(SIGNAL, detail="x" * MAX_TEXT),) * 30),
    "a long detail": lambda: signal(detail="x" * (MAX_TEXT + 1)),
    "a hidden character": lambda: signal(generator="a\u202eb"),
    "a line end in a label": lambda: signal(places=(Place("a\nb", 0, 1),)),
    "a place before the start": lambda: signal(places=(Place("a", -1, 1),)),
    "a place that ends before it starts": lambda: signal(places=(Place("a", 2, 1),)),
    "a figure that is no number": lambda: signal(figures={"bits": float("nan")}),
    "an endless figure": lambda: signal(figures={"bits": float("inf")}),
    "too many figures": lambda: signal(figures={str(n): 0.0 for n in range(65)}),
    "a hash that is none": lambda: signal(withheld=Withheld("x", 1)),
    "a length below zero": lambda: signal(withheld=Withheld("0" * 64, -1)),
    "too many actions": lambda: manifest(actions=(ACTION,) * (MAX_ITEMS + 1)),
    "a depth that no column holds": lambda: manifest(ingredients=(Ingredient("", "", "", 1 << 40),)),
    "a depth without end": lambda: manifest(ingredients=(Ingredient("", "", "", 10**30),)),
    "no depth": lambda: manifest(ingredients=(Ingredient("", "", "", 0),)),
    "too many actions of ingredients": lambda: manifest(
        ingredients=(Ingredient("", "", "", 1, actions=(ACTION,) * MAX_ITEMS),) * 2
    ),
    "a hidden character in an action": lambda: manifest(actions=(replace(ACTION, agent="\x1b[2J"),)),
    "a hidden character in an ingredient": lambda: manifest(ingredients=(Ingredient("\u200b", "", "", 1),)),
    "a hidden character in a failure": lambda: manifest(failures=(Failure("\x00", ""),)),
    "too many words in a manifest": lambda: manifest(failures=(Failure("a", "x" * MAX_TEXT),) * 30),
    "a score above one": lambda: replace(HONEST, hint=replace(HINT, score=1.01)),
    "a score that is no number": lambda: replace(HONEST, hint=replace(HINT, score=float("nan"))),
    "a hidden character in a reason": lambda: replace(HONEST, hint=replace(HINT, reason="\u2028")),
    "a prompt by a wrong name": lambda: replace(HONEST, prompts=(replace(PROMPT, sha256="f" * 64),)),
    "a prompt by no name": lambda: replace(HONEST, prompts=(replace(PROMPT, sha256="../x", cut=True),)),
    "a prompt without end": lambda: replace(
        HONEST, prompts=(replace(PROMPT, text="x" * (MAX_PROMPT_WORDS + 1), cut=True),)
    ),
    "too many prompts": lambda: replace(HONEST, prompts=(PROMPT,) * 65),
}


@pytest.mark.parametrize("lie", sorted(LIES))
def test_a_lie_is_noticed(lie: str) -> None:
    with pytest.raises(ProtocolError):
        check_signals(LIES[lie]())


LONGEST = 1 << 62
WHATEVER = st.one_of(
    st.builds(
        signal,
        places=st.lists(
            st.builds(Place, st.text("ab "), st.integers(-1, LONGEST), st.integers(-1, 2 * LONGEST)), max_size=2
        ).map(tuple),
        figures=st.dictionaries(st.text("ab"), st.floats(), max_size=3),
        withheld=st.none() | st.builds(Withheld, st.just("0" * 64), st.integers()),
    ),
    st.builds(
        manifest,
        ingredients=st.lists(
            st.builds(Ingredient, st.text("ab"), st.just(""), st.just(""), st.integers()), max_size=2
        ).map(tuple),
        valid=st.none() | st.booleans(),
        signed_at=st.text(max_size=9),
    ),
    st.builds(lambda score: replace(HONEST, hint=replace(HINT, score=score)), st.none() | st.floats()),
)


@settings(max_examples=60, deadline=None)
@given(WHATEVER)
def test_what_passes_can_be_written_and_shown(examination: Examination) -> None:
    """A row that no output takes would end the scan, and every attempt to resume it."""
    try:
        check_signals(examination)
    except ProtocolError:
        return
    row = judge(examination, ())
    out = io.BytesIO()
    write_parquet(out, iter([row]))
    assert from_json(to_json(row), ScanRow) == row
    assert "".join(render(summary([row]), [row]))
