"""Asks RDAP (RFC 9082) about domains, addresses and autonomous systems.

What goes wrong is no error here: it is appended to the caller's `flaws`, in words, and the record is missing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from safelight.adapter.directory.lists import BootstrapLists
from safelight.model.errors import FetchError
from safelight.ports import Fetcher
from safelight.report.contacts.bootstrap import servers_of_address, servers_of_name, servers_of_number
from safelight.report.contacts.rdap import (
    Address,
    Domain,
    Network,
    Said,
    read_domain,
    read_json,
    read_network,
    read_number,
)

MAX_REDIRECTS = 3
MAX_NAMES = 4
"""Names asked about for one host: itself and those above it."""
MAX_SERVERS = 2
"""Servers asked for one record, when a registry has several."""
_NOT_HERE = frozenset({400, 404})
"""What servers answer about names that nobody registers: some find them ill-formed."""


class Records:
    """RDAP records, each with the URL that it was read at."""

    def __init__(self, fetcher: Fetcher, lists: BootstrapLists) -> None:
        """Nothing is asked by this."""
        self._fetcher = fetcher
        self._lists = lists

    def address(self, address: Address, flaws: list[str]) -> tuple[Network, str] | None:
        """The network of an address."""
        servers = servers_of_address(self._list(f"ipv{address.version}", flaws), address)
        said, source = self._said(servers, f"ip/{address}", flaws)
        network = read_network(said, address) if said is not None else None
        if said is not None and network is None:
            flaws.append(f"RDAP about {address}: the answer is about another network")
        return None if network is None else (network, source)

    def number(self, number: int, flaws: list[str]) -> tuple[Network, str] | None:
        """An autonomous system."""
        servers = servers_of_number(self._list("asn", flaws), number)
        said, source = self._said(servers, f"autnum/{number}", flaws)
        network = read_number(said, number) if said is not None else None
        if said is not None and network is None:
            flaws.append(f"RDAP about AS{number}: the answer is about another number")
        return None if network is None else (network, source)

    def domain(self, host: str, flaws: list[str]) -> tuple[Domain, str] | None:
        """The registered domain that a host is, or lies in.

        No list of public suffixes is needed: registries know the names that are registered, and no others, so names are
        asked about from the host's upwards until one is known.
        """
        servers = servers_of_name(self._list("dns", flaws), host)
        for name in upwards(host) if servers else ():
            said, source = self._said(servers, f"domain/{name}", flaws, quiet=_NOT_HERE)
            domain = read_domain(said, name) if said is not None else None
            if domain is not None:
                return self._with_registrar(domain, source, flaws)
        flaws.append(f"RDAP about {host}: " + ("no name of it is known there" if servers else "its registry has none"))
        return None

    def _with_registrar(self, domain: Domain, source: str, flaws: list[str]) -> tuple[Domain, str]:
        """Add the registrar's contact from its own record, where the registry's names none."""
        if domain.registrar is not None:
            return domain, source
        for place in domain.related[:MAX_SERVERS]:
            said, at = self._said((place,), "", flaws)
            own = read_domain(said, domain.name) if said is not None else None
            if own is not None and own.registrar is not None:
                return replace(domain, registrar=own.registrar), at
        return domain, source

    def _list(self, name: str, flaws: list[str]) -> Said:
        try:
            said, flaw = self._lists.get(name)
        except FetchError as error:
            said, flaw = {}, f"the list of RDAP servers ({name}) did not come: {error.details['cause']}"
        if flaw:
            flaws.append(flaw)
        return said

    def _said(
        self, servers: Sequence[str], path: str, flaws: list[str], quiet: frozenset[int] = frozenset()
    ) -> tuple[Said | None, str]:
        """The first record that one of the servers has, and its URL. `quiet`: statuses that are no flaws."""
        for server in servers[:MAX_SERVERS]:
            url = server + path
            try:
                with self._fetcher.fetch(url) as file:
                    said = read_json(file.read())
            except FetchError as error:
                if error.details.get("status") in quiet:
                    break
                flaws.append(f"{url}: {error.details['cause']}")
                continue
            if said is not None:
                return said, url
            flaws.append(f"{url}: the answer is no RDAP record")
        return None, ""


def upwards(host: str) -> Iterator[str]:
    """The names that a host may be registered under, longest first, at most MAX_NAMES."""
    labels = host.split(".")
    for length in range(min(len(labels), MAX_NAMES + 1), 1, -1):
        yield ".".join(labels[-length:])
