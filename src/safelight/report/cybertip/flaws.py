"""What the CyberTipline would not take, or nobody could act on, in words that name the place and repeat no value.

No value, because such words go into answers and onto pages, and what is told of people is for the receiver alone.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final

from safelight.model.filing import Account, Body, Device, FileTold, IpEvent, Role, Told
from safelight.report.cybertip.limits import (
    DEVICE,
    DISPLAY_NAME,
    EMAIL,
    ESCALATE,
    ESP_ID,
    ESP_SERVICE,
    FILE_NAME,
    PHONE,
    PLACE,
    SCREEN_NAME,
    URL,
)
from safelight.report.cybertip.parties import says_something
from safelight.report.cybertip.words import (
    FILE_ANNOTATIONS,
    GENERATIVE,
    INCIDENTS,
    REPORT_ANNOTATIONS,
    clean,
    fits,
)

PORTS: Final = range(1, 65536)
_NOWHERE: Final = tuple(
    ip_network(net)
    for net in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
        *("192.168.0.0/16", "224.0.0.0/4", "240.0.0.0/4", "::/127", "fc00::/7", "fe80::/10", "ff00::/8"),
    )
)
"""Networks that every place has its own of (RFC 1918, 4193, 6598 and others): no provider could say whose it was."""
_BREAKS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_EMAIL = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+")
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://\S+")
_PHONE = re.compile(r"[^0-9]*(?:[0-9][^0-9]*){3,}")


def told_flaws(told: Told, items: Collection[str], body: Body, now: datetime) -> Iterator[str]:
    """What is wrong with what is told in a report on `items` to a receiver; each in a few words."""
    if told.incident not in INCIDENTS:
        yield f"{told.incident!r} is no kind of incident"
    if told.when is not None and (told.when.tzinfo is None or told.when > now):
        yield "the time of the incident lies in the past, and has a zone"
    yield from _long("why it is urgent", told.escalate, ESCALATE)
    yield from _long("what else is said", told.additional)
    yield from (f"{mark!r} is no annotation of a report" for mark in told.report_annotations if mark not in _REPORTS)
    yield from _mark_flaws(told, items)
    for number, chat in enumerate(told.chats, 1):
        if not (chat.client.strip() or chat.room.strip()):
            yield f"chat {number}: neither the program nor the room is named"
        yield from _line(f"chat {number}, the program", chat.client, PLACE)
        yield from _line(f"chat {number}, the room", chat.room, PLACE)
    for number, email in enumerate(told.emails, 1):
        yield from _email(f"e-mail address {number} of the incident", email)
    for number, account in enumerate(told.accounts, 1):
        yield from account_flaws(f"account {number}", account, now)
    for item, file in (told.files or {}).items():
        if item not in items:
            yield f"item {item!r} is not in the report"
        yield from file_flaws(f"file {item}", file, now)
    if body is Body.NCMEC:
        yield from _ncmec_flaws(told)


def account_flaws(where: str, account: Account, now: datetime) -> Iterator[str]:
    """What is wrong with an account."""
    if not says_something(account):
        yield f"{where}: nothing of it is told; name at least its id"
    yield from _line(f"{where}, its id", account.esp_identifier, ESP_ID)
    yield from _line(f"{where}, its service", account.esp_service, ESP_SERVICE)
    yield from _line(f"{where}, its screen name", account.screen_name, SCREEN_NAME)
    for number, name in enumerate(account.display_names, 1):
        yield from _line(f"{where}, display name {number}", name, DISPLAY_NAME)
    for number, url in enumerate(account.profile_urls, 1):
        yield from _url(f"{where}, profile URL {number}", url)
    for number, email in enumerate(account.emails, 1):
        yield from _email(f"{where}, e-mail address {number}", email.address)
    for number, phone in enumerate(account.phones, 1):
        yield from _shaped(f"{where}, telephone {number}", phone, PHONE, _PHONE, "no telephone number")
    for number, event in enumerate(account.ip_events, 1):
        yield from _ip_flaws(f"{where}, IP event {number}", event, now)
    yield from _device_flaws(where, account.devices, now)
    yield from _long(f"{where}, more about it", account.additional)


def file_flaws(where: str, file: FileTold, now: datetime) -> Iterator[str]:
    """What is wrong with what is told of how a file came."""
    yield from _line(f"{where}, its name", file.name, FILE_NAME)
    yield from _time(f"{where}, when it was uploaded", file.uploaded, now)
    if file.url:
        yield from _url(f"{where}, its URL", file.url)
    if file.ip_event is not None:
        yield from _ip_flaws(f"{where}, IP event", file.ip_event, now)
    yield from _device_flaws(where, file.devices, now)
    yield from _long(f"{where}, more about it", file.additional)


def _mark_flaws(told: Told, items: Collection[str]) -> Iterator[str]:
    for item, marks in (told.annotations or {}).items():
        if item not in items:
            yield f"item {item!r} is not in the report"
        if GENERATIVE in marks:
            yield f"{GENERATIVE} follows from the finding on how it was made; decide the case accordingly"
        yield from (f"{mark!r} is no annotation of a file" for mark in marks if mark not in FILE_ANNOTATIONS)


def _ncmec_flaws(told: Told) -> Iterator[str]:
    """Rules of NCMEC's that its schema does not know."""
    roles = [account.role for account in told.accounts]
    if roles.count(Role.REPORTED) > 1:
        yield "NCMEC takes one reported account: call others of the same user linked, and report other users apart"
    if Role.LINKED in roles and Role.REPORTED not in roles:
        yield "a linked account is one of the account that is reported: say which that is"
    known = {email.address for account in told.accounts if account.role is not Role.LINKED for email in account.emails}
    for number, email in enumerate(told.emails, 1):
        if email not in known:
            yield f"e-mail address {number} of the incident is none of the reported account, a recipient or a victim"


def _ip_flaws(where: str, event: IpEvent, now: datetime) -> Iterator[str]:
    try:
        address = ip_address(event.address)
    except ValueError:
        yield f"{where}: no IP address"
    else:
        plain = (isinstance(address, IPv6Address) and address.ipv4_mapped) or address
        if isinstance(address, IPv6Address) and address.scope_id is not None:
            yield f"{where}: an IP address without the part after `%`"
        elif any(plain in net for net in _NOWHERE):
            yield f"{where}: an address of an inner network, by which nobody is found; tell the one outside"
    if event.port is not None and event.port not in PORTS:
        yield f"{where}: a port is a number from 1 to 65535"
    yield from _time(f"{where}, its time", event.at, now)


def _device_flaws(where: str, devices: Sequence[Device], now: datetime) -> Iterator[str]:
    for number, device in enumerate(devices, 1):
        there = f"{where}, device {number}"
        if not (device.kind.strip() and device.value.strip()):
            yield f"{there}: a device has a kind of id, as IMEI, and the id"
        yield from _line(f"{there}, the kind of its id", device.kind, DEVICE)
        yield from _line(f"{there}, its id", device.value, DEVICE)
        yield from _time(f"{there}, its time", device.at, now)


def _time(where: str, at: datetime | None, now: datetime) -> Iterator[str]:
    if at is not None and (at.tzinfo is None or at > now):
        yield f"{where} lies in the past, and has a zone"


def _email(where: str, address: str) -> Iterator[str]:
    yield from _shaped(where, address, EMAIL, _EMAIL, "no e-mail address")


def _url(where: str, url: str) -> Iterator[str]:
    yield from _shaped(where, url, URL, _URL, "no URL with its scheme, as https://")


def _shaped(where: str, text: str, limit: int, shape: re.Pattern[str], none: str) -> Iterator[str]:
    if not shape.fullmatch(text):
        yield f"{where}: {none}"
    else:
        yield from _line(where, text, limit)


def _line(where: str, text: str, limit: int) -> Iterator[str]:
    """A text on one line, which is not cut, as it would be another then."""
    if _BREAKS.search(text):
        yield f"{where}: there are line breaks or control characters in it"
    else:
        yield from _long(where, text, limit)


def _long(where: str, text: str, limit: int | None = None) -> Iterator[str]:
    if clean(text) != text:
        yield f"{where}: there are characters in it that XML cannot hold"
    elif limit is not None and not fits(text, limit):
        yield f"{where}: it is longer than {limit:,} characters"


_REPORTS: Final = frozenset(REPORT_ANNOTATIONS)
