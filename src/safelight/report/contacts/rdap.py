"""RDAP records (RFC 9083) and the contacts in them (jCard, RFC 7095; country and contact page: RFC 8605).

A record comes from a stranger's server: every field may be missing, of another type, or endless. What cannot be used
is taken as missing.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any, TypeGuard

from safelight.report.contacts.countries import country_code
from safelight.report.contacts.mailbox import host_name, line, mailbox, page

Address = IPv4Address | IPv6Address
Said = Mapping[str, Any]

MAX_DEPTH = 4
"""Entities within entities: deeper ones are not looked at."""
MAX_ENTITIES = 100
_MAX_PROPERTIES = 60
_FOR_ABUSE = ("abuse",)
_FOR_NETWORKS = ("abuse", "noc", "technical")
"""Roles (RFC 9083, 10.2.4) that mail about a network may go to, the best first; a registrant is never written to."""


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody who can be told. `country`: ISO 3166-1 alpha-2, or empty."""

    name: str
    email: str
    form: str
    country: str


@dataclass(frozen=True, slots=True)
class Network:
    """An address range, or an autonomous system. `range`: as people write it. `origins`: numbers that announce it."""

    name: str
    range: str
    country: str
    party: Party | None
    origins: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Domain:
    """A domain. `related`: where the registrar's own record of it is. `servers`: its name servers."""

    name: str
    registrar: Party | None
    related: tuple[str, ...]
    servers: tuple[str, ...]


def read_json(data: bytes) -> Said | None:
    """A record; None for what is none, an error object (RFC 9083, 6) among them."""
    try:
        said = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return said if isinstance(said, dict) and "errorCode" not in said else None


def read_network(said: Said, asked: Address) -> Network | None:
    """The network of an address; None when the record is of another one."""
    try:
        first, last = (ip_address(line(said.get(key))) for key in ("startAddress", "endAddress"))
    except ValueError:
        return None
    if not first.version == last.version == asked.version or not int(first) <= int(asked) <= int(last):
        return None
    return Network(line(said.get("name")), f"{first} - {last}", *_of_network(said), origins=_origins(said))


def read_number(said: Said, asked: int) -> Network | None:
    """An autonomous system; None when the record is of another one."""
    first, last = (said.get(key, asked) for key in ("startAutnum", "endAutnum"))
    if not (_is_number(first) and _is_number(last) and first <= asked <= last):
        return None
    return Network(line(said.get("name")), f"AS{asked}", *_of_network(said))


def read_domain(said: Said, asked: str) -> Domain | None:
    """A domain that `asked` is, or lies in; None when the record is of another one."""
    name = host_name(line(said.get("ldhName"))) or asked
    if asked != name and not asked.endswith("." + name):
        return None
    links = (link for link in _rows(said.get("links"))[:20] if line(link.get("rel")) == "related")
    related = (line(link.get("href"), 500) for link in links if "rdap" in line(link.get("type")))
    servers = (host_name(line(server.get("ldhName"))) for server in _rows(said.get("nameservers"))[:20])
    return Domain(name, _registrar(said), tuple(filter(None, related)), tuple(filter(None, servers)))


def _of_network(said: Said) -> tuple[str, Party | None]:
    party = _best(list(_entities(said)), _FOR_NETWORKS)
    country = country_code(line(said.get("country"))) or (party.country if party else "")
    return country, party


def _registrar(said: Said) -> Party | None:
    """The registrar: its contact for abuse, inside or beside it, or else its own address."""
    everyone = list(_entities(said))
    registrar = next((entity for entity in everyone if "registrar" in _roles(entity)), None)
    if registrar is None:
        return None
    own = _party(registrar)
    # Beside the registrar only what is there for abuse: other contacts of a domain may be the owner's own.
    found = _best(list(_entities(registrar)), (*_FOR_ABUSE, "technical")) or _best(everyone, _FOR_ABUSE)
    if found is None:
        return own if own.email or own.form else None
    return Party(own.name or found.name, found.email, found.form, own.country or found.country)


def _best(entities: Sequence[Said], roles: Sequence[str]) -> Party | None:
    """Whoever has the best role and can be reached; a person only when they are there for abuse."""
    for role in roles:
        for entity in entities:
            if role not in _roles(entity) or (role != "abuse" and _kind(entity) == "individual"):
                continue
            party = _party(entity)
            if party.email or party.form:
                return party
    return None


def _entities(said: Said) -> Iterator[Said]:
    """All entities of a record, those within others included, breadth first."""
    level = [said]
    count = 0
    for _ in range(MAX_DEPTH):
        level = [inner for outer in level for inner in _rows(outer.get("entities"))[:MAX_ENTITIES]]
        for entity in level:
            count += 1
            if count > MAX_ENTITIES:
                return
            yield entity


def _roles(entity: Said) -> frozenset[str]:
    roles = entity.get("roles")
    return frozenset(line(role).lower() for role in roles[:20]) if isinstance(roles, list) else frozenset()


def _kind(entity: Said) -> str:
    return next((line(value).lower() for name, _, value in _card(entity) if name == "kind"), "")


def _party(entity: Said) -> Party:
    name = email = form = country = ""
    for key, parameters, value in _card(entity):
        if key == "fn":
            name = name or line(value)
        elif key == "email":
            email = email or mailbox(value)
        elif key == "contact-uri":
            form = form or page(value)
        elif key == "adr":
            said = value[-1] if isinstance(value, list) and value else ""
            country = country or country_code(line(parameters.get("cc"))) or country_code(line(said))
    return Party(name, email, form, country)


def _card(entity: Said) -> Iterator[tuple[str, Said, Any]]:
    """The properties of an entity's jCard: name, parameters, first value."""
    card = entity.get("vcardArray")
    properties = card[1] if isinstance(card, list) and len(card) > 1 else None
    for field in properties[:_MAX_PROPERTIES] if isinstance(properties, list) else ():
        if isinstance(field, list) and len(field) > 3 and isinstance(field[1], dict):
            yield line(field[0]).lower(), field[1], field[3]


def _origins(said: Said) -> tuple[int, ...]:
    """Numbers of autonomous systems as extensions of ARIN, LACNIC and NIC.br name them; others name none."""
    found: list[int] = []
    for key in ("arin_originas0_originautnums", "lacnic_originAutnum", "nicbr_autnum"):
        value = said.get(key)
        for one in value[:10] if isinstance(value, list) else [value]:
            digits = line(one).upper().removeprefix("AS")
            number = int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 11 else one
            if _is_number(number) and number not in found:
                found.append(number)
    return tuple(found)


def _is_number(value: object) -> TypeGuard[int]:
    """Whether it is the number of an autonomous system (RFC 6793); 0 is none (RFC 7607)."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < 1 << 32


def _rows(value: object) -> list[Said]:
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []
