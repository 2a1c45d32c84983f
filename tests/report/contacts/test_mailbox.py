"""Words and addresses of strangers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.report.contacts.mailbox import host_name, line, mailbox, page


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("abuse@host.example", "abuse@host.example"),
        ("abuse@host.example\r\n", "abuse@host.example"),
        (" Abuse+x@HOST.example ", "Abuse+x@host.example"),
        ("abuse@bücher.example", "abuse@xn--bcher-kva.example"),
        ("abuse@host.example.", "abuse@host.example"),
    ],
)
def test_addresses_that_can_be_written_to(said: str, kept: str) -> None:
    assert mailbox(said) == kept


@pytest.mark.parametrize(
    "said",
    [
        "",
        "abuse",
        "abuse@host",
        "abuse@192.0.2.1",
        "a@b.example, c@d.example",
        "a@b.example;c@d.example",
        "Abuse <abuse@host.example>",
        "abuse@host.example\r\nBcc: everybody@example.com",
        "ab use@host.example",
        "a%b.example@host.example",
        "a!b@host.example",
        '"a b"@host.example',
        ".abuse@host.example",
        "a..b@host.example",
        "ünï@host.example",
        "abuse@-host.example",
        "abuse@ho_st.example",
        "REDACTED FOR PRIVACY@host.example",
        "redacted@host.example",
        "no-reply@host.example",
        "x" * 65 + "@host.example",
        "x@" + "y" * 300 + ".example",
        None,
        7,
        ["abuse@host.example"],
        *("gallery@platform.invalid", "a@B.Invalid.", "a@b.localhost", "a@b.test", "a@b.local", "a@b.onion"),
    ],
)
def test_what_is_no_single_address_is_dropped(said: object) -> None:
    assert mailbox(said) == ""


@given(st.text() | st.from_regex(r"[\w.%!\r\n ]{1,9}@[\w.\r\n-]{1,20}"))
def test_an_address_is_one_plain_word_or_nothing(said: str) -> None:
    found = mailbox(said)
    assert found == "" or (found.isascii() and found.isprintable() and found.count("@") == 1)
    assert not set(found) & set(' ,;<>"\\()[]:')
    assert mailbox(found) == found


@given(st.text())
def test_a_line_is_one_printable_line(said: str) -> None:
    found = line(said, 50)
    assert len(found) <= 50
    assert found.isprintable()
    assert found == found.strip()
    assert line(found, 50) == found


@pytest.mark.parametrize("value", [None, 1, ["a"], {"a": 1}, True])
def test_a_line_of_anything_else_is_empty(value: object) -> None:
    assert line(value) == ""


def test_names_of_hosts() -> None:
    assert host_name("WWW.Example.COM.") == "www.example.com"
    assert host_name("bücher.example") == "xn--bcher-kva.example"
    for bad in ("", "localhost", "a..b", "1.2.3.4", "a b.example", "a_b.example", "-a.example", "a" * 64 + ".example"):
        assert host_name(bad) == "", bad


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("https://host.example/abuse?x=1", True),
        ("https://host.example:8443/abuse", True),
        ("http://host.example/abuse", False),
        ("https://host.example/ab use", False),
        ("https://user@host.example/", False),
        ("https://host/", False),
        ("https://", False),
        ("javascript:alert(1)", False),
        ("https://host.example/\nx", False),
        ("https://host.example/" + "a" * 600, False),
        (None, False),
    ],
)
def test_pages_for_people(said: object, kept: bool) -> None:
    assert page(said) == (said if kept else "")
