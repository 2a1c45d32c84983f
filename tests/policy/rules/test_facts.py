"""Facts as they are taken from rows and cases, and that the table is what rules are given."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from safelight.match.judge import suppress
from safelight.model.access import Actor, ActorKind
from safelight.model.assessment import Artificialness, Assessment, Strength
from safelight.model.case import Answer, Case, CaseItem, CaseReport, CaseState, Classification, Finding, Verdict
from safelight.model.decision import Outcome
from safelight.model.filing import Body
from safelight.model.hint import Hint, HintVerdict
from safelight.model.match import Match, MatchKind
from safelight.model.policy import Stage
from safelight.model.provenance import ManifestState, Provenance
from safelight.model.region import AlteredRegion, RegionBasis
from safelight.model.scan import ScanRow, Status
from safelight.model.signal import Says
from safelight.policy.decide import decide
from safelight.policy.rules.facts import FACTS, Kind, Value, complete, of_case, of_row, without_detectors
from tests.rows import derivative_of, row_of, scene_of

NOW = datetime(2026, 11, 22, tzinfo=UTC)
PYTHON = {Kind.TEXT: str, Kind.WHOLE: int, Kind.REAL: float, Kind.FLAG: bool, Kind.TEXTS: list}


def row(*matches: Match, status: Status = Status.OK) -> ScanRow:
    found = suppress(matches)
    return replace(row_of("a"), status=status, matches=found, decision=decide(status, found))


def case(**changes: object) -> Case:
    item = CaseItem("i1", "0" * 64, 1, "image/png", "gate", Outcome.NEAR, "near", NOW)
    made = Case("c1", 2, "", CaseState.OPEN, NOW, NOW, "near", 100, "default", items=(item,))
    return replace(made, **changes)  # type: ignore[arg-type] # fields by name


def is_of_the_table(stage: Stage, told: dict[str, Value]) -> bool:
    assert list(told) == list(FACTS[stage])
    for name, fact in FACTS[stage].items():
        value = told[name]
        assert type(value) is PYTHON[fact.kind], name
        words = value if isinstance(value, list) else [value]
        assert not fact.allowed or set(words) <= set(fact.allowed), name
    return True


@pytest.mark.parametrize("stage", Stage)
def test_defaults_fit_their_table(stage: Stage) -> None:
    assert is_of_the_table(stage, complete(stage, {}))
    assert all(fact.about and fact.origin for fact in FACTS[stage].values())


def test_a_row_without_finds_has_the_defaults_of_one_that_was_checked() -> None:
    told = of_row(row(), "gate")
    assert is_of_the_table(Stage.FILE, told)
    assert told == complete(Stage.FILE, {"source": "gate", "mime": "image/png", "file_size": 5})


def test_a_row_with_finds() -> None:
    region = AlteredRegion(0.25, (1, 1, 9, 9), RegionBasis.PIXELS)
    near = Match("b", "two", MatchKind.NEAR, "pdq", 12, p_false_match=1e-7, classification="of the list")
    told = of_row(row(derivative_of("a", "one", altered_region=region), near, scene_of("c", "three")), "items")
    assert is_of_the_table(Stage.FILE, told)
    assert told["outcome"] == "near"
    assert told["kinds"] == ["derivative", "near", "shared_scene"]
    assert (told["distance"], told["p_false_match"], told["altered_area"]) == (12, 1e-9, 0.25)
    assert (told["banks"], told["classifications"]) == (["a", "b", "c"], ["of the list"])


def test_the_same_bytes_are_no_chance() -> None:
    told = of_row(row(Match("a", "one", MatchKind.EXACT, "sha256", 0)), "items")
    assert (told["outcome"], told["distance"], told["p_false_match"]) == ("known", 0, 0.0)


def test_what_a_benign_item_explains_counts_for_nothing() -> None:
    near = Match("a", "one", MatchKind.NEAR, "pdq", 12, p_false_match=1e-7)
    told = of_row(row(near, replace(near, bank="b", negative=True, distance=3)), "items")
    assert (told["negative"], told["suppressed"], told["outcome"]) == (True, True, "suppressed")
    assert (told["kinds"], told["banks"], told["distance"]) == ([], [], 256)


@pytest.mark.parametrize(
    ("status", "degraded", "checked"),
    [
        (Status.OK, False, True),
        (Status.DEGRADED, True, False),
        (Status.UNREADABLE, True, False),
        (Status.UNSUPPORTED, False, False),
    ],
)
def test_what_was_checked(status: Status, degraded: bool, checked: bool) -> None:
    told = of_row(row(status=status), "items")
    assert (told["degraded"], told["checked"]) == (degraded, checked)


def test_provenance_assessment_and_hint() -> None:
    hint = Hint("d", "0" * 64, HintVerdict.LIKELY_AI, 0.9, "x")
    assessment = Assessment(Artificialness.UNKNOWN, Strength.HINTED)
    manifest = Provenance(ManifestState.EMBEDDED, Says.AI_MADE, valid=True, trusted=False)
    told = of_row(replace(row(), hint=hint, assessment=assessment, provenance=manifest), "items")
    assert is_of_the_table(Stage.FILE, told)
    assert (told["hint"], told["strength"], told["manifest"]) == ("likely_ai", "hinted", "untrusted")
    assert told["declared"] == "ai_made"
    silent = without_detectors(told)
    assert (silent["hint"], silent["strength"]) == ("none", "none")
    assert {name for name in told if told[name] != silent[name]} == {
        n for n, f in FACTS[Stage.FILE].items() if f.detector
    }
    states = {
        Provenance(ManifestState.EMBEDDED, valid=True, trusted=True): "trusted",
        Provenance(ManifestState.EMBEDDED, valid=False, trusted=True): "invalid",
        Provenance(ManifestState.REMOTE_ONLY): "remote_only",
        Provenance(ManifestState.UNREADABLE): "unreadable",
    }
    for provenance, word in states.items():
        assert of_row(replace(row(), provenance=provenance), "items")["manifest"] == word


def test_a_case_before_and_after_it_is_decided() -> None:
    told = of_case(case(), ("us", "eu"))
    assert is_of_the_table(Stage.CASE, told)
    assert told == complete(
        Stage.CASE,
        {
            "state": "open",
            "outcomes": ["near"],
            "sources": ["gate"],
            "priority": 100,
            "jurisdictions": ["us", "eu"],
        },
    )
    finding = Finding(Verdict.CONFIRMED, Classification.B2, Artificialness.PARTIALLY_ALTERED, Answer.YES)
    decided = case(
        state=CaseState.DECIDED,
        finding=finding,
        decided_by=Actor(ActorKind.USER, "7"),
        confirmed=True,
        viewed=frozenset(("i1",)),
        reports=(CaseReport("f", Body.NCMEC, "1", NOW, ("i1",)),),
    )
    told = of_case(decided, ())
    assert is_of_the_table(Stage.CASE, told)
    assert (told["verdict"], told["classification"], told["real_victim"]) == ("confirmed", "B2", "yes")
    assert (told["artificialness"], told["viewed"], told["reported"]) == ("partially_altered", 1, True)
    assert (told["by_policy"], told["was_confirmed"], told["degraded"]) == (False, True, False)


def test_no_fact_tells_who_somebody_is() -> None:
    names = {name for stage in Stage for name in FACTS[stage]}
    assert not names & {"reference", "account", "actor", "decided_by", "note", "path", "sha256"}
