"""What a report says of a case: what people found and what was computed, and no name of ours."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from safelight.model.assessment import Artificialness
from safelight.model.case import Case, CaseItem, CaseState, Classification, Finding, Verdict
from safelight.model.decision import Outcome
from safelight.model.filing import Body, FiledItem, Filing, FilingState, Reporter, Told
from safelight.model.match import Match, MatchKind
from safelight.model.region import AlteredRegion, RegionBasis
from safelight.model.service import Item, ItemState
from safelight.policy.assess import assess
from safelight.report.closing.crosswalk import ARTIFICIAL
from safelight.report.cybertip.facts import file_facts, incident, says_generative
from tests.flow.filing_world import row_of

EARLY, LATE = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)
TOLD = Told(annotations={"i1": ("viral", "generativeAi")})
NEAR = Match("secret bank", "secret-name.jpg", MatchKind.NEAR, "pdq", 12, known="a" * 64, classification="A2")


def item(name: str, added: datetime = EARLY, outcome: Outcome = Outcome.NEAR) -> CaseItem:
    return CaseItem(name, name * 32, 5, "image/png", "items", outcome, "secret reason", added, "ref-1")


def case(*items: CaseItem, level: Artificialness = Artificialness.UNKNOWN) -> Case:
    finding = Finding(Verdict.CONFIRMED, Classification.OTHER, level, note="secret note")
    return Case("c1", 9, "", CaseState.DECIDED, EARLY, LATE, "secret", 1, "default", items=items, finding=finding)


def kept(name: str, **row: Any) -> Item:
    return Item(name, ItemState.DONE, EARLY, "items", account="acc", row=row_of(name, b"x", Outcome.NEAR, **row))


def filed(name: str, *, upload: bool = True) -> FiledItem:
    return FiledItem(name, name * 32, "d" * 32, viewed=False, upload=upload)


def test_the_incident_began_when_the_first_file_came_and_files_that_stay_are_named_by_hash() -> None:
    filing = Filing("f1", "c0", Body.NCMEC, FilingState.DRAFT, LATE, (filed("i1"), filed("i2", upload=False)), TOLD)
    items = {name: kept(name, sha1="5" * 40) for name in ("i1", "i2")}
    made = incident(filing, case(item("i1", LATE), item("i2", EARLY)), items, Reporter("", "a@example.org"))
    assert (made.when, made.when_words) == (EARLY, "When the first of the files came to the provider.")
    assert made.remarks == (
        "The provider's case: c0",
        f"Not sent along: i2; MD5 {'d' * 32}; SHA1 {'5' * 40}; SHA256 {'i2' * 32}; PDQ {'f' * 64}",
    )


def test_a_source_is_told_without_names_of_ours() -> None:
    region = AlteredRegion(0.25, (0, 0, 4, 4), RegionBasis.PIXELS)
    derived = Match(
        *("secret bank", "secret", MatchKind.DERIVATIVE, "local", None),
        altered_region=region,
        expected_false_matches=1e-6,
    )
    benign = Match("secret bank", "secret", MatchKind.NEAR, "pdq", 3, negative=True)
    one = filed("i1")
    filing = Filing("f1", "c1", Body.NCMEC, FilingState.DRAFT, LATE, (one,), TOLD, classification="other")
    facts = file_facts(filing, one, item("i1"), kept("i1", matches=(NEAR, derived, benign)))
    assert facts.evidence == (
        ("Compared with known items", "near"),
        (
            "Known source",
            f"the same picture, by pdq; 12 of 256 bits differ; known pdq {'a' * 64}; classified as A2",
        ),
        ("Known source", "an altered copy, by local; 25% of it was replaced; 1e-06 expected by chance"),
    )
    assert facts.remarks == ("The provider's reference: ref-1", "Uploaded by the account: acc")
    assert facts.annotations == ("viral",)  # the other one is not taken from anybody's word
    assert facts.classification == ""
    assert "secret" not in str(facts)


def test_the_reasons_of_an_assessment_name_no_bank_and_no_entry_either() -> None:
    whole, part = (AlteredRegion(area, (0, 0, 4, 4), RegionBasis.PIXELS) for area in (0.0, 0.25))
    matches = tuple(
        Match("secret bank", f"secret/{number}", MatchKind.DERIVATIVE, "local", None, altered_region=region)
        for number, region in enumerate((whole, part, part))
    )
    weighed = assess(matches, (), None, None)
    assert sum("secret" in reason.text for reason in weighed.reasons) == len(weighed.reasons) == 2
    one = filed("i1")
    filing = Filing("f1", "c1", Body.NCMEC, FilingState.DRAFT, LATE, (one,), TOLD)
    facts = file_facts(filing, one, item("i1"), kept("i1", matches=matches, assessment=weighed))
    assert [text for name, text in facts.evidence if name == "A reason for that"] == ["match, matched"] * 2
    assert "secret" not in str(facts)


@pytest.mark.parametrize(("marked", "told"), [(True, 1), (False, 0)])
def test_what_people_found_of_an_altered_copy_is_not_said_of_the_source_beside_it(marked: bool, told: int) -> None:
    one = replace(filed("i1"), generative=marked)
    filing = Filing("f1", "c1", Body.NCMEC, FilingState.DRAFT, LATE, (one,), TOLD)
    for level in sorted(ARTIFICIAL):
        facts = file_facts(replace(filing, artificialness=level), one, item("i1"), kept("i1"))
        assert [name for name, _ in facts.evidence].count("How it was made: found by people") == told
    facts = file_facts(replace(filing, artificialness=Artificialness.CAMERA_ORIGINAL), one, item("i1"), kept("i1"))
    assert ("How it was made: found by people", "camera_original") in facts.evidence


@pytest.mark.parametrize("level", list(Artificialness))
@pytest.mark.parametrize("outcome", [Outcome.KNOWN, Outcome.DERIVED])
@pytest.mark.parametrize("alone", [True, False])
def test_generative_ai(level: Artificialness, outcome: Outcome, alone: bool) -> None:
    mine = item("i1", outcome=outcome)
    found = case(mine, *(() if alone else (item("i2", outcome=Outcome.DERIVED),)), level=level)
    assert found.finding is not None
    altered = level in {Artificialness.PARTIALLY_ALTERED, Artificialness.HYBRID}
    source = altered and outcome is Outcome.KNOWN and not alone
    assert says_generative(found, found.finding, mine) is (
        (altered or level is Artificialness.FULLY_SYNTHETIC) and not source
    )
