"""Which RDAP server knows about a domain, an address or an autonomous system: IANA's lists (RFC 9224)."""

from collections.abc import Callable, Iterator
from ipaddress import ip_network

from safelight.report.contacts.mailbox import line
from safelight.report.contacts.rdap import Address, Said

LISTS = ("dns", "ipv4", "ipv6", "asn")
"""Names of the lists, as in their URLs."""


def servers_of_name(said: Said, host: str) -> tuple[str, ...]:
    """Base URLs for a host name: of the entry that shares the most labels with it."""

    def fit(entry: str) -> int | None:
        entry = entry.lower().strip(".")
        return entry.count(".") + 1 if host == entry or host.endswith("." + entry) else None

    return _longest(said, fit)


def servers_of_address(said: Said, address: Address) -> tuple[str, ...]:
    """Base URLs for an address: of the smallest range that it is in."""

    def fit(entry: str) -> int | None:
        try:
            network = ip_network(entry)
        except ValueError:
            return None
        return network.prefixlen if address in network else None

    return _longest(said, fit)


def servers_of_number(said: Said, number: int) -> tuple[str, ...]:
    """Base URLs for an autonomous system: of the smallest range that it is in."""

    def fit(entry: str) -> int | None:
        first, dash, last = entry.partition("-")
        last = last if dash else first
        if not (first + last).isascii() or not first.isdigit() or not last.isdigit() or len(first + last) > 20:
            return None
        return int(first) - int(last) if int(first) <= number <= int(last) else None

    return _longest(said, fit)


def _longest(said: Said, fit: Callable[[str], int | None]) -> tuple[str, ...]:
    best: int | None = None
    found: tuple[str, ...] = ()
    for entries, urls in _services(said):
        for entry in entries:
            how = fit(entry)
            if how is not None and (best is None or how > best):
                best, found = how, urls
    return found


def _services(said: Said) -> Iterator[tuple[list[str], tuple[str, ...]]]:
    """Entries with their base URLs, those of https first; an entry that is not in form is left out."""
    services = said.get("services")
    for service in services if isinstance(services, list) else ():
        if not isinstance(service, list) or len(service) != 2 or not all(isinstance(part, list) for part in service):
            continue
        entries = [entry for entry in service[0] if isinstance(entry, str)]
        urls = sorted((url for one in service[1] if (url := line(one))), key=lambda url: not url.startswith("https:"))
        yield entries, tuple(url if url.endswith("/") else url + "/" for url in urls)
