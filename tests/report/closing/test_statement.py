"""Statements: the same sentences in six languages, all that Article 17 asks for, and nobody's name."""

import re
import string
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safelight.model.closing_events import Prompt, StatementKind
from safelight.model.dossier import How
from safelight.model.errors import UsageError
from safelight.model.statement import StatementFacts
from safelight.report.closing.example import BEGAN, REPORTER
from safelight.report.closing.statement import statement
from safelight.report.closing.statement_words import LANGUAGES, WORDS
from tests.report.closing.dossiers import ids, statement_facts

FACTS = StatementFacts(
    "item-1", "image/png", BEGAN, BEGAN, How.PERSON, automated=True, barred=True, artificial=False, keyword="",
    illegal=True, reference="holiday.png",
)  # fmt: skip


def text(language: str = "en", kind: StatementKind = StatementKind.REASONS, **changes: Any) -> str:
    facts = replace(FACTS, **changes)
    return statement("s-1", "c-1", kind, facts, REPORTER, language, BEGAN).text


def blanks(words: str) -> list[str]:
    return sorted(name for _, name, _, _ in string.Formatter().parse(words) if name)


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_says_the_same_with_the_same_blanks(language: str) -> None:
    assert set(LANGUAGES) == set(WORDS)
    assert {key: blanks(words) for key, words in WORDS[language].items()} == {
        key: blanks(words) for key, words in WORDS["en"].items()
    }
    assert all(words != WORDS["en"][key] for key, words in WORDS[language].items()) or language == "en"


@settings(max_examples=200, deadline=None)
@given(ids, statement_facts, st.sampled_from(StatementKind), st.sampled_from(LANGUAGES))
def test_any_statement_is_whole_and_the_same_each_time(
    number: str, facts: StatementFacts, kind: StatementKind, language: str
) -> None:
    first = statement(number, "case", kind, facts, REPORTER, language, BEGAN)
    assert first == statement(number, "case", kind, facts, REPORTER, language, BEGAN)
    assert first.digest == sha256(first.text.encode()).hexdigest()
    assert number in first.text
    assert REPORTER.email in first.text or kind is StatementKind.UPHELD
    assert not re.search(r"\{\w+\}", first.text.replace(facts.reference, ""))


def test_reasons_have_all_parts_of_article_17_3() -> None:
    told = text()
    restriction = "disabled access to it since 2026-03-02, everywhere and without an end"
    facts, ground = "on our own initiative", "Directive 2011/93/EU"
    means, redress = "by automated means: by comparing", "complain to us free of charge within six months"
    for part in (restriction, facts, ground, means, redress, "(Article 21)", "or to a court", "holiday.png"):
        assert part in told


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"how": How.POLICY}, "decision was taken by automated means, because the file is byte for byte"),
        ({"how": How.PERSON, "barred": True}, "A program kept it back first; then people took the decision"),
        ({"how": How.TWO_PEOPLE, "barred": False}, "taken by people, not by automated means"),
        ({"automated": False}, "not found by automated means"),
        ({"prompt": Prompt.NOTICE}, "because we were given notice"),
        ({"prompt": Prompt.FLAGGER}, "because we were given notice"),
        ({"illegal": False}, "Terms of service, section 4"),
    ],
)
def test_what_happened_is_what_is_said(changes: dict[str, Any], said: str) -> None:
    assert said in text(**changes)


def test_a_withdrawn_decision_says_since_when_and_gives_no_reasons() -> None:
    told = text(kind=StatementKind.WITHDRAWN, ended=BEGAN)
    assert "was withdrawn on 2026-03-02" in told
    assert "illegal" not in told


def test_an_upheld_one_says_that_people_looked() -> None:
    told = text(kind=StatementKind.UPHELD)
    assert "People did so on 2026-03-02" in told
    assert "The decision stays" in told


def test_unknown_language() -> None:
    with pytest.raises(UsageError, match="en, fr, es, de, ko, ja"):
        text("xx")
