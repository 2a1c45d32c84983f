"""Notices: what is in them, in every language, and what is not."""

import re
import string
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.model.assessment import Artificialness
from safelight.model.case_events import Classification
from safelight.model.errors import DocumentError
from safelight.model.filing import Reporter
from safelight.model.notice import NoticeFacts, NoticeItem, RemovalRequest
from safelight.model.takedown import Contact, Form, Scope
from safelight.report.notice import choose, language_of, notice, usual_form
from safelight.report.notice.words import WORDS, Words

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
ITEM = NoticeItem("item-7", "a" * 64, "b" * 32)
URL = "https://pictures.example.com/a%20b?c=d&e=(f)#g"
FACTS = NoticeFacts(
    "notice-1",
    (URL,),
    (ITEM,),
    seen=NOW,
    due=NOW + timedelta(hours=24),
    basis="operator's plan",
    classification=Classification.B2,
    artificialness=Artificialness.PARTIALLY_ALTERED,
    reports=("900000001",),
    addresses=("192.0.2.1",),
    earlier=((Scope.SITE, NOW - timedelta(days=2)),),
)
REPORTER = Reporter("Example Pictures", "safety@pictures.example.org", "Tess", "Trust")
HOST = Contact(Scope.HOST, "Host", "abuse@host.example")
LANGUAGES = sorted(WORDS)
URLS = st.from_regex(r"https?://[a-z]{1,9}\.example/[!-~]{0,60}", fullmatch=True)


def asked(form: Form = Form.XARF, language: str = "en", facts: NoticeFacts = FACTS, contact: Contact = HOST) -> str:
    return notice(form, contact, facts, REPORTER, language).text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("form", [Form.XARF, Form.DSA])
@pytest.mark.parametrize("scope", Scope)
def test_every_language_says_everything(language: str, form: Form, scope: Scope) -> None:
    text = asked(form, language, contact=replace(HOST, scope=scope))
    for fact in (URL, "a" * 64, "b" * 32, "item-7", "B2", "2026-11-22 12:00 UTC", "2026-11-23 12:00 UTC", "192.0.2.1"):
        assert text.count(fact) == (1 if language == "en" else 2), fact
    assert "operator's plan" in text
    assert "2026-11-20 12:00 UTC" in text
    assert "900000001" in text
    assert REPORTER.email in text
    words = WORDS[language]
    said = [words.remove[scope], words.preserve, words.nothing_shown, words.how_made[FACTS.artificialness]]
    assert all(one in text for one in said)
    assert (words.faith in text) == (words.dsa in text) == (form is Form.DSA)
    assert "{" not in text
    assert "}" not in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_hotline_hears_that_others_did_nothing_only_if_they_were_asked(language: str) -> None:
    words, hotline = WORDS[language], replace(HOST, scope=Scope.HOTLINE)
    claim = words.remove[Scope.HOTLINE]
    asked_before = asked(language=language, contact=hotline)
    assert claim in asked_before
    for earlier in ((), ((Scope.HOTLINE, NOW),)):
        text = asked(language=language, facts=replace(FACTS, earlier=earlier), contact=hotline)
        assert claim not in text
        assert WORDS["en"].remove[Scope.HOTLINE] not in text
        assert f"  1. {words.take_up}" in text
    assert f"  1. {words.take_up}" not in asked_before.splitlines()


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_altered_copy_is_named_beside_the_known_material(language: str) -> None:
    words, text = WORDS[language], asked(language=language, facts=replace(FACTS, found="c" * 64))
    first = text[: text.index(words.farewell)]
    at = [first.index(one) for one in (words.copy, "c" * 64, words.source, "a" * 64, "b" * 32)]
    assert at == sorted(at)
    assert words.items not in first
    assert words.copy not in asked(language=language)


@pytest.mark.parametrize("language", [one for one in LANGUAGES if one != "en"])
def test_english_follows_below_for_desks_that_read_it(language: str) -> None:
    text = asked(language=language)
    assert text.startswith(WORDS[language].greeting)
    assert text.endswith(asked())


def test_a_language_that_we_do_not_write_is_english() -> None:
    assert asked(language="xx") == asked(language="en")


def test_language_and_form_follow_from_the_country() -> None:
    table = {"FR": (Form.DSA, "fr"), "CH": (Form.XARF, "de"), "NL": (Form.DSA, "en"), "": (Form.XARF, "en")}
    for country, answer in table.items():
        contact = replace(HOST, country=country)
        assert choose(contact) == (usual_form(contact), language_of(contact)) == answer
    assert notice(Form.XARF, replace(HOST, country="JP"), FACTS, REPORTER).text.startswith(WORDS["ja"].greeting)


@given(st.lists(URLS, min_size=1, max_size=4), st.sampled_from(LANGUAGES), st.sampled_from(list(Form)))
def test_every_url_is_there_exactly_on_a_line_of_its_own(urls: list[str], language: str, form: Form) -> None:
    lines = asked(form, language, replace(FACTS, urls=tuple(urls))).splitlines()
    assert all(f"  {url}" in lines for url in urls)


@pytest.mark.parametrize("url", ["", " https://a.example/", "https://a.example/\nTo: x", "https://a.example/\u202egnp"])
def test_what_is_no_url_is_not_written(url: str) -> None:
    with pytest.raises(DocumentError, match="characters"):
        asked(facts=replace(FACTS, urls=(URL, url)))


def test_a_notice_needs_something_to_be_about() -> None:
    for facts in (replace(FACTS, urls=()), replace(FACTS, items=())):
        with pytest.raises(DocumentError, match="needs a URL and an item"):
            asked(facts=facts)


def test_what_is_not_known_is_not_said() -> None:
    words = WORDS["en"]
    bare = NoticeFacts("notice-1", (URL,), (NoticeItem("item-7", "a" * 64),))
    text = asked(facts=bare)
    for label in (words.made, words.seen, words.addresses, words.reports, "MD5", "answer by", "Tech Coalition"):
        assert label not in text
    assert words.abuse in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_came_back_is_said_to_be_back(language: str) -> None:
    said = WORDS[language].returned.format(time="2026-11-01 08:00 UTC")
    back = replace(FACTS, returned=datetime(2026, 11, 1, 8, tzinfo=UTC))
    assert said in asked(language=language, facts=back)
    assert said not in asked(language=language)


def test_what_is_outside_of_the_four_classes_is_not_called_abuse() -> None:
    written = notice(Form.XARF, HOST, replace(FACTS, classification=Classification.OTHER), REPORTER)
    assert WORDS["en"].abuse not in written.text + written.subject
    assert WORDS["en"].exploiting in written.subject


@pytest.mark.parametrize("made", Artificialness)
def test_how_it_was_made_is_told_as_the_reviewers_found_it(made: Artificialness) -> None:
    text = asked(facts=replace(FACTS, artificialness=made))
    if made is Artificialness.UNKNOWN:
        assert WORDS["en"].made not in text
    else:
        assert f"{WORDS['en'].made}: {WORDS['en'].how_made[made]}" in text


def test_a_notice_without_a_name_is_possible_under_the_dsa() -> None:
    text = notice(Form.DSA, HOST, FACTS, Reporter("", ""), "en").text
    assert WORDS["en"].identity not in text
    assert "tell us at" not in text
    assert WORDS["en"].faith in text


def test_what_machines_read_is_attached_as_it_is() -> None:
    written = notice(Form.XARF, HOST, FACTS, REPORTER, "en", b"{}")
    assert written.attachments == (("xarf.json", "application/json", b"{}"),)
    assert WORDS["en"].attached in written.text
    assert WORDS["en"].attached not in asked()


def test_names_of_people_stay_here() -> None:
    for form in Form:
        assert not re.search(r"\b(Tess|Trust)\b", asked(form))


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_every_sentence_with_the_same_places(language: str) -> None:
    words, english = WORDS[language], WORDS["en"]
    for field in fields(Words):
        said, model = getattr(words, field.name), getattr(english, field.name)
        if isinstance(said, str):
            assert said.strip(), field.name
            assert said.replace("\u00a0", " ").isprintable()
            assert places(said) == places(model), field.name
        else:
            assert set(said) == set(model), field.name
            assert all(one.strip() and not places(one) for one in said.values())
    assert set(words.how_made) == set(Artificialness) - {Artificialness.UNKNOWN}
    assert set(words.remove) == set(words.scopes) == set(Scope)


@pytest.mark.parametrize("language", sorted(set(LANGUAGES) - {"en"}))
def test_no_sentence_was_left_in_english(language: str) -> None:
    same = {
        field.name
        for field in fields(Words)
        if getattr(WORDS[language], field.name) == getattr(WORDS["en"], field.name)
    }
    assert same <= {"colon"}


# ---- the request of a person depicted

SIGNED = RemovalRequest(
    signature="/s/ A. Person",
    name="A. Person",
    identification="the picture at the address below",
    belief="I never agreed to it",
    contact="person@home.example",
)


def request(said: RemovalRequest | None) -> tuple[str, tuple[str, ...]]:
    written = notice(Form.TAKE_IT_DOWN, HOST, FACTS, REPORTER, "fr", request=said)
    assert written.attachments == ()
    theirs = [value for one in fields(SIGNED) if said and (value := " ".join(getattr(said, one.name).split()))]
    assert not any(words in written.letter for words in theirs)
    return written.outgoing, written.missing


def test_a_request_that_was_signed_lacks_nothing() -> None:
    text, missing = request(SIGNED)
    assert missing == ()
    assert "____" not in text
    for said in (*(getattr(SIGNED, field.name) for field in fields(SIGNED)), URL, "a" * 64, "b" * 32, "48 hours"):
        assert said in text
    assert "Acting for" not in text
    assert "Acting for: her mother" in request(replace(SIGNED, acting_for="her mother"))[0]


@pytest.mark.parametrize("field", ["signature", "identification", "belief", "contact"])
@pytest.mark.parametrize("value", ["", " \n "])
def test_each_of_the_four_parts_is_missing_until_a_person_says_it(field: str, value: str) -> None:
    text, missing = request(replace(SIGNED, **{field: value}))
    assert len(missing) == 1
    assert "____" in text


def test_an_empty_form_is_all_blanks_and_never_names_the_operator() -> None:
    text, missing = request(None)
    assert len(missing) == 4
    assert text.count("_" * 40) == 5
    assert REPORTER.organisation not in text


def test_what_a_person_says_cannot_add_a_line_or_a_book() -> None:
    assert "Signed: x Name: Somebody\n" in request(replace(SIGNED, signature="x\n  Name: Somebody"))[0]
    with pytest.raises(DocumentError, match="longer than"):
        request(replace(SIGNED, belief="x" * 2_001))


def test_facts_have_no_place_for_media_or_people() -> None:
    """Every field is text, time, a number of the kind, or a tuple of such: no bytes, no actor, no free note."""
    assert {field.name for field in fields(NoticeFacts)} & {
        "note",
        "actor",
        "reviewer",
        "media",
        "description",
    } == set()
    kinds = {kind for field in fields(NoticeFacts) for kind in get_args(field.type) or (field.type,)}
    assert bytes not in kinds
