"""RDAP records as registries send them, made up for hosts and people that do not exist."""

from typing import Any

Record = dict[str, Any]


def card(
    name: str = "", email: str = "", *, kind: str = "", uri: str = "", cc: str = "", country: str = ""
) -> list[Any]:
    """A jCard (RFC 7095)."""
    fields: list[Any] = [["version", {}, "text", "4.0"]]
    if kind:
        fields.append(["kind", {}, "text", kind])
    if name:
        fields.append(["fn", {}, "text", name])
    if cc or country:
        fields.append(["adr", {"cc": cc} if cc else {}, "text", ["", "", "1 Street", "Town", "", "1", country]])
    if uri:
        fields.append(["contact-uri", {}, "uri", uri])
    if email:
        fields.append(["email", {"type": "work"}, "text", email])
    return ["vcard", fields]


def entity(roles: list[str], vcard: list[Any] | None = None, inner: list[Record] | None = None) -> Record:
    """An entity (RFC 9083, 5.1)."""
    return {"objectClassName": "entity", "roles": roles, "vcardArray": vcard or card(), "entities": inner or []}


def ip_record(first: str, last: str, entities: list[Record], **more: Any) -> Record:
    """An IP network (RFC 9083, 5.4)."""
    return {
        "objectClassName": "ip network",
        "startAddress": first,
        "endAddress": last,
        "name": "NET-EXAMPLE",
        "entities": entities,
        **more,
    }


def host_network(**more: Any) -> Record:
    """A host's network, with its contact for abuse inside of the holder, beside two that are not to be written to."""
    abuse = entity(["abuse"], card("Abuse Desk", "abuse@host.example"))
    holder = entity(["registrant"], card("Hosting Ltd", "private.person@host.example", kind="org"), [abuse])
    technical = entity(["technical"], card("Tech", "noc@host.example"))
    return ip_record("93.184.215.0", "93.184.215.255", [technical, holder], country="fr", **more)


def domain_record(name: str = "example.com", entities: list[Record] | None = None, **more: Any) -> Record:
    """A domain (RFC 9083, 5.3)."""
    return {
        "objectClassName": "domain",
        "ldhName": name,
        "nameservers": [{"ldhName": "NS1.DNS.EXAMPLE"}],
        "entities": entities or [],
        **more,
    }


def registrar(email: str = "abuse@registrar.example") -> Record:
    """A registrar, as registries have it: its contact for abuse inside."""
    inner = [entity(["abuse"], card("", email, kind="individual"))]
    return entity(["registrar"], card("Registrar Inc.", kind="org", country="Germany"), inner)


def registrant() -> Record:
    """The owner of a domain."""
    return entity(["registrant", "technical"], card("A Person", "owner@home.example", kind="individual"))
