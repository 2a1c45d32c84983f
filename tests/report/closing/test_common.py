"""Addresses and times as documents write them."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given

from safelight.model.case_events import Verdict
from safelight.model.decision import Outcome
from safelight.model.dossier import Dossier
from safelight.model.errors import DocumentError
from safelight.report.closing.common import day, found_by, kind_of, must_be_confirmed, stamp, uri
from tests.report.closing.dossiers import dossiers


@pytest.mark.parametrize(
    ("url", "written"),
    [
        ("https://host.example.com/a?b=1#c", "https://host.example.com/a?b=1#c"),
        ("https://h\u00f6st.example.org/", "https://xn--hst-sna.example.org/"),
        ("https://u@h\u00f6st.example.org:8443/\u00e9", "https://u@xn--hst-sna.example.org:8443/%C3%A9"),
        ("https://host.example.com/a b%20c", "https://host.example.com/a%20b%20c"),
        ("https://[2001:db8::5]:80/", "https://[2001:db8::5]:80/"),
        ('https://host.example.com/"<>\u202e', "https://host.example.com/%22%3C%3E%E2%80%AE"),
    ],
)
def test_urls_are_written_in_ascii(url: str, written: str) -> None:
    assert uri(url) == written
    assert uri(written) == written


def test_times_are_utc() -> None:
    late = datetime(2026, 1, 1, 1, 2, 3, 999, tzinfo=timezone(timedelta(hours=9)))
    assert stamp(late) == "2025-12-31T16:02:03Z"
    assert day(late) == "2025-12-31"
    assert stamp(datetime(2026, 1, 1, tzinfo=UTC)) == "2026-01-01T00:00:00Z"


def test_media_have_kinds() -> None:
    assert [kind_of(mime) for mime in ("image/png", "video/mp4", "application/zip", "")] == [
        "image", "video", "mixed", "mixed",
    ]  # fmt: skip


def test_every_outcome_has_a_method() -> None:
    assert {found_by(outcome) for outcome in Outcome} == {"hash_match", "automated_scan", "manual_review"}


@given(dossiers())
def test_only_what_is_confirmed_passes(dossier: Dossier) -> None:
    if dossier.verdict is Verdict.CONFIRMED:
        must_be_confirmed(dossier, "it")
    else:
        with pytest.raises(DocumentError):
            must_be_confirmed(dossier, "it")
