"""Names, asked at a server of our own."""

import pytest

from safelight.adapter.directory import Names
from safelight.model.errors import UsageError
from tests.adapter.directory.world import World


def test_addresses_of_both_kinds(world: World) -> None:
    world.dns.table["both.example", "A"] = ["192.0.2.1", "192.0.2.2"]
    world.dns.table["both.example", "AAAA"] = ["2001:db8::1"]
    for _ in range(8):  # whatever the order in which the server has them
        assert world.names.addresses("both.example") == ("192.0.2.1", "192.0.2.2", "2001:db8::1")
    assert world.names.resolve("both.example", 80)[-1] == "2001:db8::1"


def test_what_does_not_exist_has_no_address(world: World) -> None:
    assert world.names.addresses("nobody.example") == ()
    assert world.names.addresses("nomail.example.com") == ()


def test_a_literal_address_is_its_own() -> None:
    assert Names("192.0.2.53").addresses("[2001:DB8::1]") == ("2001:db8::1",)
    assert Names("192.0.2.53").addresses("192.0.2.7") == ("192.0.2.7",)


def test_name_servers(world: World) -> None:
    assert world.names.servers("example.com") == ("ns1.dns.example", "ns2.dns.example")


def test_whether_mail_can_go_there(world: World) -> None:
    assert world.names.takes_mail("example.com")
    assert world.names.takes_mail("www.example.com")  # no MX: the address itself (RFC 5321, 5.1)
    assert not world.names.takes_mail("nomail.example.com")
    assert not world.names.takes_mail("nobody.example")


def test_no_answer_is_an_error(world: World) -> None:
    world.dns.broken = True
    with pytest.raises(OSError, match="did not answer"):
        Names(world.dns.address, seconds=0.5).addresses("example.com")
    with pytest.raises(OSError, match="did not answer"):
        world.names.addresses("a" * 64 + ".example")


@pytest.mark.parametrize("server", ["resolver.example", "192.0.2.1:x", "192.0.2.1:99999", "1.2.3", "[::1", ":53"])
def test_a_server_is_an_address(server: str) -> None:
    with pytest.raises(UsageError, match="SAFELIGHT_RESOLVER"):
        Names(server)


@pytest.mark.parametrize("server", ["192.0.2.1", "192.0.2.1:5353", "2001:db8::1", "[2001:db8::1]:5353", ""])
def test_servers_that_can_be_named(server: str) -> None:
    assert isinstance(Names(server), Names)
