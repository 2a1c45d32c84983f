"""Which server is asked: the longest match of IANA's lists."""

from ipaddress import ip_address, ip_network
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.report.contacts.bootstrap import servers_of_address, servers_of_name, servers_of_number

A, B, C = "https://a.example/", "https://b.example/rdap/", "http://c.example/"


def listed(*services: tuple[list[Any], list[Any]]) -> dict[str, Any]:
    return {"version": "1.0", "services": [list(service) for service in services]}


def test_names_by_the_most_labels() -> None:
    said = listed((["uk", "com"], [A]), (["CO.UK"], [B]))
    assert servers_of_name(said, "www.example.co.uk") == (B,)
    assert servers_of_name(said, "example.org.uk") == (A,)
    assert servers_of_name(said, "example.xcom") == ()
    assert servers_of_name(said, "com") == (A,)


def test_addresses_by_the_smallest_range() -> None:
    said = listed((["192.0.0.0/8", "2001:db8::/32"], [A]), (["192.0.2.0/24", "nonsense", 7], [B]))
    assert servers_of_address(said, ip_address("192.0.2.1")) == (B,)
    assert servers_of_address(said, ip_address("192.1.2.1")) == (A,)
    assert servers_of_address(said, ip_address("2001:db8::1")) == (A,)
    assert servers_of_address(said, ip_address("10.0.0.1")) == ()


def test_numbers_by_the_smallest_range() -> None:
    said = listed((["64496-64511", "1-", "x", "-"], [A]), (["64500"], [B]), (["64400-64600"], [C]))
    assert servers_of_number(said, 64500) == (B,)
    assert servers_of_number(said, 64501) == (A,)
    assert servers_of_number(said, 64450) == (C,)
    assert servers_of_number(said, 1) == ()


def test_https_comes_first_and_every_url_ends_in_a_slash() -> None:
    assert servers_of_number(listed((["1"], [C, "https://b.example/rdap", 7])), 1) == (B, C)


@pytest.mark.parametrize("services", [None, 7, "x", [7], [[["com"]]], [["com", [A]]], [[["com"], A]], [{}]])
def test_a_list_that_is_not_in_form_names_nobody(services: object) -> None:
    assert servers_of_name({"services": services}, "example.com") == ()


@given(st.lists(st.integers(0, 32), min_size=1), st.integers(0, 2**32 - 1))
def test_the_longest_prefix_is_what_trying_all_lengths_finds(lengths: list[int], number: int) -> None:
    address = ip_address(number)
    services = [
        ([str(ip_network((number if at % 2 else number ^ 1 << 31, length), strict=False))], [f"https://h{at}.example/"])
        for at, length in enumerate(lengths)
    ]
    best = -1
    expected: tuple[str, ...] = ()
    for entries, urls in services:
        net = ip_network(entries[0])
        if address in net and net.prefixlen > best:
            best, expected = net.prefixlen, tuple(urls)
    assert servers_of_address(listed(*services), address) == expected
