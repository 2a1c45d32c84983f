"""The form of what a report tells: what is kept fills it, and it reads that again; what it cannot read it names."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.model.filing import (
    Account,
    Body,
    CaptureKind,
    Chat,
    Device,
    Email,
    FiledItem,
    FileTold,
    Filing,
    FilingState,
    IpEvent,
    Role,
    Told,
)
from safelight.web.console import told_form
from safelight.web.console.told_lines import device_line, ip_line, line, read_device, read_email, read_ip
from tests.report.cybertip.told_material import AT, WHOLE, WHOLE_FILE

WORD = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=12)
TIMES = st.none() | st.datetimes(datetime(1970, 1, 2), datetime(2100, 1, 1), timezones=st.just(UTC)).map(  # noqa: DTZ001 - bounds are bare there
    lambda at: at.replace(microsecond=0)
)
KINDS = st.none() | st.sampled_from(CaptureKind)
PORTS = st.none() | st.integers(1, 65_535)
EVENTS = st.builds(IpEvent, st.ip_addresses().map(str), KINDS, TIMES, st.booleans(), PORTS)
DEVICES = st.builds(Device, WORD, WORD, KINDS, TIMES)


def few(of: st.SearchStrategy[object]) -> st.SearchStrategy[tuple[object, ...]]:
    return st.lists(of, max_size=2).map(tuple)


ACCOUNTS = st.builds(
    Account,
    st.sampled_from(Role),
    WORD,
    WORD,
    WORD,
    few(WORD),
    few(WORD),
    few(st.builds(Email, WORD, st.booleans())),
    few(WORD),
    st.booleans(),
    few(EVENTS),
    few(DEVICES),
    WORD,
)
FILES = st.builds(FileTold, WORD, TIMES, WORD, st.none() | st.booleans(), st.none() | EVENTS, few(DEVICES), WORD)
TOLD = st.builds(
    Told,
    when=TIMES,
    urls=few(WORD),
    chats=few(st.builds(Chat, st.just("") | WORD, WORD)),
    emails=few(WORD),
    escalate=WORD,
    accounts=st.lists(ACCOUNTS, max_size=3).map(tuple),
    files=st.none() | st.fixed_dictionaries({"i1": FILES}),
    additional=WORD,
)


def filing(told: Told) -> Filing:
    items = tuple(FiledItem(name, "0" * 64, "1" * 32, viewed=True) for name in ("i1", "i2"))
    return Filing("f1", "c1", Body.NCMEC, FilingState.DRAFT, AT, items, told)


@given(TOLD)
def test_what_fills_it_is_what_it_reads(told: Told) -> None:
    raw = told_form.raw_of(told)
    assert told_form.read(told_form.raw_from(raw), filing(Told())) == (told, {})


def test_everything_at_once() -> None:
    told = replace(WHOLE, files={"i2": WHOLE_FILE})
    read, slips = told_form.read(told_form.raw_from(told_form.raw_of(told)), filing(told))
    assert (read, slips) == (told, {})


@pytest.mark.parametrize(
    ("given", "event"),
    [
        ("203.0.113.7", IpEvent("203.0.113.7")),
        ("2001:db8::7, 51820", IpEvent("2001:db8::7", port=51820)),
        (
            "203.0.113.7,proxy,LOGIN,2026-11-22 04:30+01:00",
            IpEvent("203.0.113.7", CaptureKind.LOGIN, AT, possible_proxy=True),
        ),
        ("203.0.113.7, 2026-11-22T03:30:00Z, upload", IpEvent("203.0.113.7", CaptureKind.UPLOAD, AT)),
    ],
)
def test_an_address_and_what_is_known_of_it(given: str, event: IpEvent) -> None:
    assert read_ip(given) == event
    assert read_ip(ip_line(event)) == event


@pytest.mark.parametrize("given", ["203.0.113.7, 2026-11-22", "203.0.113.7, 700000", "203.0.113.7, Uploaded", '"203'])
def test_what_is_nothing_of_an_address(given: str) -> None:
    with pytest.raises(ValueError, match=r"part 2 is no event|quotation"):
        read_ip(given)


def test_devices_and_email() -> None:
    odd = Device("SSID", 'my "home", sweet', at=AT)
    assert read_device(device_line(odd)) == odd
    with pytest.raises(ValueError, match="kind of id"):
        read_device("IMEI")
    with pytest.raises(ValueError, match="part 3"):
        read_device("IMEI, 1, soon")
    assert read_email("a@b.example, Verified") == Email("a@b.example", verified=True)
    with pytest.raises(ValueError, match="verified"):
        read_email("a@b.example, checked")
    assert line(("a", "", "b")) == "a, b"


def test_what_cannot_be_read_is_named_by_field_and_line_and_stays_as_it_was() -> None:
    posted = {
        "when": "yesterday",
        "account-3-role": "victim",
        "account-3-phones": "",
        "account-7-role": "reported",
        "account-7-esp_identifier": "u-4",
        "account-7-ip_events": "203.0.113.7\r\n\r\n203.0.113.8, whenever\r\n203.0.113.9, 1",
        "file-i1-devices": "IMEI",
        "chats": "a, b, c",
    }
    raw = told_form.raw_from(posted)
    told, slips = told_form.read(raw, filing(Told()))
    assert slips == {
        "when": "This is no time.",
        "chats": "Line 1: it has a program and a room, and nothing else.",
        "account-1-ip_events": "Line 3: part 2 is no event, no time, no port, and not `proxy`.",
        "file-i1-devices": "Line 1: a device has a kind of id, as IMEI, then the id.",
    }
    (account,) = told.accounts  # of the other one nothing was said
    assert [event.address for event in account.ip_events] == ["203.0.113.7", "203.0.113.9"]
    (group,) = told_form.accounts(raw, slips)
    field = next(one for one in group.fields if one.name == "account-1-ip_events")
    assert field.value.splitlines()[2] == "203.0.113.8, whenever"
    assert field.slip == slips["account-1-ip_events"]
    flaws = ["account 1, IP event 1: no IP address", "file i1, its URL: no URL", "what else is said: too long"]
    wrong = dict(told_form.wrong(raw, slips, flaws))
    assert wrong["account-1-ip_events"].startswith("Account 1, IP addresses it used, one a line: Line 3")
    assert wrong["when"] == "When it happened, in UTC: This is no time."
    assert wrong["account-1"] == flaws[0]
    assert wrong["file-i1"].startswith("file i1, its URL")
    assert wrong["about"] == flaws[2]


def test_how_many_accounts_and_files_a_form_has() -> None:
    raw = told_form.raw_of(Told(accounts=tuple(Account(esp_identifier=f"u-{n}") for n in range(30))))
    told, _ = told_form.read(told_form.raw_from(raw), filing(Told()))
    assert len(told.accounts) == told_form.MOST_ACCOUNTS
    assert len(told_form.accounts({}, {})) == 1
    assert len(told_form.accounts(told_form.raw_of(WHOLE), {}, more=True)) == 5
    many = tuple(FiledItem(f"i{n}", "", "", viewed=False) for n in range(told_form.MOST_FILES + 1))
    last = many[-1].item
    whole = replace(filing(Told(files={last: WHOLE_FILE, "i0": WHOLE_FILE})), items=many)
    told, _ = told_form.read({}, whole)
    assert told.files == {last: WHOLE_FILE}  # has no fields, so that nobody has emptied them
    assert told_form.file_group("i1", {}, {}).filled is False


def test_a_time_is_told_in_utc() -> None:
    there = AT.astimezone(timezone(timedelta(hours=9)))
    assert told_form.raw_of(Told(when=there))["when"] == "2026-11-22T03:30:00"
