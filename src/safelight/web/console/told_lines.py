"""Lines in which people write addresses, devices and e-mail: parts with commas between, as they are read and shown.

What may be left out is told apart by what it is, so that its order is free. Times without a zone are in UTC.
"""

import csv
import io
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from safelight.model.filing import CaptureKind, Device, Email, IpEvent
from safelight.report.cybertip.words import moment

PROXY: Final = "proxy"
VERIFIED: Final = "verified"
KINDS: Final = {str(kind).lower(): kind for kind in CaptureKind}
_DATE: Final = len("2026-11-22")
_PORT: Final = 5  # digits


def cells(line: str) -> list[str]:
    """The parts of a line; one with a comma in it stands in quotation marks. Raises ValueError for what is none."""
    try:
        found = next(csv.reader([line], skipinitialspace=True, strict=True), [])
    except csv.Error as error:
        raise ValueError("its quotation marks do not match") from error
    return [cell.strip() for cell in found]


def line(parts: Sequence[str]) -> str:
    """A line of parts, without those that are empty."""
    out = io.StringIO()
    csv.writer(out, lineterminator="").writerow([part for part in parts if part])
    return out.getvalue().replace(",", ", ") if '"' not in out.getvalue() else out.getvalue()


def read_ip(given: str) -> IpEvent:
    """`ADDRESS, Upload, 2026-11-22 16:58, 51820, proxy`. Raises ValueError in words for people."""
    address, *others = cells(given)
    kind, at, proxy, port = None, None, False, None
    for number, cell in enumerate(others, 2):
        if cell.lower() in KINDS:
            kind = KINDS[cell.lower()]
        elif cell.lower() == PROXY:
            proxy = True
        elif cell.isascii() and cell.isdecimal() and len(cell) <= _PORT:
            port = int(cell)
        elif (found := read_time(cell)) is not None:
            at = found
        else:
            raise ValueError(f"part {number} is no event, no time, no port, and not `{PROXY}`")
    return IpEvent(address, kind, at, proxy, port)


def read_device(given: str) -> Device:
    """`IMEI, 490154203237518, Login, 2026-11-22 16:58`. Raises ValueError in words for people."""
    kind, *others = cells(given)
    if not others:
        raise ValueError("a device has a kind of id, as IMEI, then the id")
    value, event, at = others[0], None, None
    for number, cell in enumerate(others[1:], 3):
        if cell.lower() in KINDS:
            event = KINDS[cell.lower()]
        elif (found := read_time(cell)) is not None:
            at = found
        else:
            raise ValueError(f"part {number} is no event and no time")
    return Device(kind, value, event, at)


def read_email(given: str) -> Email:
    """`ADDRESS, verified`. Raises ValueError in words for people."""
    address, *others = cells(given)
    if [cell.lower() for cell in others] not in ([], [VERIFIED]):
        raise ValueError(f"after an address there is nothing but `{VERIFIED}`")
    return Email(address, bool(others))


def read_time(given: str) -> datetime | None:
    """A time with its hour, in UTC where no zone is named; None for what is none."""
    try:
        found = datetime.fromisoformat(given)
    except ValueError:
        return None
    if len(given) <= _DATE:
        return None
    try:
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except OverflowError:
        return None


def ip_line(event: IpEvent) -> str:
    """What `read_ip` reads."""
    port = str(event.port) if event.port is not None else ""
    return line((event.address, event.kind or "", _time(event.at), port, PROXY if event.possible_proxy else ""))


def device_line(device: Device) -> str:
    """What `read_device` reads."""
    return line((device.kind, device.value, device.event or "", _time(device.at)))


def email_line(email: Email) -> str:
    """What `read_email` reads."""
    return line((email.address, VERIFIED if email.verified else ""))


def _time(at: datetime | None) -> str:
    return moment(at) if at is not None else ""
