"""The takedown world: 60 URLs at hosts that each do something else, over weeks that pass in seconds.

All of it is real but the time and the directory: SQLite, the mail server, HTTP on loopback addresses, the confined
examination of what is there, banks with local features. Examinations are kept by digest, so each picture is examined
once however often it is looked at.
"""

import io
import json
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urlsplit

import pytest
from PIL import Image

from safelight.adapter.closing.stores import due_of
from safelight.adapter.probe import SafeProber
from safelight.app import App
from safelight.demo.draw import draw
from safelight.demo.hosts import BEHAVIOURS, Media, World
from safelight.demo.variants import jpeg
from safelight.flow.bank_media import add_media
from safelight.flow.banks import create_bank
from safelight.flow.intake import Arrival
from safelight.flow.takedown import Takedowns
from safelight.flow.takedown_judge import FamilyJudge
from safelight.model.access import Actor, ActorKind, Principal, Role, granted
from safelight.model.case import NoticeAnswered, NoticeSent, PlaceChanged
from safelight.model.scan import ScanRow
from safelight.model.takedown import AlarmKind, Location, NoticeState, Place, Scope
from safelight.settings import read_settings
from tests.contract.memory_bank_store import SetClock
from tests.fakes import CountedProgress
from tests.inbox import Inbox, running

START = datetime(2026, 3, 1, 9, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
APART = timedelta(seconds=61)
"""Between the beginnings of two takedowns, so that no host is looked at twice in a minute, and every time is exact."""
URLS = {
    "flickers": 2,
    "removes": 10,
    "ignores": 4,
    "needs-upstream": 4,
    "moves": 5,
    "blocks": 3,
    "bars": 3,
    "alters": 5,
    "is-down": 3,
    "says-removed": 6,
    "swaps": 3,
    "wraps": 2,
    "sends-home": 2,
    "stalls": 2,
    "denies": 2,
    "vanishes": 2,
    "saves-anew": 2,
}
IGNORING = {"ignores", "blocks", "stalls", "denies", "vanishes", "saves-anew"}
UNCLEAR = {"says-removed", "wraps", "sends-home"}
SENIOR = Principal(Actor(ActorKind.USER, "7"), granted([Role.SENIOR]), "a name that never leaves")
STEPS = (
    (Scope.SITE, 0 * HOUR),
    (Scope.HOST, DAY),
    (Scope.UPSTREAM, 2 * DAY),
    (Scope.REGISTRAR, 4 * DAY),
    (
        Scope.HOTLINE,
        6 * DAY,
    ),
)


def altered(picture: Image.Image, other: Image.Image) -> Image.Image:
    """A plain patch of another picture, pasted in; smaller as a whole."""
    changed = picture.copy()
    changed.paste(other.crop((60, 60, 260, 240)), (150, 120))
    return changed.resize((picture.width * 9 // 10, picture.height * 9 // 10))


@pytest.fixture(scope="module")
def media() -> Media:
    item, other = draw(4), draw(11)
    return Media(jpeg(item, 90), jpeg(altered(item, other), 80), jpeg(other, 90), jpeg(item, 60))


@dataclass
class Ground:
    """All that the world needs. `examined`: digests that were really examined."""

    app: App
    clock: SetClock
    world: World
    inbox: Inbox
    takedown: Takedowns
    case: str = ""
    item: str = ""
    begun: dict[str, datetime] = field(default_factory=dict)
    examined: list[str] = field(default_factory=list)
    folders: tuple[Path, ...] = ()
    watched: int = 0

    def run(self, until: datetime) -> None:
        """Let time pass from one thing that is due to the next."""
        while (now := self._next()) is not None and now <= until:
            self.clock.moment = max(now, self.clock.moment)
            while due := self.takedown.due():
                for location in due:
                    self.takedown.advance(location)
        self.clock.moment = until

    def _next(self) -> datetime | None:
        store = self.app.takedowns
        return next(map(due_of, map(store.get, store.due(START + 400 * DAY, 1))), None)

    def locations(self) -> list[Location]:
        return self.app.takedowns.all(limit=1_000)


@pytest.fixture
def ground(socket_enabled: None, tmp_path: Path, media: Media, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ground]:
    clock, temporary = SetClock(START), tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    monkeypatch.setattr(tempfile, "tempdir", None)
    with ExitStack() as stack:
        world = stack.enter_context(World(clock.now, media, START).running())

        def arrived(to: str, mail: EmailMessage) -> None:
            body = mail.get_body(("plain",))
            assert body is not None
            world.deliver(to, body.get_content())

        inbox = stack.enter_context(running(Inbox(arrived)))
        settings = {
            "SAFELIGHT_HOME": str(tmp_path / "home"),
            "SAFELIGHT_SMTP": f"smtp://127.0.0.1:{inbox.port}",
            "SAFELIGHT_CONTACT": "notices@desk.example",
            "SAFELIGHT_ORGANISATION": "Desk",
        }
        app = App(read_settings(settings))
        app.clock = clock  # type: ignore[assignment]  # the machine's clock is what is replaced
        vars(app)["directory"] = world
        names = frozenset(f"{host}.example" for host in BEHAVIOURS)
        vars(app)["prober"] = SafeProber(1_000_000, seconds=10, hosts=names, resolve=world.resolve)
        known_picture(app, media.item, tmp_path / "known")
        stack.callback(app.close_intake)
        made = Ground(app, clock, world, inbox, app.takedown, folders=(app.settings.home, temporary))
        look, kept = app._look_closely, dict[str, Sequence[ScanRow]]()

        def once(file: BinaryIO, name: str) -> Sequence[ScanRow]:
            name_of_bytes = sha256(file.read()).hexdigest()
            file.seek(0)
            if name_of_bytes not in kept:
                made.examined.append(name_of_bytes)
                kept[name_of_bytes] = look(file, name)
                check_nothing_on_disk(made, media)  # in the middle of a look
            return kept[name_of_bytes]

        made.takedown._judge = FamilyJudge(once, app.cases, app.store, app.families)
        intake = app.intake(lambda _item: None, lambda _item: None)
        item = intake.process(intake.receive(io.BytesIO(media.item), Arrival("items")).id)
        assert item.case is not None
        made.case, made.item = item.case, item.id
        yield made


def known_picture(app: App, content: bytes, folder: Path) -> None:
    """A bank with one picture and its local features; the file itself is removed again."""
    folder.mkdir()
    (folder / "one.jpg").write_bytes(content)
    bank = create_bank(app.store, "known")
    examiner, progress = app.examiner(1, local=True), CountedProgress()
    add_media(app.store, app.room, app.features, examiner, app.sketcher, bank, str(folder), progress)
    (folder / "one.jpg").unlink()


def begin(ground: Ground) -> None:
    for host, count in URLS.items():
        for number in range(count):
            url = ground.world.url(host, f"files/{number}.jpg")
            location = ground.takedown.add(SENIOR, ground.case, ground.item, url)
            ground.takedown.begin(SENIOR, location.id)
            ground.begun[location.id] = ground.clock.moment
            ground.run(ground.clock.moment + APART)


def test_sixty_urls_end_in_the_true_state(ground: Ground, media: Media) -> None:
    begin(ground)
    for day in (1, 5, 9, 13):
        ground.run(START + day * DAY)
        check_nothing_on_disk(ground, media)
    locations = ground.locations()
    assert len(ground.begun) == sum(URLS.values()) == 60
    for one in locations:
        assert one.place is ground.world.truth(one.url), one.url
    check_ends(ground, media)
    check_notices(ground)
    check_alarms(ground)
    check_no_leak(ground, media)
    assert ground.watched > 10
    check_people(ground)


def check_alarms(ground: Ground) -> None:
    """What people are told, by host: nothing is only silent."""
    told: dict[AlarmKind, set[str]] = {}
    for one in ground.takedown.overdue():
        told.setdefault(one.kind, set()).add(host(ground.app.takedowns.get(one.location)))
    assert told == {
        AlarmKind.UNCLEAR: UNCLEAR,
        AlarmKind.UNSETTLED: {"stalls", "bars", "is-down", "swaps"},
        AlarmKind.NO_HOST: {"vanishes"},
        AlarmKind.EXHAUSTED: IGNORING,
    }


def check_people(ground: Ground) -> None:
    """A person looks at what no look could tell: gone is gone since the look that found something else."""
    for one in ground.locations():
        begun = ground.begun.get(one.id)
        if begun is not None and host(one) in {"says-removed", "vanishes"}:
            assert ground.takedown.confirm_gone(SENIOR, one.id, "looked").gone == begun + 6 * HOUR


def check_ends(ground: Ground, media: Media) -> None:
    """What each host's URLs came to, and exactly when."""
    moved = {one.found_as: one for one in ground.locations() if host(one) == "elsewhere"}
    assert len(moved) == URLS["moves"]
    for one in ground.locations():
        begun = ground.begun.get(one.id) or one.begun
        assert begun is not None
        ends = {  # when it was gone, how often it had come back, which steps were taken
            "removes": (begun + 6 * HOUR, 0, 1),
            **dict.fromkeys(UNCLEAR, (None, 0, 1)),
            **dict.fromkeys(IGNORING, (None, 0, 5)),
            "needs-upstream": (begun + 54 * HOUR, 0, 3),
            "moves": (begun + 12 * HOUR, 0, 1),
            "elsewhere": (begun + 6 * HOUR, 0, 1),
            "bars": (None, 0, 0),
            "alters": (begun + 6 * HOUR + 11 * DAY + 6 * HOUR, 1, 2),
            "is-down": (None, 0, 0),
            "swaps": (None, 0, 0),
            "flickers": (begun + 29 * HOUR, 0, 2),
        }
        assert (one.gone, one.returned, len(one.notices)) == ends[host(one)], one.url
        assert one.sha256 == sha256(media.item).hexdigest()
        if host(one) == "moves":
            assert [look.place for look in one.looks] == [Place.PRESENT, Place.MOVED, Place.GONE]
            assert moved[one.id].begun == begun + 6 * HOUR
            assert moved[one.id].url == one.looks[1].led_to == ground.world.url("elsewhere", one.url[-11:])
        if host(one) == "alters":
            places = [(look.place, look.kind) for look in one.looks]
            assert places[2] == (Place.ALTERED, "derivative")
            assert one.past == (begun + 6 * HOUR,)
            assert one.looks[2].at == begun + 6 * HOUR + 11 * DAY
            assert one.looks[2].sha256 == sha256(media.altered).hexdigest()
        if host(one) == "saves-anew":
            assert one.there is not None
            assert one.there.sha256 == sha256(media.saved_anew).hexdigest()
    # Three pictures that are not the item's bytes, three pages, and what two kinds of 404 say, were really examined.
    assert len(ground.examined) == len(set(ground.examined)) == 8


def check_notices(ground: Ground) -> None:
    """Each step on its clock; each mail once, under its own id; each in the log, as what it was."""
    for one in ground.locations():
        steps = STEPS if host(one) in IGNORING | {"needs-upstream", "flickers"} else STEPS[:1]
        begun = one.begun
        assert begun is not None
        told = [(notice.contact.scope, (notice.sent or START) - begun) for notice in one.notices]
        if host(one) == "alters":
            told, again = told[:1], told[1]
            assert again == (Scope.SITE, 6 * HOUR + 11 * DAY)
        assert told == list(steps[: len(told)]), one.url
        if host(one) in IGNORING:
            assert [notice.state for notice in one.notices] == [NoticeState.SILENT] * 5
            assert one.notices[-1].due == begun + 9 * DAY
    second = [mail for to, mail in ground.inbox.mails if to == "site@alters.example"][URLS["alters"] :]
    assert len(second) == URLS["alters"]
    assert all("it is there again" in mail.get_body(("plain",)).get_content() for mail in second)  # type: ignore[union-attr]
    for to, mail in ground.inbox.mails:
        if to == "host@saves-anew.example":  # both digests, each named for what it is
            text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
            there, known = (sha256(one).hexdigest() for one in (ground.world.media.saved_anew, ground.world.media.item))
            assert text.index("altered copy") < text.index(there) < text.index("known material, by its digests")
            assert text.index("known material, by its digests") < text.index(known)
    notices = {notice.message: notice for one in ground.locations() for notice in one.notices}
    ids = [str(mail["Message-ID"]).strip("<>") for _, mail in ground.inbox.mails]
    assert sorted(ids) == sorted(notices)
    logged = [one.event for one in ground.app.cases.events(ground.case)]
    sent = {one.body.notice: one for one in logged if isinstance(one.body, NoticeSent)}
    assert len(sent) == sum(isinstance(one.body, NoticeSent) for one in logged) == len(notices)
    for message, raw in zip(ids, ground.inbox.raw, strict=True):
        notice = notices[message]
        event = sent[notice.id]
        assert event.at == notice.sent
        assert event.actor.kind is ActorKind.SYSTEM
        assert isinstance(event.body, NoticeSent)
        assert event.body.digest == notice.sha256 == sha256(raw).hexdigest()
    silent = [one.body for one in logged if isinstance(one.body, NoticeAnswered)]
    assert {one.notice for one in silent} == {n.id for n in notices.values() if n.state is NoticeState.SILENT}
    changes = sum(isinstance(one.body, PlaceChanged) for one in logged)
    assert changes == sum(len(one.looks) for one in ground.locations())
    at_hosts: dict[str, datetime] = {}
    for at, url in ground.world.asked:  # politeness: a redirect apart, which is the same look
        name = urlsplit(url).hostname or ""
        assert (
            name == "elsewhere.example"
            or urlsplit(url).path == "/"
            or at - at_hosts.get(name, START - HOUR) >= timedelta(minutes=1)
        ), url
        at_hosts[name] = at


def check_nothing_on_disk(ground: Ground, media: Media) -> None:
    """No part of any picture is in a file now: of the data folder, and of where temporary files go."""
    pictures = (media.item, media.altered, media.another, media.saved_anew)
    slices = [one[place : place + 32] for one in pictures for place in range(600, len(one) - 32, len(one) // 6)]
    files = [path for folder in ground.folders for path in folder.rglob("*") if path.is_file()]
    assert len(files) > 5
    for path in files:
        try:
            content = path.read_bytes()
        except OSError:  # gone by now
            continue
        assert not any(one in content for one in slices), path
    ground.watched += 1


def check_no_leak(ground: Ground, media: Media) -> None:
    """No mail holds media, or who reviewed."""
    for _, mail in ground.inbox.mails:
        parts = [part for part in mail.walk() if not part.is_multipart()]
        content = b"".join(bytes(part.get_payload(decode=True) or b"") for part in parts)
        assert all(media.item[place : place + 24] not in content for place in (0, 700, 5_000))
        assert SENIOR.name.encode() not in content
        assert b"user:7" not in content
        assert {part.get_content_maintype() for part in parts} <= {"text", "application"}
        for part in parts[1:]:
            assert json.loads(bytes(part.get_payload(decode=True) or b""))["type"] == "csam"


def host(location: Location) -> str:
    return (urlsplit(location.url).hostname or "").removesuffix(".example")
