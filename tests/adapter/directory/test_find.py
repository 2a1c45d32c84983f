"""Who can act about a URL, in a small internet of our own."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from safelight.adapter.directory import open_directory
from safelight.adapter.directory.find import akin
from safelight.adapter.directory.records import upwards
from safelight.model.errors import FetchError
from safelight.model.takedown import Contact, Scope
from tests.adapter.directory.world import World
from tests.report.contacts.records import (
    card,
    domain_record,
    entity,
    host_network,
    ip_record,
    registrant,
    registrar,
)
from tests.report.contacts.test_rdap import ANYTHING

URL = "https://www.example.com/gallery/1?page=2"
IP = "/rdap/ip/93.184.215.14"
HOLDS = b"Contact: mailto:security@example.com\nExpires: 2030-01-01T00:00:00Z\n"


def furnish(world: World) -> None:
    """Everybody there is, each with an address."""
    world.web.put(IP, host_network(arin_originas0_originautnums=[64500]))
    up = {"name": "AS-UP", "country": "JP", "entities": [entity(["abuse"], card("Up", "abuse@up.example"))]}
    world.web.put("/rdap/autnum/64500", up)
    world.web.put("/rdap/domain/example.com", domain_record(entities=[registrant(), registrar()]))


def by_scope(world: World, url: str = URL) -> dict[Scope, Contact]:
    found = world.directory.find(url)
    assert [one.scope for one in found.contacts] == sorted((one.scope for one in found.contacts), key=list(Scope).index)
    return {one.scope: one for one in reversed(found.contacts)}


def test_everybody_is_found_in_their_own_scope(world: World) -> None:
    furnish(world)
    world.web.answers["/.well-known/security.txt"] = (200, {}, HOLDS)
    found = world.directory.find(URL)
    base = world.web.url("rdap/")
    assert found.contacts[:4] == (
        Contact(
            Scope.SITE,
            "www.example.com",
            "security@example.com",
            how="security.txt",
            source=f"http://www.example.com:{world.web.port}/.well-known/security.txt",
        ),
        Contact(
            Scope.HOST,
            "Abuse Desk",
            "abuse@host.example",
            how="rdap",
            source=f"{base}ip/93.184.215.14",
            country="FR",
            network="93.184.215.0 - 93.184.215.255",
        ),
        Contact(
            Scope.UPSTREAM,
            "Up",
            "abuse@up.example",
            how="rdap",
            source=f"{base}autnum/64500",
            country="JP",
            network="AS64500",
        ),
        Contact(
            Scope.REGISTRAR,
            "Registrar Inc.",
            "abuse@registrar.example",
            how="rdap",
            source=f"{base}domain/example.com",
            country="DE",
            network="example.com",
        ),
    )
    assert found.contacts[4].scope is Scope.HOTLINE
    assert found.addresses == ("93.184.215.14",)
    assert found.servers == ("ns1.dns.example", "ns2.dns.example")
    assert found.flaws == ()
    assert (found.url, world.web.accepted) == (URL, {"application/rdap+json"})
    domains = [path for path in world.web.paths() if "/domain/" in path]
    assert domains == ["/rdap/domain/www.example.com", "/rdap/domain/example.com"]


def test_a_site_without_security_txt_is_guessed_and_marked_so(world: World) -> None:
    furnish(world)
    assert by_scope(world)[Scope.SITE] == Contact(
        Scope.SITE, "example.com", "abuse@example.com", how="guess", source="RFC 2142"
    )


def test_no_guess_for_a_domain_that_takes_no_mail(world: World) -> None:
    furnish(world)
    world.dns.table["example.com", "MX"] = ["0 ."]
    found = world.directory.find(URL)
    assert Scope.SITE not in {one.scope for one in found.contacts}
    assert "example.com takes no mail" in found.flaws


def test_a_security_txt_has_no_stranger_written_to(world: World) -> None:
    furnish(world)
    for email, ours in (
        ("security@example.com", True),
        ("security@www.example.com", True),
        ("victim@elsewhere.example", False),
        ("victim@notexample.com", False),
        ("victim@com", False),
    ):
        text = f"Contact: mailto:{email}\nExpires: 2030-01-01T00:00:00Z\n"
        world.web.answers["/.well-known/security.txt"] = (200, {}, text.encode())
        found = world.directory.find(URL)
        site = next((one for one in found.contacts if one.scope is Scope.SITE), None)
        assert (site is not None and site.email == email) is ours, email
        if site is not None and not ours and email != "victim@com":
            assert (site.email, site.form) == ("", f"mailto:{email}")
            assert any(f"{email} is elsewhere" in flaw for flaw in found.flaws)


@pytest.mark.parametrize(
    ("domain", "host", "registered", "expected"),
    [
        ("example.com", "www.example.com", "example.com", True),
        ("example.com", "a.b.example.com", "example.com", True),
        ("mail.example.com", "example.com", "example.com", True),
        ("EXAMPLE.com", "example.com", "example.com", True),
        ("other.example.com", "evil.example.com", "example.com", False),  # another customer of the same domain
        ("uk.example", "evil.co.uk.example", "co.uk.example", False),  # above what is registered
        ("example.com", "example.com", "", True),
        ("www.example.com", "www.example.com", "", True),
        ("example.com", "www.example.com", "", True),
        ("co.example", "evil.co.example", "", False),  # a register knows nothing: the host's own name alone
        ("notexample.com", "example.com", "example.com", False),
        ("other.com", "www.com", "www.com", False),
        ("other.co.example", "www.co.example", "www.co.example", False),
        ("www.com", "www.com", "www.com", True),
        ("other.com", "www.com", "", False),
        ("other.co.example", "www.co.example", "", False),
        ("mail.example.com", "www.example.com", "example.com", True),
        ("", "example.com", "example.com", False),
    ],
)
def test_whose_addresses_a_site_may_name(domain: str, host: str, registered: str, *, expected: bool) -> None:
    assert akin(f"security@{domain}", host, registered) is expected


def test_an_expired_security_txt_is_a_flaw(world: World) -> None:
    furnish(world)
    world.web.answers["/.well-known/security.txt"] = (200, {}, HOLDS.replace(b"2030", b"2020"))
    found = world.directory.find(URL)
    assert any("it has expired" in flaw for flaw in found.flaws)
    assert found.contacts[0].how == "guess"


def test_a_host_by_its_address_has_no_domain(world: World) -> None:
    furnish(world)
    found = world.directory.find("http://93.184.215.14/x")
    assert [one.scope for one in found.contacts] == [Scope.HOST, Scope.UPSTREAM, Scope.HOTLINE]
    assert not any("/domain/" in path for path in world.web.paths())


def test_who_announces_a_network_is_a_flaw_when_the_record_does_not_say(world: World) -> None:
    furnish(world)
    world.web.put(IP, host_network())
    found = world.directory.find(URL)
    assert Scope.UPSTREAM not in {one.scope for one in found.contacts}
    assert any("who announces" in flaw for flaw in found.flaws)


def test_a_host_that_announces_itself_has_nobody_above(world: World) -> None:
    furnish(world)
    world.web.put("/rdap/autnum/64500", {"entities": [entity(["abuse"], card("Up", "abuse@host.example"))]})
    found = world.directory.find(URL)
    assert Scope.UPSTREAM not in {one.scope for one in found.contacts}
    assert any("by the host itself" in flaw for flaw in found.flaws)


def test_a_registry_that_names_no_contact_leads_to_the_registrar(world: World) -> None:
    furnish(world)
    link = {"rel": "related", "type": "application/rdap+json", "href": world.web.url("other/domain/EXAMPLE.COM")}
    world.web.put("/rdap/domain/example.com", domain_record(entities=[registrant()], links=[link]))
    world.web.put("/other/domain/EXAMPLE.COM", domain_record(entities=[registrant(), registrar()]))
    found = by_scope(world)[Scope.REGISTRAR]
    assert (found.email, found.source) == ("abuse@registrar.example", link["href"])


def test_one_look_for_a_network_with_several_addresses(world: World) -> None:
    furnish(world)
    world.dns.table["www.example.com", "A"] = ["93.184.215.14", "93.184.215.15"]
    assert len([one for one in world.directory.find(URL).contacts if one.scope is Scope.HOST]) == 1
    assert len([path for path in world.web.paths() if "/ip/" in path]) == 1


def test_nothing_answers_and_there_is_still_a_way(world: World) -> None:
    world.web.answers.clear()
    world.dns.broken = True
    found = world.directory.find(URL)
    assert [(one.scope, one.how) for one in found.contacts] == [(Scope.SITE, "guess"), (Scope.HOTLINE, "table")]
    assert any("DNS about www.example.com" in flaw for flaw in found.flaws)
    assert any("the list of RDAP servers (dns)" in flaw for flaw in found.flaws)


@pytest.mark.parametrize("hop", ["http://inside.example:{port}/", "http://10.0.0.1:{port}/", "http://[::1]:{port}/x"])
def test_a_redirect_into_a_private_network_is_refused(world: World, hop: str) -> None:
    furnish(world)
    world.web.send_to(IP, hop.format(port=world.web.port))
    found = world.directory.find(URL)
    assert Scope.HOST not in {one.scope for one in found.contacts}
    assert any("not on the public internet" in flaw for flaw in found.flaws)


def test_redirects_to_another_registry_are_followed_three_times(world: World) -> None:
    furnish(world)
    world.web.put("/hop3", host_network())
    for at in range(3):
        world.web.send_to(IP if at == 0 else f"/hop{at}", f"/hop{at + 1}")
    assert by_scope(world)[Scope.HOST].email == "abuse@host.example"
    world.web.send_to("/hop3", "/hop4")
    assert any("more than 3 times" in flaw for flaw in world.directory.find(URL).flaws)


HOSTILE = [
    (200, {}, b""),
    (200, {}, b"[" * 60_000),
    (200, {}, b'{"startAddress": "93.184.215.0", "endAddress": 7}'),
    (200, {}, json.dumps(ip_record("10.0.0.0", "10.255.255.255", [])).encode()),
    (200, {}, b" " * (1 << 16) + b"{}"),
    (200, {"Content-Length": "99999999999"}, b"{}"),
    (200, {"Content-Encoding": "gzip"}, b"{}"),
    (200, {"Content-Type": "text/html"}, b"<script>"),
    (302, {}, b""),
    (302, {"Location": "file:///etc/passwd"}, b""),
    (429, {"Retry-After": "99999"}, b""),
    (500, {}, b""),
]


@pytest.mark.parametrize("answer", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_answer_is_a_flaw_and_nothing_more(world: World, answer: tuple[int, dict[str, str], bytes]) -> None:
    furnish(world)
    for path in (IP, "/rdap/domain/example.com", "/.well-known/security.txt"):
        world.web.answers[path] = answer
    found = world.directory.find(URL)
    assert {one.scope for one in found.contacts} == {Scope.SITE, Scope.HOTLINE}
    assert len(found.flaws) >= 2


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(ANYTHING, min_size=3, max_size=3), st.binary(max_size=50))
def test_any_answers_lead_to_contacts_in_bounds(world: World, said: list[Any], text: bytes) -> None:
    for path, answer in zip((IP, "/rdap/domain/www.example.com", "/rdap/domain/example.com"), said, strict=True):
        world.web.put(path, answer)
    world.web.answers["/.well-known/security.txt"] = (200, {}, b"Contact: mailto:" + text + b"\n" + HOLDS[-31:])
    world.web.asked.clear()
    found = world.directory.find(URL)
    assert found.contacts[-1].scope is Scope.HOTLINE
    assert all(one.email.isascii() and "\n" not in one.email + one.form + one.name for one in found.contacts)
    assert len(world.web.asked) < 20
    assert len(found.contacts) < 12


NO_URLS = """
ftp://example.com/ https:///x https://user@example.com/ https://localhost/ https://[::1 https://example.com:x/
https://a_b.example/ example.com //example.com/ data:text/plain,x
"""


@pytest.mark.parametrize(
    "url", ["", *NO_URLS.split(), "https://exa mple.com/", "https://example.com/\r\nX: y", "x" * 3_000]
)
def test_no_url_of_the_public_web_is_an_error(world: World, url: str) -> None:
    with pytest.raises(FetchError):
        world.directory.find(url)
    assert world.web.asked == []


def test_names_are_asked_about_upwards_and_four_at_most() -> None:
    assert list(upwards("example.com")) == ["example.com"]
    assert list(upwards("a.b.example.co.uk")) == ["a.b.example.co.uk", "b.example.co.uk", "example.co.uk", "co.uk"]
    assert list(upwards("1.2.3.4.5.example.com"))[-1] == "example.com"
    assert len(list(upwards("1.2.3.4.5.example.com"))) == 4


def test_the_directory_of_the_settings_speaks_https_only_but_to_its_own_registry(world: World) -> None:
    furnish(world)
    own = world.web.url("lists/").replace("registry.example", "127.0.0.1")
    found = open_directory(own, world.dns.address, world.folder, world.clock).find(URL)
    # The lists came over http from the operator's own host; they name another one, which is not taken at its word.
    assert "/lists/dns.json" in world.web.paths()
    assert any("only https:// is spoken here" in flaw for flaw in found.flaws)
    assert not any(path.startswith("/rdap/") for path in world.web.paths())
