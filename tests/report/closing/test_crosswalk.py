"""The crosswalk is total, guesses nothing, and never calls anything synthetic part of the Interpol baseline."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.model.assessment import Artificialness
from safelight.model.case_events import Answer, Classification
from safelight.model.decision import Outcome
from safelight.model.dossier import Dossier
from safelight.model.signal import RuleStatus
from safelight.report.closing.crosswalk import (
    ANNOTATIONS,
    ARTIFICIAL,
    TABLE,
    VICS_CATEGORIES,
    Rule,
    Target,
    baseline_flaw,
    cell,
    level,
    of,
)
from tests.report.closing.dossiers import dossiers

FINDINGS = tuple(product(Classification, Artificialness, Answer))
TEN = (
    "animeDrawingVirtualHentai", "potentialMeme", "viral", "possibleSelfProduction", "physicalHarm", "violenceGore",
    "bestiality", "liveStreaming", "infant", "generativeAi",
)  # fmt: skip


@pytest.mark.parametrize("target", Target)
def test_every_finding_has_an_answer_and_every_row_is_used(target: Target) -> None:
    rows = [row for row in TABLE if row.target is target]
    used = {id(cell(target, *finding)) for finding in FINDINGS}
    assert used == {id(row) for row in rows}


def test_each_row_says_why_and_by_what_source() -> None:
    assert all(row.why and row.source for row in TABLE)
    assert all(bool(row.value) <= (row.rule is Rule.FOLLOWS) for row in TABLE)


def test_what_is_not_confirmed_follows_by_itself_nowhere() -> None:
    assert {row.rule for row in TABLE if row.status is RuleStatus.UNVERIFIED} == {Rule.NOT_DERIVABLE}


@pytest.mark.parametrize("finding", FINDINGS)
def test_generative_exactly_for_the_artificial(finding: tuple[Classification, Artificialness, Answer]) -> None:
    assert (cell(Target.GENERATIVE, *finding).value == "generativeAi") is (finding[1] in ARTIFICIAL)


def test_ncmec_has_ten_annotations_and_nine_are_peoples() -> None:
    assert ANNOTATIONS == TEN
    rules = {name: {cell(Target(f"ncmec.{name}"), *finding).rule for finding in FINDINGS} for name in TEN}
    assert {name for name, found in rules.items() if found == {Rule.PERSON}} == set(TEN) - {"generativeAi"}


@pytest.mark.parametrize("finding", FINDINGS)
def test_industry_class_is_the_reviewers_own_or_nothing(
    finding: tuple[Classification, Artificialness, Answer],
) -> None:
    value = cell(Target.INDUSTRY, *finding).value
    assert value == (finding[0] if finding[0] in {"A1", "A2", "B1", "B2"} else "")


@pytest.mark.parametrize("target", [Target.UK, Target.VICS_UK, Target.VICS_US, *(t for t in Target if "inhope" in t)])
def test_nothing_is_guessed_of_scales_that_ask_for_more(target: Target) -> None:
    assert {(cell(target, *finding).rule, cell(target, *finding).value) for finding in FINDINGS} == {
        (Rule.NOT_DERIVABLE, "")
    }


@given(dossiers())
def test_baseline_is_never_automatic_and_never_synthetic(dossier: Dossier) -> None:
    synthetic = dossier.artificialness is Artificialness.FULLY_SYNTHETIC or dossier.real_victim is Answer.NO
    assert of(dossier, dossier.items[0], Target.BASELINE) == ""
    assert baseline_flaw(dossier, ())
    assert baseline_flaw(dossier, ("Agency", " agency "))
    assert bool(baseline_flaw(dossier, ("Agency", "Another"))) is synthetic


def test_source_of_an_altered_copy_is_not_artificial() -> None:
    found, both = Artificialness.PARTIALLY_ALTERED, (Outcome.KNOWN, Outcome.DERIVED)
    assert level(found, Outcome.KNOWN, both) is Artificialness.UNKNOWN
    assert level(found, Outcome.DERIVED, both) is found
    assert level(found, Outcome.KNOWN, (Outcome.KNOWN,)) is found
    assert level(Artificialness.FULLY_SYNTHETIC, Outcome.KNOWN, both) is Artificialness.FULLY_SYNTHETIC


def test_an_original_that_was_saved_again_is_not_artificial_beside_an_altered_copy() -> None:
    found, both = Artificialness.HYBRID, (Outcome.NEAR, Outcome.DERIVED)
    assert [level(found, outcome, both) in ARTIFICIAL for outcome in both] == [False, True]


def test_a_known_synthetic_picture_stays_marked_when_its_copy_joins() -> None:
    joined: tuple[Outcome, ...] = (Outcome.KNOWN,)
    for outcome in (Outcome.KNOWN, Outcome.NEAR, Outcome.DERIVED):
        joined = (*joined, outcome)
        assert all(level(Artificialness.FULLY_SYNTHETIC, one, joined) in ARTIFICIAL for one in joined)


@given(st.sampled_from(Artificialness), st.lists(st.sampled_from(Outcome), min_size=1, max_size=6))
def test_what_is_said_of_each_item_is_what_the_table_of_the_page_says(
    found: Artificialness, outcomes: list[Outcome]
) -> None:
    said = [level(found, outcome, outcomes) for outcome in outcomes]
    assert set(said) <= {found, Artificialness.UNKNOWN}
    if found not in {Artificialness.PARTIALLY_ALTERED, Artificialness.HYBRID} or len(set(outcomes)) == 1:
        assert said == [found] * len(outcomes)
    else:
        assert [one is found for one in said] == [outcome is Outcome.DERIVED for outcome in outcomes]
    again = [*outcomes, *outcomes]
    assert [level(found, outcome, again) for outcome in outcomes] == said  # how many there are says nothing


def test_figures_of_vics_mean_something_else_in_each_country() -> None:
    status = {(one.region, one.number): one.status for one in VICS_CATEGORIES}
    assert len(status) == len(VICS_CATEGORIES)
    assert {region for region, _ in status} == {"UK", "US"}
    assert set(status.values()) == {RuleStatus.UNVERIFIED}  # no source that was read has a figure
