"""What people may tell, of every kind: drawn for properties, and one with everything."""

from datetime import UTC, datetime, timedelta
from typing import Final

from hypothesis import strategies as st

from safelight.model.filing import (
    Account,
    CaptureKind,
    Chat,
    Device,
    Email,
    FileTold,
    IpEvent,
    Role,
    Told,
)
from safelight.report.cybertip.words import INCIDENTS, REPORT_ANNOTATIONS

AT: Final = datetime(2026, 11, 22, 3, 30, tzinfo=UTC)
ODDITIES: Final = (
    *("\0\x1b[0m", "\ud800", "\ufffe\uffff", "]]>&<'\"", "\r\n\t", " "),
    *("e\u0301" * 400, "\U0001f469\u200d\U0001f467" * 1500),
)
ODD: Final = st.text(st.characters(), max_size=60) | st.sampled_from(ODDITIES)
"""Controls, lone surrogates, what XML has no place for, markup, accents, joined pictures, blanks, and too much."""
FIRST, LAST = (datetime.fromisoformat(day) for day in ("1970-01-02", "2100-01-01"))
TIMES: Final = st.datetimes(FIRST, LAST, timezones=st.timezones())


def _few(of: st.SearchStrategy[object]) -> st.SearchStrategy[tuple[object, ...]]:
    return st.lists(of, max_size=2).map(tuple)


ADDRESSES: Final = st.ip_addresses().map(str) | ODD
KINDS: Final = st.none() | st.sampled_from(CaptureKind)
IP_EVENTS: Final = st.builds(
    IpEvent, ADDRESSES, KINDS, st.none() | TIMES, st.booleans(), st.none() | st.integers(1, 65_535)
)
DEVICES: Final = st.builds(Device, ODD, ODD, KINDS, st.none() | TIMES)
ACCOUNTS: Final = st.builds(
    Account,
    role=st.sampled_from(Role),
    esp_identifier=ODD,
    esp_service=ODD,
    screen_name=ODD,
    display_names=_few(ODD),
    profile_urls=_few(ODD),
    emails=_few(st.builds(Email, ODD, st.booleans())),
    phones=_few(ODD),
    compromised=st.booleans(),
    ip_events=_few(IP_EVENTS),
    devices=_few(DEVICES),
    additional=ODD,
)
FILES: Final = st.builds(
    FileTold,
    ODD,
    st.none() | TIMES,
    ODD,
    st.none() | st.booleans(),
    st.none() | IP_EVENTS,
    _few(DEVICES),
    ODD,
)
TOLD: Final = st.builds(
    Told,
    incident=st.sampled_from(INCIDENTS),
    when=st.none() | TIMES,
    urls=st.lists(ODD, max_size=3).map(tuple),
    chats=_few(st.builds(Chat, ODD, ODD)),
    emails=_few(ODD),
    report_annotations=st.lists(st.sampled_from(REPORT_ANNOTATIONS), max_size=7).map(tuple),
    escalate=ODD,
    accounts=st.lists(ACCOUNTS, max_size=4).map(tuple),
    additional=ODD,
)

EVENT: Final = IpEvent("203.0.113.7", CaptureKind.UPLOAD, AT, possible_proxy=True, port=51820)
DEVICE: Final = Device("IMEI", "490154203237518", CaptureKind.LOGIN, AT)
WHOLE_FILE: Final = FileTold(
    "IMG_0017.jpg", AT, "https://host.example/17.jpg", public=True, ip_event=EVENT, devices=(DEVICE,), additional="odd"
)


def whole(role: Role, name: str) -> Account:
    """An account of which everything is known; `name` is in each text of it."""
    return Account(
        role,
        f"{name}-id",
        f"{name}-service",
        f"{name}-screen",
        (f"{name}-display", f"{name}-second"),
        (f"https://service.example/{name}",),
        (Email(f"{name}@mail.example", verified=True), Email(f"{name}-2@mail.example")),
        ("+1 202 555 0101",),
        compromised=True,
        ip_events=(EVENT, IpEvent("2001:db8::7")),
        devices=(DEVICE, Device("SSID", name)),
        additional=f"{name}-more",
    )


WHOLE: Final = Told(
    when=AT - timedelta(days=1),
    urls=("https://host.example/17",),
    chats=(Chat("Example Chat", "room-17"), Chat(room="room-18")),
    emails=("thief@mail.example",),
    report_annotations=("spam",),
    escalate="soon",
    accounts=tuple(
        whole(role, name)
        for role, name in (
            (Role.VICTIM, "third"),
            (Role.LINKED, "other"),
            (Role.REPORTED, "thief"),
            (Role.RECIPIENT, "second"),
        )
    ),
    additional="more",
)
