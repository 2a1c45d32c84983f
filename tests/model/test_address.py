"""Spellings of one address are one, and no two addresses are."""

from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.model.address import canonical

HOSTS = st.sampled_from(["images.example", "a.images.example", "192.0.2.1", "[2001:db8::1]", "xn--bcher-kva.example"])
PATHS = st.sampled_from(["", "/", "/a", "/A", "/a/", "//", "/a%2Fb", "/a/b", "/a;b", "/a:80"])
QUERIES = st.sampled_from(["", "?", "?a", "?A", "?a=1&b=2", "?b=2&a=1", "??", "?a=http://images.example:80/"])
ADDRESSES = st.builds(
    "{}://{}{}{}{}{}".format,
    st.sampled_from(["http", "https"]),
    st.sampled_from(["", "user@", "User:word@"]),
    HOSTS,
    st.sampled_from(["", ":", ":80", ":443", ":0443", ":8080", ":0"]),
    PATHS,
    QUERIES,
)


def slow(url: str) -> tuple[object, ...]:
    """What tells two places apart, taken apart by another parser."""
    parts = urlsplit(url)
    usual = {"http": 80, "https": 443}[parts.scheme]
    port = usual if parts.port is None else parts.port
    return parts.scheme, parts.username, parts.password, parts.hostname, port, parts.path or "/", parts.query


@given(ADDRESSES, ADDRESSES)
def test_two_are_one_only_if_all_that_names_a_place_is_the_same(first: str, second: str) -> None:
    assert (canonical(first) == canonical(second)) == (slow(first) == slow(second))


@given(ADDRESSES, st.sampled_from(["", "#", "#x", "#?a#b"]), st.booleans())
def test_other_spellings_are_the_same_and_again_changes_nothing(url: str, fragment: str, loud: bool) -> None:
    scheme, rest = url.split("://", 1)
    spelled = f"{scheme.upper()}://{rest}" if loud else url
    assert canonical(spelled + fragment) == canonical(url)
    assert canonical(canonical(url)) == canonical(url)
    assert slow(canonical(url)) == slow(url)


@given(st.text(max_size=30))
def test_whatever_is_given_is_answered_and_once_is_enough(text: str) -> None:
    assert canonical(canonical(text)) == canonical(text)
    found = canonical(f"https://images.example/{text}")
    assert canonical(found) == found


@pytest.mark.parametrize("text", ["", "images.example/a", "https://", "https:///a", "mailto:a@b.example", "a://[::1/x"])
def test_what_is_no_address_with_a_host_stays(text: str) -> None:
    assert canonical(text) == text


def test_the_host_is_told_from_what_stands_before_it() -> None:
    assert canonical("HTTPS://User@IMAGES.example:443#a") == "https://User@images.example/"
    assert canonical("https://images.example:99999999/") != canonical("https://images.example/")
