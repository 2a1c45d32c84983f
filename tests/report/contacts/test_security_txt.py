"""security.txt, as RFC 9116 has it."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.report.contacts.security_txt import SecurityTxt, read_security_txt

NOW = datetime(2026, 11, 22, tzinfo=UTC)
HOLDS = "Expires: 2027-01-01T00:00:00.000Z\n"


def read(text: str) -> SecurityTxt:
    return read_security_txt(text.encode(), NOW)


def test_the_first_contact_of_each_kind_is_the_preferred_one() -> None:
    text = "# for people\nContact: tel:+1-201-555-0123\ncontact: mailto:first%2Bsecurity@site.example?subject=x\n"
    text += "Contact: mailto:second@site.example\nContact: https://site.example/report\n" + HOLDS
    assert read(text) == SecurityTxt("first+security@site.example", "https://site.example/report")


def test_a_signed_one_is_read() -> None:
    text = "-----BEGIN PGP SIGNED MESSAGE-----\r\nHash: SHA512\r\n\r\n- Contact: mailto:a@site.example\r\n" + HOLDS
    text += "-----BEGIN PGP SIGNATURE-----\r\nContact: mailto:forged@site.example\r\n"
    assert read(text) == SecurityTxt("a@site.example")


@pytest.mark.parametrize(
    ("text", "flaw"),
    [
        ("", "names no contact"),
        (HOLDS, "names no contact"),
        ("<html>Contact us</html>", "names no contact"),
        ("Contact: mailto:a@site.example\n", "until when"),
        ("Contact: mailto:a@site.example\n" + HOLDS + HOLDS, "until when"),
        ("Contact: mailto:a@site.example\nExpires: tomorrow\n", "until when"),
        ("Contact: mailto:a@site.example\nExpires: 2027-01-01T00:00:00\n", "until when"),
        ("Contact: mailto:a@site.example\nExpires: 2026-11-21T00:00:00Z\n", "expired"),
        ("Contact: mailto:a@b@c\nContact: http://site.example/\n" + HOLDS, "cannot be used"),
    ],
)
def test_what_may_not_be_used_is_a_flaw(text: str, flaw: str) -> None:
    found = read(text)
    assert (found.email, found.form) == ("", "")
    assert flaw in found.flaw


@given(
    st.binary(max_size=300)
    | st.text(st.sampled_from("Contact:Expires mailto@.\n#-20T9Z"), max_size=200).map(str.encode)
)
def test_any_bytes_are_read_without_error(data: bytes) -> None:
    found = read_security_txt(data, NOW)
    assert found.flaw or found.email or found.form


@given(st.datetimes(), st.sampled_from(["Z", "+00:00", "-23:59", "+23:59"]))
def test_any_time_can_be_compared(time: datetime, zone: str) -> None:
    assert "until" not in read(f"Contact: mailto:a@site.example\nExpires: {time.isoformat()}{zone}\n").flaw
