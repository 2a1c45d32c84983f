"""RDAP records: who is in them, and that nothing in them does any harm."""

import json
from ipaddress import ip_address
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.report.contacts.rdap import (
    MAX_DEPTH,
    MAX_ENTITIES,
    Network,
    Party,
    read_domain,
    read_json,
    read_network,
    read_number,
)
from tests.report.contacts.records import (
    Record,
    card,
    domain_record,
    entity,
    host_network,
    ip_record,
    registrant,
    registrar,
)

HOST = ip_address("93.184.215.14")


def network(entities: list[Record], **more: Any) -> Network:
    found = read_network(ip_record("93.184.215.0", "93.184.215.255", entities, **more), HOST)
    assert found is not None
    return found


def test_the_contact_for_abuse_is_found_inside_of_the_holder_and_preferred() -> None:
    found = read_network(host_network(arin_originas0_originautnums=[64500, 64500]), HOST)
    assert found == Network(
        "NET-EXAMPLE",
        "93.184.215.0 - 93.184.215.255",
        "FR",
        Party("Abuse Desk", "abuse@host.example", "", ""),
        (64500,),
    )


def test_who_holds_a_network_is_never_written_to() -> None:
    holder = entity(["registrant", "administrative"], card("A Person", "person@home.example"))
    assert network([holder]).party is None


def test_other_roles_are_second_best_and_only_when_they_are_no_person() -> None:
    desk = entity(["technical"], card("NOC", "noc@host.example", kind="group"))
    person = entity(["technical"], card("A Person", "person@home.example", kind="individual"))
    noc = entity(["noc"], card("", "watch@host.example"))
    assert network([person]).party is None
    assert network([person, desk]).party == Party("NOC", "noc@host.example", "", "")
    assert network([desk, noc]).party == Party("", "watch@host.example", "", "")


def test_a_contact_that_cannot_be_reached_is_passed_over() -> None:
    hidden = entity(["abuse"], card("Hidden", "REDACTED FOR PRIVACY"))
    page = entity(["abuse"], card("Page", uri="https://host.example/abuse", cc="jp"))
    assert network([hidden]).party is None
    assert network([hidden, page]).party == Party("Page", "", "https://host.example/abuse", "JP")
    assert network([hidden, page]).country == "JP"


@pytest.mark.parametrize(
    ("more", "origins"),
    [
        ({"arin_originas0_originautnums": [64500, 64501]}, (64500, 64501)),
        ({"lacnic_originAutnum": ["AS64502", "as64503"]}, (64502, 64503)),
        ({"nicbr_autnum": "64504"}, (64504,)),
        ({"nicbr_autnum": 64504}, (64504,)),
        ({"nicbr_autnum": 0}, ()),
        ({"nicbr_autnum": True}, ()),
        ({"nicbr_autnum": "N/A"}, ()),
        ({"nicbr_autnum": "\u0664"}, ()),
        ({"nicbr_autnum": 1 << 32}, ()),
        ({"arin_originas0_originautnums": {"a": 1}}, ()),
        ({}, ()),
    ],
)
def test_the_numbers_that_announce_a_network(more: dict[str, Any], origins: tuple[int, ...]) -> None:
    assert network([], **more).origins == origins


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("93.184.216.0", "93.184.216.255"),
        ("93.184.215.255", "93.184.215.0"),
        ("::", "ffff::"),
        ("93.184.215.0", "::1"),
        ("", ""),
        ("nobody", "nowhere"),
    ],
)
def test_a_record_of_another_network_is_none(first: str, last: str) -> None:
    assert read_network(ip_record(first, last, []), HOST) is None


def test_autonomous_systems() -> None:
    said = {"name": "AS-UP", "country": "DE", "entities": [entity(["abuse"], card("Up", "abuse@up.example"))]}
    party = Party("Up", "abuse@up.example", "", "")
    assert read_number(said, 64500) == Network("AS-UP", "AS64500", "DE", party)
    assert read_number({**said, "startAutnum": 64496, "endAutnum": 64511}, 64500) is not None
    assert read_number({**said, "startAutnum": 1, "endAutnum": 2}, 64500) is None
    assert read_number({**said, "startAutnum": "1", "endAutnum": []}, 64500) is None


def test_the_registrar_s_contact_is_inside_of_it() -> None:
    found = read_domain(domain_record(entities=[registrant(), registrar()]), "example.com")
    assert found is not None
    assert found.registrar == Party("Registrar Inc.", "abuse@registrar.example", "", "DE")
    assert found.servers == ("ns1.dns.example",)


def test_the_registrar_s_contact_may_be_beside_it_or_its_own() -> None:
    bare = entity(["registrar"], card("Registrar Inc."))
    beside = entity(["abuse"], card("", "abuse@registrar.example"))
    own = entity(["registrar"], card("Registrar Inc.", "desk@registrar.example"))
    for entities, email in (([bare, beside], "abuse@registrar.example"), ([own], "desk@registrar.example")):
        found = read_domain(domain_record(entities=[registrant(), *entities]), "example.com")
        assert found is not None
        assert found.registrar == Party("Registrar Inc.", email, "", "")


def test_the_owner_of_a_domain_is_never_written_to() -> None:
    for entities in ([registrant()], [registrant(), entity(["registrar"], card("Registrar Inc."))]):
        found = read_domain(domain_record(entities=entities), "example.com")
        assert found is not None
        assert found.registrar is None


def test_a_record_of_another_domain_is_none() -> None:
    assert read_domain(domain_record("example.net"), "example.com") is None
    assert read_domain(domain_record("ample.com"), "example.com") is None
    found = read_domain(domain_record("EXAMPLE.com"), "www.example.com")
    assert found is not None
    assert found.name == "example.com"


def test_links_to_the_registrar_s_own_record() -> None:
    links = [
        {"rel": "self", "type": "application/rdap+json", "href": "https://a.example/"},
        {"rel": "related", "type": "text/html", "href": "https://b.example/"},
        {"rel": "related", "type": "application/rdap+json", "href": "https://c.example/rdap/domain/EXAMPLE.COM"},
        {"rel": "related", "type": "application/rdap+json", "href": 7},
        "no link",
    ]
    found = read_domain(domain_record(links=links), "example.com")
    assert found is not None
    assert found.related == ("https://c.example/rdap/domain/EXAMPLE.COM",)


def test_entities_are_looked_at_to_a_depth_and_number() -> None:
    reached = entity(["abuse"], card("", "abuse@host.example"))
    for depth in range(1, MAX_DEPTH + 2):
        said = reached
        for _ in range(depth - 1):
            said = entity(["sponsor"], None, [said])
        assert (network([said]).party is not None) == (depth <= MAX_DEPTH)
    crowd = [entity(["sponsor"]) for _ in range(MAX_ENTITIES)]
    assert network([*crowd, reached]).party is None
    assert network([*crowd[1:], reached]).party is not None


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"null",
        b"[]",
        b"\xff\xfe",
        b"<html>",
        b'{"errorCode": 404}',
        b"[" * 100_000,
        b'{"entities":' * 50_000,
        b"1" * 50_000,
    ],
)
def test_what_is_no_record_is_none(data: bytes) -> None:
    assert read_json(data) is None


FIELDS = """entities roles vcardArray links rel href type ldhName nameservers startAddress endAddress country name
startAutnum endAutnum arin_originas0_originautnums nicbr_autnum"""
KEYS = st.sampled_from(FIELDS.split())
WORDS = st.sampled_from(["abuse", "registrar", "technical", "related", "vcard", "email", "adr", "fn", "93.184.215.14"])
LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8) | WORDS
ANYTHING = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(KEYS, inner, max_size=6),
    max_leaves=40,
)


@given(st.dictionaries(KEYS, ANYTHING, max_size=10))
def test_any_record_is_read_without_error(said: dict[str, Any]) -> None:
    again = read_json(json.dumps(said).encode())
    assert again is not None
    for found in (read_network(again, HOST), read_number(again, 64500)):
        assert found is None or found.party is None or found.party.email or found.party.form
    domain = read_domain(again, "www.example.com")
    assert domain is None or domain.name == "www.example.com"


@given(st.dictionaries(KEYS, ANYTHING, max_size=6), st.lists(ANYTHING, max_size=6))
def test_any_card_is_read_without_error(extra: dict[str, Any], fields: list[Any]) -> None:
    said = {**extra, "roles": ["abuse"], "vcardArray": ["vcard", [*fields, ["email", {}, "text", "a@host.example"]]]}
    found = network([said])
    assert found.party is not None
    assert found.party.email
