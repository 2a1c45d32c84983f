"""The form of what a report tells: the same fields from what is kept and from what was sent, and read from them.

A field is known by its name alone: `account-2-phones`, `file-<item>-url`. What cannot be read stays as it was written.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Final, TypeVar

from safelight.model.defang import refanged
from safelight.model.filing import Account, Chat, FileTold, Filing, Role, Told
from safelight.report.cybertip.words import INCIDENTS, REPORT_ANNOTATIONS
from safelight.web.console import told_lines
from safelight.web.console.cards import short

_T = TypeVar("_T")

MOST_ACCOUNTS: Final = 20
MOST_FILES: Final = 50
"""Whose fields a form has: Django takes 1,000 fields at once. Of further files programs may tell, and it stays."""
_ACCOUNT: Final = re.compile(r"account-([0-9]{1,4})-role")
_AFTER: Final = re.compile(r"(account [0-9]+|file \S+?)(?=[:,])")
_PUBLIC: Final = {"": None, "yes": True, "no": False}
_NO_TIME: Final = "this is no time"

Raw = dict[str, str]


@dataclass(frozen=True, slots=True)
class Field:
    """A field of the form. `kind`: `text`, `lines`, `choice`, `check` or `time`. `slip`: what is wrong with it."""

    name: str
    label: str
    kind: str
    value: str = ""
    help: str = ""
    options: tuple[tuple[str, str], ...] = ()
    slip: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Fields about one thing. `id`: of the place on the page."""

    id: str
    title: str
    fields: tuple[Field, ...]
    filled: bool = True


ROLES: Final = (
    (Role.REPORTED.value, "it is reported"),
    (Role.LINKED.value, "another account of the one that is reported"),
    (Role.RECIPIENT.value, "it was meant to get the files"),
    (Role.VICTIM.value, "it is of a victim"),
)
_IP_HELP: Final = "As 203.0.113.7, Upload, 2026-11-22 16:58:00, 51820, proxy: the address, then what is known of it."
_DEVICE_HELP: Final = "As IMEI, 490154203237518, Login, 2026-11-22 16:58:00: the kind of id, the id, the rest if known."
ACCOUNT: Final = (
    Field("role", "What it has to do with it", "choice", options=ROLES),
    Field("esp_identifier", "Its id, as the service names it", "text"),
    Field("screen_name", "Its screen name", "text"),
    Field("esp_service", "The service", "text", help="Empty: your own."),
    Field("ip_events", "IP addresses it used, one a line", "lines", help=f"{_IP_HELP} Times are in UTC."),
    Field("devices", "Devices it used, one a line", "lines", help=_DEVICE_HELP),
    Field("emails", "E-mail addresses, one a line", "lines", help="As user@mail.example, verified"),
    Field("phones", "Telephone numbers, one a line", "lines"),
    Field("display_names", "Names it shows, one a line", "lines"),
    Field("profile_urls", "URLs of its profile, one a line", "lines"),
    Field("additional", "More about it", "lines", help="Please do not describe what is seen."),
    Field("compromised", "Somebody else had taken it over", "check"),
)
FILE: Final = (
    Field("name", "What its uploader called it", "text"),
    Field("uploaded", "When it came to your service, in UTC", "time", help="Empty: when it came here."),
    Field("url", "Where it is, or was", "text"),
    Field("public", "Could anybody see it?", "choice", options=(("", "not said"), ("yes", "yes"), ("no", "no"))),
    Field("ip_event", "IP address that it was uploaded from", "text", help=f"{_IP_HELP} The receiver takes one."),
    Field("devices", "Devices it was uploaded from, one a line", "lines", help=_DEVICE_HELP),
    Field("additional", "More about it", "lines", help="Please do not describe what is seen."),
)
WHERE: Final = (
    Field("when", "When it happened, in UTC", "time", help="Empty: when the item came."),
    Field("urls", "URLs, one a line", "lines"),
    Field("chats", "Chats, one a line", "lines", help="As Example Chat, room-17: the program, the room."),
    Field("emails", "E-mail that it happened by, one a line", "lines", help="Each is one of an account below, too."),
)


@dataclass(slots=True)
class Slips:
    """What cannot be read, by the name of the field."""

    by_field: dict[str, str] = field(default_factory=dict)

    def lines(self, raw: Raw, name: str, read: Callable[[str], _T]) -> tuple[_T, ...]:
        """What the lines of a field say; blank ones are left out, wrong ones told by their number."""
        found = []
        for number, line in enumerate(raw.get(name, "").splitlines(), 1):
            if line.strip():
                try:
                    found.append(read(line.strip()))
                except ValueError as error:
                    self.by_field.setdefault(name, f"Line {number}: {error}.")
        return tuple(found)

    def time(self, raw: Raw, name: str) -> datetime | None:
        """A time; None for none."""
        given = raw.get(name, "")
        found = told_lines.read_time(given)
        if given and found is None:
            self.by_field[name] = f"{_NO_TIME.capitalize()}."
        return found


def raw_of(told: Told) -> Raw:
    """The fields as what is kept fills them."""
    raw = {
        "incident": told.incident,
        "when": _time(told.when),
        "urls": "\n".join(told.urls),
        "chats": "\n".join(_chat_line(chat) for chat in told.chats),
        "emails": "\n".join(told.emails),
        "escalate": told.escalate,
        "additional": told.additional,
    }
    for number, account in enumerate(told.accounts, 1):
        raw |= {f"account-{number}-{name}": value for name, value in _account_raw(account).items()}
    for item, file in (told.files or {}).items():
        raw |= {f"file-{item}-{name}": value for name, value in _file_raw(file).items()}
    return raw


def raw_from(posted: Mapping[str, str]) -> Raw:
    """The fields as they were sent: accounts of which nothing is said are left out, the others numbered anew."""
    raw = {name: value.replace("\r\n", "\n").strip() for name, value in posted.items() if "account-" not in name}
    kept = 0
    for number in sorted({int(found[1]) for name in posted if (found := _ACCOUNT.fullmatch(name))}):
        values = {one.name: posted.get(f"account-{number}-{one.name}", "") for one in ACCOUNT}
        values = {name: value.replace("\r\n", "\n").strip() for name, value in values.items()}
        if kept < MOST_ACCOUNTS and any(value for name, value in values.items() if name != "role"):
            kept += 1
            raw |= {f"account-{kept}-{name}": value for name, value in values.items()}
    return raw


def read(raw: Raw, filing: Filing) -> tuple[Told, dict[str, str]]:
    """What the fields say, without what cannot be read; and of that, what is wrong, by the name of the field.

    Which annotations are chosen is not in `raw`: it stays as `filing` has it.
    """
    slips = Slips()
    incident = raw.get("incident", "")
    old = filing.told.files or {}
    files = {one.item: old.get(one.item, FileTold()) for one in filing.items}
    files |= {one.item: _file(raw, f"file-{one.item}-", slips) for one in filing.items[:MOST_FILES]}
    told = replace(
        filing.told,
        incident=incident if incident in INCIDENTS else filing.told.incident,
        when=slips.time(raw, "when"),
        urls=slips.lines(raw, "urls", refanged),
        chats=slips.lines(raw, "chats", _chat),
        emails=slips.lines(raw, "emails", str),
        escalate=raw.get("escalate", ""),
        accounts=tuple(_account(raw, f"account-{number}-", slips) for number in range(1, _count(raw) + 1)),
        files={item: file for item, file in files.items() if file != FileTold()} or None,
        additional=raw.get("additional", ""),
    )
    return told, slips.by_field


def chosen(names: list[str]) -> tuple[str, ...]:
    """Annotations of the report that the form offers."""
    return tuple(name for name in REPORT_ANNOTATIONS if name in names)


def places(raw: Raw, slips: Mapping[str, str]) -> tuple[Field, ...]:
    """The fields of when and where."""
    return _filled(WHERE, "", raw, slips)


def accounts(raw: Raw, slips: Mapping[str, str], *, more: bool = False) -> list[Group]:
    """A group for each account, and one to fill in when there is none, or `more` are wanted."""
    count = _count(raw)
    numbers = range(1, min(count + (more or not count), MOST_ACCOUNTS) + 1)
    return [
        Group(f"account-{number}", f"Account {number}", _filled(ACCOUNT, f"account-{number}-", raw, slips))
        for number in numbers
    ]


def file_group(item: str, raw: Raw, slips: Mapping[str, str]) -> Group:
    """What is told of how a file came. `filled`: anything is."""
    fields = _filled(FILE, f"file-{item}-", raw, slips)
    return Group(f"file-{item}", "How it came", fields, any(one.value or one.slip for one in fields))


def wrong(raw: Raw, slips: Mapping[str, str], flaws: list[str]) -> Iterator[tuple[str, str]]:
    """What is wrong, each with the place on the page where it is."""
    groups = [*accounts(raw, slips), *(file_group(item, raw, slips) for item in _items(raw))]
    titles = {one.name: f"{group.title}, {one.label}" for group in groups for one in group.fields}
    labels = {one.name: one.label for one in WHERE} | titles
    yield from ((name, f"{labels.get(name, name)}: {words}") for name, words in slips.items())
    for flaw in flaws:
        place = _AFTER.match(flaw)
        there = place[1].replace(" ", "-", 1) if place else "about"
        yield there, _AFTER.sub(lambda found: _shown(found[1]), flaw, count=1)


def _shown(place: str) -> str:
    kind, _, name = place.partition(" ")
    return f"{kind} {short(name)}" if kind == "file" else place


def _items(raw: Raw) -> set[str]:
    return {name[len("file-") : -len("-name")] for name in raw if name.startswith("file-") and name.endswith("-name")}


def _filled(fields: tuple[Field, ...], prefix: str, raw: Raw, slips: Mapping[str, str]) -> tuple[Field, ...]:
    names = ((one, f"{prefix}{one.name}") for one in fields)
    return tuple(replace(one, name=name, value=raw.get(name, ""), slip=slips.get(name, "")) for one, name in names)


def _count(raw: Raw) -> int:
    return sum(1 for name in raw if _ACCOUNT.fullmatch(name))


def _account_raw(account: Account) -> Raw:
    return {
        "role": account.role,
        "esp_identifier": account.esp_identifier,
        "esp_service": account.esp_service,
        "screen_name": account.screen_name,
        "display_names": "\n".join(account.display_names),
        "profile_urls": "\n".join(account.profile_urls),
        "emails": "\n".join(map(told_lines.email_line, account.emails)),
        "phones": "\n".join(account.phones),
        "compromised": "on" if account.compromised else "",
        "ip_events": "\n".join(map(told_lines.ip_line, account.ip_events)),
        "devices": "\n".join(map(told_lines.device_line, account.devices)),
        "additional": account.additional,
    }


def _account(raw: Raw, prefix: str, slips: Slips) -> Account:
    role = raw.get(f"{prefix}role", "")
    return Account(
        role=Role(role) if role in set(Role) else Role.REPORTED,
        esp_identifier=raw.get(f"{prefix}esp_identifier", ""),
        esp_service=raw.get(f"{prefix}esp_service", ""),
        screen_name=raw.get(f"{prefix}screen_name", ""),
        display_names=slips.lines(raw, f"{prefix}display_names", str),
        profile_urls=slips.lines(raw, f"{prefix}profile_urls", refanged),
        emails=slips.lines(raw, f"{prefix}emails", told_lines.read_email),
        phones=slips.lines(raw, f"{prefix}phones", str),
        compromised=bool(raw.get(f"{prefix}compromised")),
        ip_events=slips.lines(raw, f"{prefix}ip_events", told_lines.read_ip),
        devices=slips.lines(raw, f"{prefix}devices", told_lines.read_device),
        additional=raw.get(f"{prefix}additional", ""),
    )


def _file_raw(file: FileTold) -> Raw:
    return {
        "name": file.name,
        "uploaded": _time(file.uploaded),
        "url": file.url,
        "public": next(word for word, value in _PUBLIC.items() if value is file.public),
        "ip_event": told_lines.ip_line(file.ip_event) if file.ip_event else "",
        "devices": "\n".join(map(told_lines.device_line, file.devices)),
        "additional": file.additional,
    }


def _file(raw: Raw, prefix: str, slips: Slips) -> FileTold:
    return FileTold(
        name=raw.get(f"{prefix}name", ""),
        uploaded=slips.time(raw, f"{prefix}uploaded"),
        url=refanged(raw.get(f"{prefix}url", "")),
        public=_PUBLIC.get(raw.get(f"{prefix}public", "")),
        ip_event=next(iter(slips.lines(raw, f"{prefix}ip_event", told_lines.read_ip)), None),
        devices=slips.lines(raw, f"{prefix}devices", told_lines.read_device),
        additional=raw.get(f"{prefix}additional", ""),
    )


def _chat(line: str) -> Chat:
    client, *others = told_lines.cells(line)
    if len(others) > 1:
        raise ValueError("it has a program and a room, and nothing else")
    return Chat(client, others[0] if others else "")


def _chat_line(chat: Chat) -> str:
    """What `_chat` reads; of a room alone, a comma and the room."""
    room = told_lines.line((chat.room,))
    return told_lines.line((chat.client, chat.room)) if chat.client else f", {room}"


def _time(at: datetime | None) -> str:
    """As a field `datetime-local` takes it."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}" if at is not None else ""
