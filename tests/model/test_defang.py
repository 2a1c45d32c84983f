"""URLs as people pass them on, and as they are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.model.defang import LONGEST_URL, defanged, is_web_address, read_url, refanged

_NAMES = st.from_regex(r"[a-z0-9-]{1,9}(\.[a-z0-9-]{1,9}){0,3}(:[0-9]{1,5})?", fullmatch=True)
_HOSTS = _NAMES | st.sampled_from(["192.0.2.7", "[2001:db8::1]:8443", "[::1]", "[::ffff:192.0.2.7]"])
_RESTS = st.text(st.characters(codec="ascii", exclude_categories=["C"]), max_size=30)


@given(
    st.sampled_from(["http", "https", "HTTP", "HTTPS", "Https"]), _HOSTS, st.sampled_from(["", "/", "?", "#"]), _RESTS
)
def test_what_was_defanged_is_the_same_again(scheme: str, host: str, separator: str, rest: str) -> None:
    url = f"{scheme}://{host}{separator}{rest if separator else ''}"
    assert refanged(url) == url
    assert refanged(defanged(url)) == url


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("hxxps://a[.]example[.]net/x[.]jpg", "https://a.example.net/x[.]jpg"),
        ("hXXp://a(.)example:8080/", "http://a.example:8080/"),
        ("https[:]//a[dot]example/x", "https://a.example/x"),
        ("http[://]a[.]example[:]8080/x", "http://a.example:8080/x"),
        ("a[.]example/x", "a[.]example/x"),
        ("hxxpx://a[.]example/", "hxxpx://a[.]example/"),
        ("", ""),
    ],
)
def test_the_ways_in_which_people_write_them(written: str, meant: str) -> None:
    assert refanged(written) == meant


def test_nobody_follows_what_is_defanged() -> None:
    assert defanged("https://a.example?y=z.w") == "hxxps://a[.]example?y=z.w"
    assert defanged("a.example/x.jpg") == "a[.]example/x.jpg"
    assert defanged("https://a.example/x.jpg?y=z.w") == "hxxps://a[.]example/x.jpg?y=z.w"
    assert defanged("a.example/?y=http://z.w") == "a[.]example/?y=http://z.w"
    assert defanged("//a.example") == "//a[.]example"


@pytest.mark.parametrize(
    ("url", "written"),
    [
        *[("HTTPS://a.example/x", "HXXPS://a[.]example/x"), ("Http://a.example/x", "Hxxp://a[.]example/x")],
        ("https://[2001:db8::1]:8443/x:y", "hxxps://[2001[:]db8[:][:]1]:8443/x:y"),
        ("http://[::ffff:192.0.2.7]/", "hxxp://[[:][:]ffff[:]192[.]0[.]2[.]7]/"),
        ("http://[fe80::1%25a.b]/", "hxxp://[fe80[:][:]1%25a[.]b]/"),
        *[
            ("2001:db8::1", "2001[:]db8[:][:]1"),
            ("//2001:db8::1", "//2001[:]db8[:][:]1"),
            ("a.example:80", "a[.]example:80"),
        ],
    ],
)
def test_capitals_and_addresses_are_defanged_as_well(url: str, written: str) -> None:
    assert defanged(url) == written
    assert "://" not in url or refanged(written) == url


@pytest.mark.parametrize(
    ("url", "is_one"),
    [
        *[("https://a.example/x", True), ("http://a.example:8080/?q=1", True), ("HTTP://A.example", True)],
        *[("ftp://a.example/", False), ("http:///x", False), ("https://", False), ("a.example", False)],
        *[("http://a.example/\n", False), ("http://\u00e4.example/", False), ("http://a.example/ b", False)],
        *[("http://a.example:x/", False), ("http://a.example/" + "x" * 2_048, False), ("http://[::1", False)],
        ("https://user@a.example/x", False),
        ("https://@a.example/x", False),
    ],
)
def test_what_is_a_web_address(url: str, is_one: bool) -> None:
    assert is_web_address(url) is is_one


@pytest.mark.parametrize(
    ("written", "wrong"),
    [
        *[("a.example/x", "write it with https:// or http://"), ("hxxpx://a[.]example/", "write it with https://")],
        *[("", "write it with https://"), ("https://a.example/" + "x" * LONGEST_URL, "longer than 2,048 characters")],
        *[("http://a.example/ b", "a space, or another"), ("http:///x", "its host")],
        ("http://a.example:x/", "the port"),
        *[("good.example@evil.example", "names a user"), ("https://good.example@evil.example/x", "names a user")],
        *[("hxxps://good[.]example:x@evil[.]example/x", "names a user"), ("https://@evil.example", "names a user")],
    ],
)
def test_what_is_wrong_is_said_in_words(written: str, wrong: str) -> None:
    with pytest.raises(ValueError, match=wrong):
        read_url(written)


def test_what_people_wrote_is_read_as_it_is_meant() -> None:
    assert read_url(" hxxps://a[.]example/x\n") == "https://a.example/x"
    assert read_url("https://a.example/@name?to=b@c#@") == "https://a.example/@name?to=b@c#@"
    assert read_url("hxxps://[2001[:]db8[:][:]1]:8443/x") == "https://[2001:db8::1]:8443/x"
