"""What cannot be told: each in words that name the place, and never the value."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.model.filing import Account, Body, Chat, Device, Email, FileTold, IpEvent, Role, Told
from safelight.report.cybertip.flaws import told_flaws
from tests.report.cybertip.told_material import ACCOUNTS, AT, FILES, TOLD, WHOLE, WHOLE_FILE

INNER = ": an address of an inner network, by which nobody is found; tell the one outside"
PAST = "lies in the past, and has a zone"
NOW = AT + timedelta(hours=1)
LATER = NOW + timedelta(seconds=1)
BARE = datetime(2026, 1, 1)  # noqa: DTZ001 - that is what is refused


def flaws(told: Told, body: Body = Body.NCMEC) -> list[str]:
    return list(told_flaws(told, {"i1"}, body, NOW))


def test_nothing_is_wrong_with_what_is_right() -> None:
    assert flaws(Told()) == []
    told = replace(WHOLE, files={"i1": WHOLE_FILE})
    assert flaws(told) == []
    assert flaws(told, Body.POLICE) == []


@pytest.mark.parametrize(
    ("changed", "cause"),
    [
        ({"esp_identifier": "u" * 256}, "account 1, its id: it is longer than 255 characters"),
        ({"esp_identifier": "a\nb"}, "account 1, its id: there are line breaks or control characters in it"),
        ({"screen_name": "\ufffe"}, "account 1, its screen name: there are characters in it that XML cannot hold"),
        ({"screen_name": "\U00010000" * 129}, "account 1, its screen name: it is longer than 256 characters"),
        ({"esp_service": "s" * 101}, "account 1, its service: it is longer than 100 characters"),
        ({"display_names": ("ok", "d" * 256)}, "account 1, display name 2: it is longer than 255 characters"),
        ({"profile_urls": ("service.example/u",)}, "account 1, profile URL 1: no URL with its scheme, as https://"),
        (
            {"profile_urls": ("https://e.example/" + "u" * 2083,)},
            "account 1, profile URL 1: it is longer than 2,083 characters",
        ),
        ({"emails": (Email("nobody"),)}, "account 1, e-mail address 1: no e-mail address"),
        ({"emails": (Email("a@" + "b" * 253),)}, "account 1, e-mail address 1: it is longer than 254 characters"),
        ({"phones": ("none",)}, "account 1, telephone 1: no telephone number"),
        ({"additional": "\x1b"}, "account 1, more about it: there are characters in it that XML cannot hold"),
        ({"devices": (Device("IMEI", " "),)}, "account 1, device 1: a device has a kind of id, as IMEI, and the id"),
        (
            {"devices": (Device("IMEI", "1", at=LATER),)},
            f"account 1, device 1, its time {PAST}",
        ),
    ],
)
def test_of_an_account(changed: dict[str, Any], cause: str) -> None:
    account = replace(Account(esp_identifier="u-4"), **changed)
    assert flaws(Told(accounts=(account,))) == [cause]


@pytest.mark.parametrize(
    ("event", "cause"),
    [
        (IpEvent("203.0.113.256"), ": no IP address"),
        (IpEvent("203.0.113.7:443"), ": no IP address"),
        (IpEvent("203.0.113.0/24"), ": no IP address"),
        (IpEvent(" 203.0.113.7"), ": no IP address"),
        (IpEvent(""), ": no IP address"),
        (IpEvent("2001:db8::7%eth0"), ": an IP address without the part after `%`"),
        *(
            (IpEvent(inner), INNER)
            for inner in (
                "10.1.2.3",
                "127.0.0.1",
                "192.168.0.9",
                "172.31.0.1",
                "100.64.0.1",
                "::1",
                "fd00::1",
                "fe80::1",
            )
        ),
        (
            IpEvent("::ffff:10.1.2.3"),
            ": an address of an inner network, by which nobody is found; tell the one outside",
        ),
        (IpEvent("203.0.113.7", port=0), ": a port is a number from 1 to 65535"),
        (IpEvent("203.0.113.7", port=65_536), ": a port is a number from 1 to 65535"),
        (IpEvent("203.0.113.7", at=BARE), f", its time {PAST}"),
        (IpEvent("203.0.113.7", at=LATER), f", its time {PAST}"),
    ],
)
def test_of_an_address(event: IpEvent, cause: str) -> None:
    account = Account(esp_identifier="u-4", ip_events=(IpEvent("2001:db8::7", port=65_535), event))
    assert flaws(Told(accounts=(account,))) == [f"account 1, IP event 2{cause}"]
    assert flaws(Told(files={"i1": FileTold(ip_event=event)})) == [f"file i1, IP event{cause}"]


@pytest.mark.parametrize(
    ("told", "cause"),
    [
        (Told(accounts=(Account(compromised=True),)), "account 1: nothing of it is told; name at least its id"),
        (Told(chats=(Chat(" "),)), "chat 1: neither the program nor the room is named"),
        (Told(chats=(Chat("c" * 256),)), "chat 1, the program: it is longer than 255 characters"),
        (Told(escalate="e" * 3001), "why it is urgent: it is longer than 3,000 characters"),
        (Told(additional="\0"), "what else is said: there are characters in it that XML cannot hold"),
        (Told(files={"i2": FileTold()}), "item 'i2' is not in the report"),
        (Told(files={"i1": FileTold(name="n" * 2057)}), "file i1, its name: it is longer than 2,056 characters"),
        (
            Told(files={"i1": FileTold(uploaded=LATER)}),
            f"file i1, when it was uploaded {PAST}",
        ),
        (Told(files={"i1": FileTold(url="x")}), "file i1, its URL: no URL with its scheme, as https://"),
    ],
)
def test_of_the_rest(told: Told, cause: str) -> None:
    assert flaws(told) == [cause]
    assert flaws(told, Body.POLICE) == [cause]


def test_rules_that_ncmecs_schema_does_not_know() -> None:
    one = Account(esp_identifier="u-4", emails=(Email("four@mail.example"),))
    linked = replace(one, role=Role.LINKED)
    (twice,) = flaws(Told(accounts=(one, one)))
    assert twice.startswith("NCMEC takes one reported account")
    (alone,) = flaws(Told(accounts=(linked,)))
    assert alone.startswith("a linked account is one of the account that is reported")
    mailed = Told(emails=("four@mail.example",))
    (unknown,) = flaws(mailed)
    assert unknown == "e-mail address 1 of the incident is none of the reported account, a recipient or a victim"
    for role in (Role.REPORTED, Role.RECIPIENT, Role.VICTIM):
        assert flaws(replace(mailed, accounts=(replace(one, role=role),))) == []
    accounts = (Account(esp_identifier="u-5"), linked)
    assert flaws(replace(mailed, accounts=accounts)) == [unknown]
    for told in (Told(accounts=(one, one)), Told(accounts=(linked,)), mailed):
        assert flaws(told, Body.POLICE) == []


@given(TOLD, st.lists(ACCOUNTS, max_size=2), FILES)
def test_no_value_is_repeated(told: Told, accounts: list[Account], file: FileTold) -> None:
    """Words about flaws go into answers; what is told of people does not."""
    told = replace(told, accounts=tuple(accounts), files={"i1": file})
    held = " ".join(flaws(told))
    assert not [text for text in texts(told) if len(text) > 8 and text in held]


def texts(told: Told) -> Iterator[str]:
    for account in told.accounts:
        yield from (account.esp_identifier, account.screen_name, *account.display_names, *account.phones)
        yield from (event.address for event in account.ip_events)
        yield from (email.address for email in account.emails)
    yield from told.emails
