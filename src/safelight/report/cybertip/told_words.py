"""What people tell of accounts and files, in words, each on one line: for letters, and for what has no field."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from safelight.model.filing import Account, CaptureKind, Device, FileTold, IpEvent, Role
from safelight.report.cybertip.words import clean, moment

ROLES: Final = {
    Role.REPORTED: "Account reported",
    Role.LINKED: "Another account of the same user",
    Role.RECIPIENT: "Account meant to get the files",
    Role.VICTIM: "Account of a victim",
}
"""What an account has to do with the incident."""


def account_lines(account: Account) -> Iterator[str]:
    """An account, by a line that says which, and one for each other thing known. Raises DocumentError, as `moment`."""
    names = (account.esp_identifier, account.screen_name)
    service = f"on {account.esp_service}" if account.esp_service.strip() else ""
    yield f"{ROLES[account.role]}: {', '.join(line(name) for name in (*names, service) if name.strip())}"
    yield from (f"  Shown as: {line(name)}" for name in account.display_names)
    yield from (f"  Profile: {line(url)}" for url in account.profile_urls)
    for email in account.emails:
        yield f"  E-mail: {line(email.address)}{', verified' if email.verified else ''}"
    yield from (f"  Telephone: {line(phone)}" for phone in account.phones)
    if account.compromised:
        yield "  Somebody else had taken it over."
    yield from (f"  {ip_words(event)}" for event in account.ip_events)
    yield from (f"  {device_words(device)}" for device in account.devices)
    if account.additional.strip():
        yield f"  Also: {line(account.additional)}"


def came(told: FileTold) -> Iterator[str]:
    """How a file came. Raises DocumentError for a time without a zone."""
    if told.name.strip():
        yield f"named {line(told.name)}"
    if told.uploaded is not None:
        yield f"uploaded {moment(told.uploaded)}"
    if told.url.strip():
        yield f"at {line(told.url)}"
    if told.public is not None:
        yield "publicly available" if told.public else "not publicly available"
    if told.ip_event is not None:
        yield ip_words(told.ip_event)
    yield from map(device_words, told.devices)
    if told.additional.strip():
        yield line(told.additional)


def ip_words(event: IpEvent) -> str:
    """An address that was used. Raises DocumentError for a time without a zone."""
    port = f" port {event.port}" if event.port is not None else ""
    proxy = ", possibly a proxy" if event.possible_proxy else ""
    return f"IP address {line(event.address)}{port}{_when(event.kind, event.at)}{proxy}"


def device_words(device: Device) -> str:
    """A device that was used. Raises DocumentError for a time without a zone."""
    return f"Device {line(device.kind)} {line(device.value)}{_when(device.event, device.at)}"


def line(text: str) -> str:
    """A text on one line, so that nothing in it looks like a line of ours."""
    return " ".join(clean(text).split())


def _when(kind: CaptureKind | None, at: datetime | None) -> str:
    parts = (kind.lower() if kind else "", moment(at) if at else "")
    said = " ".join(filter(None, parts))
    return f", {said}" if said else ""
