"""Records for the DSA Transparency Database: valid by our table and by its own words, a hundred at a time."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from safelight.model.dossier import How
from safelight.model.errors import DocumentError
from safelight.model.filing import Reporter
from safelight.model.statement import StatementFacts
from safelight.report.closing.example import BEGAN, REPORTER
from safelight.report.closing.tdb import BATCH, LONGEST, WORDS, automated_decision, batches, check, record
from tests.report.closing.dossiers import ids, reporters, statement_facts

MANY = settings(max_examples=200, deadline=None, suppress_health_check=[*HealthCheck])
FACTS = StatementFacts(
    "item", "image/png", BEGAN, BEGAN, How.PERSON, automated=True, barred=False, artificial=True, illegal=True,
    keyword="KEYWORD_CHILD_SEXUAL_ABUSE_MATERIAL_DEEPFAKE",
)  # fmt: skip
ENUMS = {"category": "statement_category", "category_specification": "keyword", "source_type": "source"}


@MANY
@given(ids, statement_facts, reporters)
def test_every_record_is_valid_and_says_what_it_must(puid: str, facts: StatementFacts, reporter: Reporter) -> None:
    """`record` holds each against our table; here what the table cannot know."""
    made = record(puid, facts, reporter)
    assert ("CONTENT_TYPE_SYNTHETIC_MEDIA" in _list(made["content_type"])) is facts.artificial
    assert made["automated_detection"] == ("Yes" if facts.automated else "No")
    assert ("illegal_content_legal_ground" in made) is facts.illegal
    assert ("end_date_visibility_restriction" in made) is (facts.ended is not None)
    assert re.fullmatch(r"[a-zA-Z0-9_-]{1,500}", str(made["puid"]))
    assert facts.item not in json.dumps(made)
    assert not facts.reference or len(facts.reference) < 4 or facts.reference not in str(made["decision_facts"])


@pytest.mark.shared
def test_our_words_are_the_databases_own(shared: Path) -> None:
    theirs = json.loads((shared / "schemas" / "dsa_tdb_enums.json").read_text())
    for field, words in WORDS.items():
        if words != {"Yes", "No"}:
            assert words <= set(theirs[ENUMS.get(field, field)]), field


@pytest.mark.shared
@MANY
@given(puid=ids, facts=statement_facts)
def test_every_record_is_in_the_databases_words(shared: Path, puid: str, facts: StatementFacts) -> None:
    theirs = json.loads((shared / "schemas" / "dsa_tdb_enums.json").read_text())
    made = record(puid, facts, REPORTER)
    for field, value in made.items():
        if field in WORDS and field != "automated_detection":
            assert set(_list(value)) <= set(theirs[ENUMS.get(field, field)]), field


@pytest.mark.parametrize(
    ("how", "barred", "word"),
    [
        (How.POLICY, True, "AUTOMATED_DECISION_FULLY"),
        (How.POLICY, False, "AUTOMATED_DECISION_FULLY"),
        (How.PERSON, True, "AUTOMATED_DECISION_PARTIALLY"),
        (How.TWO_PEOPLE, False, "AUTOMATED_DECISION_NOT_AUTOMATED"),
    ],
)
def test_part_of_programs_is_told_truthfully(how: How, barred: bool, word: str) -> None:
    assert automated_decision(replace(FACTS, how=how, barred=barred)) == word


BROKEN: tuple[tuple[dict[str, Any], str], ...] = (
    ({"puid": "a b"}, "puid"),
    ({"puid": ""}, "puid is missing"),
    ({"puid": "x" * 501}, "puid is longer"),
    ({"category": "STATEMENT_CATEGORY_MADE_UP"}, "is unknown"),
    ({"content_type": []}, "content_type is missing"),
    ({"content_type": ["CONTENT_TYPE_IMAGE", "CONTENT_TYPE_MADE_UP"]}, "is unknown"),
    ({"content_date": "1999-12-31"}, "too early"),
    ({"application_date": "2019-12-31"}, "too early"),
    ({"application_date": "tomorrow"}, "no date"),
    ({"decision_facts": "x" * 5001}, "longer than 5000"),
    ({"illegal_content_explanation": ""}, "is missing"),
    ({"illegal_content_legal_ground": "x" * 501}, "longer than 500"),
    ({"decision_ground": "DECISION_GROUND_INCOMPATIBLE_CONTENT"}, "incompatible_content_ground is missing"),
    ({"reviewer": "user:7"}, "reviewer is unknown"),
)


@pytest.mark.parametrize(("change", "flaw"), BROKEN)
def test_what_the_database_refuses_is_refused_here(change: dict[str, Any], flaw: str) -> None:
    made = record("puid-1", FACTS, REPORTER)
    check(made)
    with pytest.raises(DocumentError, match=flaw):
        check(made | change)


@given(st.integers(0, 350))
def test_batches_hold_all_and_no_more_than_it_takes(number: int) -> None:
    records = [{"puid": str(one)} for one in range(number)]
    made = [_list(body["statements"]) for body in batches(records)]
    assert [one for batch in made for one in batch] == records
    assert all(0 < len(batch) <= BATCH for batch in made)


def test_long_terms_are_cut_to_what_fits() -> None:
    made = record("p", replace(FACTS, illegal=False), replace(REPORTER, terms="t" * 900))
    assert len(str(made["incompatible_content_ground"])) == LONGEST["incompatible_content_ground"]


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else [value]
