"""Spellings of one address are one, and no two addresses are."""

import socket
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.model.address import canonical, host_of

HOSTS = st.sampled_from(["images.example", "a.images.example", "192.0.2.1", "[2001:db8::1]", "xn--bcher-kva.example"])
PATHS = st.sampled_from(["", "/", "/a", "/A", "/a/", "//", "/a%2Fb", "/a/b", "/a;b", "/a:80", "/%25", "/a%20b", "/..."])
QUERIES = st.sampled_from(["", "?", "?a", "?A", "?a=1&b=2", "?b=2&a=1", "??", "?a=http://images.example:80/", "?a=.."])
SHOWN = st.sampled_from(["", "#!id!key", "#!other!key", "#/route", "#/route/2", "#k/file/Y", "#a=1", "#a&b", "#?"])
MARKS = st.sampled_from(["", "#", "#:~:text=word"])
ADDRESSES = st.builds(
    "{}://{}{}{}{}{}{}".format,
    st.sampled_from(["http", "https"]),
    st.sampled_from(["", "user@", "User:word@"]),
    HOSTS,
    st.sampled_from(["", ":", ":80", ":443", ":0443", ":8080", ":0"]),
    PATHS,
    QUERIES,
    SHOWN,
)


def slow(url: str) -> tuple[object, ...]:
    """What tells two places apart, taken apart by another parser."""
    parts = urlsplit(url)
    usual = {"http": 80, "https": 443}[parts.scheme]
    port = usual if parts.port is None else parts.port
    host = str(IPv6Address(parts.hostname)) if parts.hostname and ":" in parts.hostname else parts.hostname
    return parts.scheme, parts.username, parts.password, host, port, parts.path or "/", parts.query, parts.fragment


@given(ADDRESSES, ADDRESSES)
def test_two_are_one_only_if_all_that_names_a_place_is_the_same(first: str, second: str) -> None:
    assert (canonical(first) == canonical(second)) == (slow(first) == slow(second))


@given(ADDRESSES)
def test_the_answer_names_the_same_place_and_again_changes_nothing(url: str) -> None:
    assert canonical(canonical(url)) == canonical(url)
    assert slow(canonical(url)) == slow(url)


@given(ADDRESSES, MARKS, st.data())
def test_other_spellings_are_the_same(url: str, mark: str, data: st.DataObject) -> None:
    """Each plain character may be an escape, escapes may be in small letters, and dot segments come and go."""

    def respelled(text: str) -> str:
        ways = [data.draw(st.booleans()) for _ in text]
        plain = [one.isalnum() and text[max(0, at - 2) : at].count("%") == 0 for at, one in enumerate(text)]
        return "".join(
            f"%{ord(one):02x}" if way and is_plain else one.lower() if not is_plain else one
            for one, way, is_plain in zip(text, ways, plain, strict=True)
        )

    scheme, rest = url.split("://", 1)
    path = _tail(rest)
    authority = rest.removesuffix(path)
    if path.startswith("/"):
        path = data.draw(st.sampled_from(["", "/.", "/x/..", "/..", "/%2E/y/%2e."])) + respelled(path)
    elif not authority.endswith("]") and ":" not in authority:
        authority += data.draw(st.sampled_from(["", "."]))
    fragment = mark if "#" not in url else mark.removeprefix("#")
    assert canonical(f"{scheme.upper()}://{authority}{path}{fragment}") == canonical(url)


def _tail(rest: str) -> str:
    """What follows host and port."""
    ends = [at for at in map(rest.find, "/?#") if at >= 0]
    return rest[min(ends) :] if ends else ""


@given(st.lists(st.sampled_from(["a", "b", "", ".", "..", "%2e", ".%2E", "...", "%41", "a;b"]), max_size=7))
def test_dots_are_followed_as_all_readers_do(parts: list[str]) -> None:
    path = "/" + "/".join(parts)
    plain = path.replace("%2e", ".").replace("%2E", ".").replace("%41", "A")
    assert canonical(f"http://h.example{path}") == f"http://h.example{without_dots(plain)}"


def without_dots(left: str) -> str:
    """RFC 3986, section 5.2.4, to the letter, for paths that begin with a slash."""
    done = ""
    while left:
        if left.startswith("/./") or left == "/.":
            left = "/" + left[3:]
        elif left.startswith("/../") or left == "/..":
            left, done = "/" + left[4:], done.rpartition("/")[0]
        else:
            end = left.find("/", 1) if "/" in left[1:] else len(left)
            done, left = done + left[:end], left[end:]
    return done


@given(st.text(max_size=30))
def test_whatever_is_given_is_answered_and_once_is_enough(text: str) -> None:
    assert canonical(canonical(text)) == canonical(text)
    for url in (f"https://images.example/{text}", f"http://{text}/a", f"http://h.example#{text}"):
        assert canonical(canonical(url)) == canonical(url)
        assert isinstance(host_of(url), str)


@given(st.text("%234aAeE./#?:~@[]x0\\{", max_size=16))
def test_what_is_made_of_pieces_of_escapes_is_the_same_again(text: str) -> None:
    for url in (f"https://h.example/{text}", f"http://{text}", f"http://h.example/?{text}#{text}"):
        assert canonical(canonical(url)) == canonical(url)


@given(st.ip_addresses(v=4), st.data())
def test_an_ipv4_address_is_one_in_every_base_and_with_fewer_parts(address: IPv4Address, data: st.DataObject) -> None:
    packed = address.packed
    parts = data.draw(st.integers(1, 4))
    numbers = [*packed[: parts - 1], int.from_bytes(packed[parts - 1 :])]
    forms = st.sampled_from(["{}", "0{:o}", "0x{:x}", "0X{:X}", "000{:o}", "0x0{:x}"])
    spelled = ".".join(data.draw(forms).format(one) for one in numbers)
    assert socket.inet_aton(spelled) == packed  # as the system reads it
    dot = data.draw(st.sampled_from(["", "."]))
    assert canonical(f"http://{spelled}{dot}/a") == f"http://{address}/a"
    assert host_of(f"http://{spelled}{dot}/a") == str(address)


@given(st.ip_addresses(v=6))
def test_an_ipv6_address_is_one_however_short(address: IPv6Address) -> None:
    long, short = f"http://[{address.exploded.upper()}]/", f"http://[{address.compressed}]/"
    assert canonical(long) == canonical(short)
    assert IPv6Address(host_of(short)) == address


@pytest.mark.parametrize(
    "host",
    [
        *["1.2.3.256", "1.2.3.4.5", "1.2.3.08", "256.1", "4294967296", "0x100000000", "1..2", "1.2.3.0xg", "1.2.3.4.."],
        *["9" * 5_000, "a..", ".", "a%2fb", "a%40b", "%", "%zz", "a%00b", "a b", "[::1%25eth0]", "[::g]", "[v1.a]"],
    ],
)
def test_a_host_that_browsers_refuse_stays(host: str) -> None:
    assert canonical(f"http://{host}/a") == f"http://{host}/a"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("http://h.example/a", "http://h.example./a"),
        ("http://h.example/a", "http://%68.EXAMPLE/a"),
        ("http://h.example/a", "http://@h.example/a"),
        ("http://h.example/a", "http://:@h.example/a"),
        ("http://u@h.example/a", "http://u:@h.example/a"),
        ("http://h.example/a%2f", "http://h.example/a%2F"),
        ("http://h.example/~a?b=~", "http://h.example/%7ea?b=%7E"),
        ("http://h.example/a{b}", "http://h.example/a%7bb%7D"),
        ("http://h.example/\u00fc", "http://h.example/%c3%bc"),
        ("http://h.example/a.jpg", "http://h.example/a.jpg#page-7"),
        ("http://h.example/a.jpg", "http://h.example/a.jpg#t%6fp"),
        ("http://h.example/#!a", "http://h.example/#!a:~:text=word"),
        ("https://mega.nz/file/id#key", "https://mega.nz/file/id#another"),  # the path names the file
    ],
)
def test_these_are_one(one: str, other: str) -> None:
    assert canonical(one) == canonical(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://mega.nz/#!aaaa!key1", "https://mega.nz/#!bbbb!key1"),
        ("https://mega.nz/folder/x#key/file/1", "https://mega.nz/folder/x#key/file/2"),
        ("https://h.example/#/post/1", "https://h.example/#/post/2"),
        ("https://h.example/#aaaa", "https://h.example/#bbbb"),
        ("https://h.example/a?b=1#c=1", "https://h.example/a?b=1#c=2"),
        ("http://h.example/a%2Fb", "http://h.example/a/b"),
        ("http://h.example/a%3Fb", "http://h.example/a?b"),
        ("http://h.example/%2541", "http://h.example/%41"),
        ("http://h.example/%4%31", "http://h.example/A"),
        ("http://h.example/%%341", "http://h.example/%41"),
        ("http://h.example/a/", "http://h.example/a"),
        ("http://h.example//a", "http://h.example/a"),
        ("http://h.example/a?b=1&c=2", "http://h.example/a?c=2&b=1"),
        ("http://h.example/a\\..\\b", "http://h.example/b"),
        ("http://h.example/a", "https://h.example/a"),
        ("http://h.example/A", "http://h.example/a"),
        ("http://[::ffff:192.0.2.1]/", "http://192.0.2.1/"),
    ],
)
def test_these_are_two(one: str, other: str) -> None:
    assert canonical(one) != canonical(other)


@pytest.mark.parametrize("text", ["", "images.example/a", "https://", "https:///a", "mailto:a@b.example", "a://[::1/x"])
def test_what_is_no_address_with_a_host_stays(text: str) -> None:
    assert canonical(text) == text


def test_the_host_is_told_from_what_stands_before_it() -> None:
    assert canonical("HTTPS://User@IMAGES.example:443/b#a") == "https://User@images.example/b"
    assert canonical("https://images.example:99999999/") != canonical("https://images.example/")
    assert host_of("HTTPS://User@IMAGES.example.:443/") == "images.example"
    assert host_of("mailto:a@b.example") == ""
