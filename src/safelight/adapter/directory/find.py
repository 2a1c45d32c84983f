"""`ports.Directory`: everybody who can act about a URL, each in their own scope."""

from collections.abc import Iterator
from ipaddress import ip_address
from urllib.parse import urlsplit

from safelight.adapter.directory.names import Names
from safelight.adapter.directory.records import Records
from safelight.model.errors import FetchError
from safelight.model.takedown import Contact, Contacts, Scope
from safelight.ports import Clock, Fetcher
from safelight.report.contacts.countries import country_of_name
from safelight.report.contacts.hotlines import hotline_of
from safelight.report.contacts.mailbox import host_name
from safelight.report.contacts.rdap import Address, Domain, Network
from safelight.report.contacts.security_txt import read_security_txt

MAX_NETWORKS = 3
"""Networks that are asked about for one host."""
MAX_ORIGINS = 2
"""Autonomous systems that are asked about for one network."""
MAX_URL = 2_048
SECURITY_TXT = "https://{site}/.well-known/security.txt"


class WebDirectory:
    """Asks DNS, RDAP and the site itself."""

    def __init__(
        self, records: Records, names: Names, site: Fetcher, clock: Clock, security_txt: str = SECURITY_TXT
    ) -> None:
        """Nothing is asked by this. `security_txt`: where a site has it (RFC 9116, 3), with `{site}` for it."""
        self._records = records
        self._names = names
        self._site = site
        self._clock = clock
        self._security_txt = security_txt

    def find(self, url: str) -> Contacts:
        """See `ports.Directory.find`."""
        site, host, literal = _host(url)
        flaws: list[str] = []
        addresses = self._addresses(host, flaws)
        domain = None if literal else self._records.domain(host, flaws)
        networks = self._networks(addresses, flaws)
        contacts = [*self._site_contacts(site, host, domain[0] if domain else None, literal, flaws)]
        contacts += [_of_network(Scope.HOST, network, source) for network, source in networks]
        contacts += self._upstream([network for network, _ in networks], flaws)
        if domain is not None:
            contacts += _registrar(*domain, flaws)
        country = next((network.country for network, _ in networks if network.country), "")
        usable = _once([*contacts, hotline_of(country)])
        flaws += [f"{one.name or one.network}: no address to write to is published" for one in contacts if _mute(one)]
        servers = self._servers(domain[0], flaws) if domain else ()
        return Contacts(url, self._clock.now(), usable, addresses, tuple(dict.fromkeys(flaws)), servers)

    def _addresses(self, host: str, flaws: list[str]) -> tuple[str, ...]:
        try:
            found = self._names.addresses(host)
        except OSError:
            flaws.append(f"DNS about {host}: the resolver did not answer")
            return ()
        if not found:
            flaws.append(f"DNS about {host}: it has no address")
        return found

    def _servers(self, domain: Domain, flaws: list[str]) -> tuple[str, ...]:
        try:
            return self._names.servers(domain.name) or domain.servers
        except OSError:
            flaws.append(f"DNS about {domain.name}: the resolver did not answer")
            return domain.servers

    def _networks(self, addresses: tuple[str, ...], flaws: list[str]) -> list[tuple[Network, str]]:
        found: list[tuple[Network, str]] = []
        for address in map(ip_address, addresses):
            if len(found) == MAX_NETWORKS:
                flaws.append("it has addresses in more networks than are asked about")
                break
            if any(_within(address, network) for network, _ in found):
                continue
            answer = self._records.address(address, flaws)
            if answer is None:
                flaws.append(f"who runs the network of {address} is not known")
            else:
                found.append(answer)
        return found

    def _upstream(self, networks: list[Network], flaws: list[str]) -> Iterator[Contact]:
        """Who announces the networks, as far as their records say. A guess would blame the wrong one: then a flaw."""
        for network in networks:
            if not network.origins:
                flaws.append(f"who announces {network.range} is not known: its record does not say")
            for number in network.origins[:MAX_ORIGINS]:
                answer = self._records.number(number, flaws)
                if answer is None:
                    flaws.append(f"who runs AS{number} is not known")
                    continue
                contact = _of_network(Scope.UPSTREAM, *answer)
                if contact.email and network.party is not None and contact.email == network.party.email:
                    flaws.append(f"AS{number} is run by the host itself: there is nobody above it to tell")
                else:
                    yield contact

    def _site_contacts(
        self, site: str, host: str, domain: Domain | None, literal: bool, flaws: list[str]
    ) -> Iterator[Contact]:
        """By security.txt; or, marked as a guess, abuse@ (RFC 2142, 2) of the registered domain where mail can go."""
        place, country = self._security_txt.format(site=site), country_of_name(host)
        try:
            with self._site.fetch(place) as file:
                said = read_security_txt(file.read(), self._clock.now())
            if said.flaw:
                flaws.append(f"{place}: {said.flaw}")
            elif said.email or said.form:
                email, form = said.email, said.form
                if email and not akin(email, host, domain.name if domain else ""):
                    # Whoever runs a site could have strangers written to: a person decides about these.
                    flaws.append(f"{place}: {email} is elsewhere, so nothing is sent there without a person")
                    email, form = "", form or f"mailto:{email}"
                yield Contact(Scope.SITE, host, email, form, "security.txt", place, country)
                return
        except FetchError as error:
            if error.details.get("status") != 404:
                flaws.append(f"{place}: {error.details['cause']}")
        if literal:
            return
        name = domain.name if domain else _bare(host)
        try:
            takes = self._names.takes_mail(name)
        except OSError:
            takes = True  # not known: the letter will tell
        if takes:
            yield Contact(Scope.SITE, name, f"abuse@{name}", "", "guess", "RFC 2142", country)
        else:
            flaws.append(f"{name} takes no mail")


def _host(url: str) -> tuple[str, str, bool]:
    """Where the site is (host, port if it has one), its host in ASCII, and whether that is an address. FetchError."""
    try:
        parts = urlsplit(url) if len(url) <= MAX_URL and url.isprintable() else urlsplit("")
        host, port = parts.hostname or "", parts.port if parts.scheme == "https" else None
    except ValueError as error:
        raise FetchError(cause="it is no URL") from error
    if parts.scheme not in {"http", "https"} or not host or "@" in parts.netloc:
        raise FetchError(cause="only http:// and https:// URLs with a host, and without a user, have somebody to tell")
    behind = f":{port}" if port is not None else ""
    try:
        address = ip_address(host)
    except ValueError:
        name = host_name(host)
        if not name:
            raise FetchError(cause="its host is no name of the public internet") from None
        return name + behind, name, False
    return (f"[{address}]" if address.version == 6 else str(address)) + behind, str(address), True


def _within(address: Address, network: Network) -> bool:
    first, _, last = network.range.partition(" - ")
    begin, end = ip_address(first), ip_address(last)
    return begin.version == address.version and int(begin) <= int(address) <= int(end)


def _of_network(scope: Scope, network: Network, source: str) -> Contact:
    party = network.party
    name = (party.name if party else "") or network.name
    email, form = (party.email, party.form) if party else ("", "")
    return Contact(scope, name, email, form, "rdap", source, network.country, network.range)


def _registrar(domain: Domain, source: str, flaws: list[str]) -> Iterator[Contact]:
    party = domain.registrar
    if party is None:
        flaws.append(f"the registrar of {domain.name} publishes no address to write to")
    else:
        yield Contact(Scope.REGISTRAR, party.name, party.email, party.form, "rdap", source, party.country, domain.name)


def _mute(contact: Contact) -> bool:
    return not contact.email and not contact.form


def _once(contacts: list[Contact]) -> tuple[Contact, ...]:
    """Those who can be told, each once in a scope."""
    seen = {(one.scope, one.email, one.form): one for one in reversed(contacts) if not _mute(one)}
    return tuple(reversed(seen.values()))


def akin(email: str, host: str, registered: str) -> bool:
    """Whether an address is at the host's own name or below it, or above it and no further up than what is registered.

    What else lies below a registered name may be another customer's, and what lies above it is everybody's.
    `registered`: the domain that a register knows; empty for none.
    """
    place, own = email.rpartition("@")[2].lower(), _bare(host)
    if not registered:
        return _below(place, host) or place == own
    own = own if _below(own, registered) else host
    return _below(place, own) or (_below(own, place) and _below(place, registered))


def _bare(host: str) -> str:
    """The name without `www.`, where that leaves more than the name of a top-level domain."""
    rest = host.removeprefix("www.")
    return rest if "." in rest else host


def _below(name: str, other: str) -> bool:
    return f".{name}".endswith(f".{other}")
