"""The word that a notice is taken back: what it says in every language, and that it says no more."""

from dataclasses import fields, replace
from datetime import UTC, datetime

import pytest

from safelight.model.errors import DocumentError
from safelight.model.filing import Reporter
from safelight.model.takedown import Contact, Form, Notice, NoticeState, Scope
from safelight.report.notice import retraction
from safelight.report.notice.words import RETRACTIONS, WORDS, BackWords
from tests.report.notice.test_notice import places

MADE, SENT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC), datetime(2026, 11, 20, 9, 45, tzinfo=UTC)
URL = "https://pictures.example.com/a%20b?c=d&e=(f)#g"
HOST = Contact(Scope.HOST, "Host", "abuse@host.example")
TOLD = Notice("notice-1", "l1", HOST, Form.DSA, "en", NoticeState.REFUSED, MADE, SENT, basis="plan", cause="a cause")
REPORTER = Reporter("Example Pictures", "safety@pictures.example.org", "Tess", "Trust", terms="Terms, 4")
LANGUAGES = sorted(RETRACTIONS)
AGAIN = {"en": 1}
"""How often something is said: in the language, and in English below."""


def test_there_are_as_many_languages_as_for_notices() -> None:
    assert set(RETRACTIONS) == set(WORDS)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_says_which_notice_of_when_about_what(language: str) -> None:
    written = retraction(replace(TOLD, language=language), URL, REPORTER)
    again = AGAIN.get(language, 2)
    assert f"  {URL}\n" in written.text
    assert written.text.count(URL) == again
    assert written.text.count("2026-11-20 09:45 UTC") == again
    assert written.text.count("notice-1") == 2 * again
    assert "notice-1" in written.subject
    words = RETRACTIONS[language]
    said = (words.anew, words.undo, words.passed_on, words.records, words.others, words.sorry)
    assert all(one in written.text for one in said)
    assert written.text.startswith(WORDS[language].greeting)
    assert written.text.endswith(retraction(TOLD, URL, REPORTER).text)
    assert not {"{", "}"} & set(written.text)
    assert not written.attachments
    assert not written.missing


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_says_no_more(language: str) -> None:
    written = retraction(replace(TOLD, language=language), URL, REPORTER)
    for words in (WORDS[language], WORDS["en"]):
        kept_back = [words.abuse, words.exploiting, words.category, *words.how_made.values()]
        assert not [one for one in kept_back if f"{one}:" in written.letter or one in written.letter.split("\n")]
        assert words.abuse not in written.letter
        assert words.exploiting not in written.letter
    for secret in ("Tess", "Trust", "Terms", "a cause", "plan", "SHA", "MD5"):
        assert secret not in written.letter


def test_one_that_was_cut_off_is_of_when_it_was_made() -> None:
    assert "2026-11-20 09:30 UTC" in retraction(replace(TOLD, sent=None), URL, REPORTER).text


def test_without_an_address_nobody_is_to_write_to_it() -> None:
    text = retraction(TOLD, URL, Reporter("", "")).text
    assert "reach us" not in text
    assert RETRACTIONS["en"].undo in text


def test_an_unknown_language_is_english() -> None:
    assert retraction(replace(TOLD, language="xx"), URL, REPORTER) == retraction(TOLD, URL, REPORTER)


@pytest.mark.parametrize("url", ["", " https://a.example/", "https://a.example/\nTo: x", "https://a.example/\u202egnp"])
def test_what_is_no_url_is_not_written(url: str) -> None:
    with pytest.raises(DocumentError, match="characters"):
        retraction(TOLD, url, REPORTER)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_every_sentence_with_the_same_places(language: str) -> None:
    for field in fields(BackWords):
        said, model = (getattr(RETRACTIONS[one], field.name) for one in (language, "en"))
        assert said.strip()
        assert places(said) == places(model), field.name
        assert language == "en" or said != model
