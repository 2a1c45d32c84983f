"""Countries, their languages and hotlines."""

import pytest

from safelight.model.signal import RuleStatus
from safelight.model.takedown import Scope
from safelight.report.contacts.countries import (
    EUROPEAN_UNION,
    LANGUAGES,
    country_code,
    country_of_name,
    language_of_country,
)
from safelight.report.contacts.hotlines import HOTLINES, hotline_of
from safelight.report.contacts.mailbox import page
from safelight.report.notice.words import WORDS


@pytest.mark.parametrize(
    ("said", "code"),
    [("de", "DE"), ("UK", "GB"), ("Republic of Korea", "KR"), ("Atlantis", ""), ("", ""), ("D1", ""), ("дe", "")],
)
def test_codes_of_countries(said: str, code: str) -> None:
    assert country_code(said) == code


@pytest.mark.parametrize(
    ("country", "language"),
    [("FR", "fr"), ("MX", "es"), ("AT", "de"), ("KR", "ko"), ("JP", "ja"), ("US", "en"), ("CA", "en"), ("", "en")],
)
def test_languages_of_countries(country: str, language: str) -> None:
    assert language_of_country(country) == language


def test_every_language_of_the_table_is_one_that_we_write() -> None:
    assert set(LANGUAGES) == set(WORDS)


def test_only_few_names_tell_of_a_country() -> None:
    assert country_of_name("shop.example.fr") == "FR"
    for host in ("example.com", "example.io", "example.co", "example.ai", "localhost"):
        assert country_of_name(host) == ""


def test_the_union_has_twenty_seven_members() -> None:
    assert len(EUROPEAN_UNION) == 27


def test_every_country_has_a_way_to_a_hotline_which_a_person_goes() -> None:
    assert hotline_of("US").name == "NCMEC CyberTipline"
    assert hotline_of("BR") == hotline_of("")
    for entry in HOTLINES:
        contact = hotline_of(entry.country)
        assert contact.scope is Scope.HOTLINE
        assert contact.email == ""
        assert page(contact.form)
        assert str(entry.status) in contact.source
    assert {entry.country for entry in HOTLINES if entry.status is RuleStatus.UNVERIFIED} == {"GB", "KR"}
