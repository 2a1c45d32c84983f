"""What holds of every assessment, and that nothing acts on one."""

import ast
from dataclasses import replace
from importlib import resources
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.flow.scan import judge
from safelight.model.assessment import Artificialness, Assessment, Strength
from safelight.model.hint import Hint, HintVerdict
from safelight.model.match import Match
from safelight.model.provenance import Provenance
from safelight.model.scan import ScanRow
from safelight.model.signal import RuleStatus, Says, Signal
from safelight.policy.assess import assess
from safelight.policy.assess_rules import AUTHORITIES, CLAIMS, CONFLICTS, SAID, VOICES, Claim, Voice
from safelight.report.order import first_rows, rank
from tests.policy.evidence import HINTS, MATCHES, PROVENANCES, SIGNALS
from tests.report.samples import row
from tests.rows import examination_of

Matches, Signals = st.lists(MATCHES, max_size=4), st.lists(SIGNALS, max_size=6)
MAYBE_PROVENANCE, MAYBE_HINT = st.none() | PROVENANCES, st.none() | HINTS
ORDER = list(Strength)


@given(Matches, Signals, MAYBE_PROVENANCE, MAYBE_HINT, MAYBE_HINT)
def test_a_hint_changes_neither_level_nor_conflicts(
    matches: list[Match], signals: list[Signal], provenance: Provenance | None, one: Hint | None, other: Hint | None
) -> None:
    first, second = (assess(matches, signals, provenance, hint) for hint in (one, other))
    assert (first.artificialness, first.conflicts) == (second.artificialness, second.conflicts)
    assert [r for r in first.reasons if r.source != "hint"] == [r for r in second.reasons if r.source != "hint"]
    if first.artificialness is not Artificialness.UNKNOWN:
        assert first.strength is second.strength


@given(Matches, Signals, MAYBE_PROVENANCE, MAYBE_HINT, st.data())
def test_more_evidence_is_never_weaker(
    matches: list[Match],
    signals: list[Signal],
    provenance: Provenance | None,
    hint: Hint | None,
    data: st.DataObject,
) -> None:
    some = assess(
        data.draw(st.lists(st.sampled_from(matches), unique_by=id)) if matches else (),
        data.draw(st.lists(st.sampled_from(signals), unique_by=id)) if signals else (),
        data.draw(st.sampled_from([None, provenance])),
        data.draw(st.sampled_from([None, hint])),
    )
    all_of_it = assess(matches, signals, provenance, hint)
    assert ORDER.index(all_of_it.strength) <= ORDER.index(some.strength)


@given(Matches, Signals, MAYBE_PROVENANCE, MAYBE_HINT, st.randoms())
def test_the_order_of_the_evidence_does_not_matter(
    matches: list[Match], signals: list[Signal], provenance: Provenance | None, hint: Hint | None, rng: Random
) -> None:
    straight = assess(matches, signals, provenance, hint)
    rng.shuffle(matches)
    rng.shuffle(signals)
    assert assess(matches, signals, provenance, hint) == straight


@given(Matches, Signals, MAYBE_PROVENANCE, MAYBE_HINT)
def test_the_first_reason_decides_and_every_reason_is_a_sentence(
    matches: list[Match], signals: list[Signal], provenance: Provenance | None, hint: Hint | None
) -> None:
    got = assess(matches, signals, provenance, hint)
    if got.artificialness is Artificialness.UNKNOWN:
        assert got.strength in {Strength.NONE, Strength.HINTED}
        assert all(reason.points_to is Artificialness.UNKNOWN for reason in got.reasons)
    else:
        assert (got.reasons[0].points_to, got.reasons[0].strength) == (got.artificialness, got.strength)
    deciding = [r.points_to is not Artificialness.UNKNOWN for r in got.reasons]
    assert deciding == sorted(deciding, reverse=True)
    for text in (*(reason.text for reason in got.reasons), *got.conflicts):
        assert text[0].isupper()
        assert text.endswith(".")
        assert len(text) < 1500
    assert len(got.reasons) < 60


@given(Signals)
def test_without_a_confirmed_word_nothing_is_told(signals: list[Signal]) -> None:
    """The slow obvious rule: of signals alone, only confirmed words of AI or alteration lead to a level."""
    thumbnails = {"thumbnail_mismatch", "thumbnail_shows_more"}
    words = {
        signal.says
        for signal in signals
        if not (signal.rule and signal.rule.status is RuleStatus.UNVERIFIED)
        and not (signal.says is Says.ALTERED and signal.name in thumbnails)
    }
    told = bool(words & {Says.AI_MADE, Says.AI_EDITED, Says.AI_USED, Says.ALTERED})
    assert (assess((), signals, None, None).artificialness is not Artificialness.UNKNOWN) == told


@given(st.lists(MATCHES, max_size=3), Signals, MAYBE_PROVENANCE, MAYBE_HINT)
def test_no_signal_provenance_or_hint_reaches_the_decision(
    matches: list[Match], signals: list[Signal], provenance: Provenance | None, hint: Hint | None
) -> None:
    plain = examination_of("a.png", 1)
    told = replace(plain, signals=tuple(signals), provenance=provenance, hint=hint)
    assert judge(told, tuple(matches)).decision == judge(plain, tuple(matches)).decision


ROWS = [row(number) for number in range(12)]
ASSESSMENTS = st.builds(Assessment, artificialness=st.sampled_from(Artificialness), strength=st.sampled_from(Strength))


@given(st.lists(st.tuples(MAYBE_HINT, ASSESSMENTS, Signals), min_size=12, max_size=12))
def test_no_hint_or_assessment_reaches_the_order_of_the_report(
    drawn: list[tuple[Hint | None, Assessment, list[Signal]]],
) -> None:
    told: list[ScanRow] = [
        replace(plain, hint=hint, assessment=assessment, signals=tuple(signals))
        for plain, (hint, assessment, signals) in zip(ROWS, drawn, strict=True)
    ]
    assert [rank(one) for one in told] == [rank(one) for one in ROWS]
    assert [one.path for one in first_rows(told, 12)] == [one.path for one in first_rows(ROWS, 12)]


@pytest.mark.parametrize(("package", "module"), [("safelight.policy", "decide.py"), ("safelight.report", "order.py")])
def test_what_decides_and_orders_does_not_know_of_signals(package: str, module: str) -> None:
    tree = ast.parse(resources.files(package).joinpath(module).read_text(encoding="utf-8"))
    imported = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    imported |= {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    assert imported
    forbidden = {"assess", "assess_rules", "assessment", "hint", "provenance", "signal"}
    assert not {name.split(".")[-1] for name in imported} & forbidden
    fields = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert not fields & {"assessment", "hint", "provenance", "signals"}


def test_the_tables_are_whole() -> None:
    assert set(AUTHORITIES) == set(Voice)
    assert set(CLAIMS) == set(Claim)
    assert set(SAID) == set(Says) - {Says.NOTHING}
    assert set(VOICES.values()) == set(Voice) - {Voice.REGION, Voice.TRUSTED, Voice.UNLISTED, Voice.PART, Voice.BROKEN}
    assert all(one is not other and (other, one) not in CONFLICTS for one, other in CONFLICTS)


def test_no_verdict_of_a_detector_has_a_word_for_real() -> None:
    assert not {"real", "authentic", "genuine"} & {verdict.value for verdict in HintVerdict}
