"""A world of hosts to try takedowns on: small web servers on loopback addresses, each of which does as some hosts do.

What a host does depends on the time and on the notices that reached it, so that whoever moves the clock and delivers
the mail knows at any time what is really there.
"""

import re
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final
from urllib.parse import urljoin, urlsplit

from safelight.model.takedown import Contact, Contacts, Place, Scope

WORKS: Final = timedelta(hours=5)
"""How long hosts that act take."""
RETURNS: Final = timedelta(days=8)
"""After which `alters` has it again, changed."""
STALLS: Final = timedelta(minutes=90)
"""For how long `stalls` has it not."""
REMOVED_PAGE: Final = b"<!doctype html><title>Removed</title><p>This file was removed after a complaint."
VIEWER_PAGE: Final = b'<!doctype html><title>Viewer</title><img src="/full/1.jpg" alt="">'
HOME_PAGE: Final = b"<!doctype html><title>Home</title><p>Welcome."


@dataclass(frozen=True, slots=True)
class Answer:
    """What a host answers. `place`: what is really there, as we can see it; `hangs_up`: it answers nothing."""

    place: Place
    status: int = 200
    body: bytes = b""
    mime: str = "text/html"
    leads_to: str = ""
    hangs_up: bool = False


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody asks for a URL. `told`: when notices about it came, and to whom, in order; `since`: when all began."""

    url: str
    now: datetime
    since: datetime
    told: tuple[tuple[datetime, Scope], ...]
    media: "Media"
    other: str

    def acted(self, *scopes: Scope, after: datetime | None = None) -> bool:
        """Whether one of these was told, and has had the time that it takes."""
        return any(
            scope in scopes and at + WORKS <= self.now and (after is None or at > after) for at, scope in self.told
        )


@dataclass(frozen=True, slots=True)
class Media:
    """Benign pictures: one, it altered, another, and the first saved anew."""

    item: bytes
    altered: bytes
    another: bytes
    saved_anew: bytes


Behaviour = Callable[[Visit], Answer]
_GONE = Answer(Place.GONE, 404, b"not found")
_ENDED = Answer(Place.GONE, 410, b"gone")


def _there(visit: Visit) -> Answer:
    return Answer(Place.PRESENT, 200, visit.media.item, "image/jpeg")


def removes(visit: Visit) -> Answer:
    """It removes what it is told of."""
    return _GONE if visit.acted(Scope.SITE) else _there(visit)


def ignores(visit: Visit) -> Answer:
    """Nobody there reads mail."""
    return _there(visit)


def needs_upstream(visit: Visit) -> Answer:
    """Site and host do nothing; who gives them their network does."""
    return _ENDED if visit.acted(Scope.UPSTREAM) else _there(visit)


def moves(visit: Visit) -> Answer:
    """It leads to another host once it is told; that one removes."""
    path = urlsplit(visit.url).path
    return Answer(Place.MOVED, 302, leads_to=visit.other + path) if visit.acted(Scope.SITE) else _there(visit)


def blocks(visit: Visit) -> Answer:
    """Once it is told, it refuses us, and shows it to others."""
    return Answer(Place.BARRED, 451, b"not in your country") if visit.acted(Scope.SITE) else _there(visit)


def bars(visit: Visit) -> Answer:
    """It never shows us anything."""
    del visit
    return Answer(Place.BARRED, 403, b"forbidden")


def alters(visit: Visit) -> Answer:
    """It removes, puts an altered copy there days later, and removes that, too."""
    told = next((at for at, _ in visit.told), None)
    if told is None or not visit.acted(Scope.SITE):
        return _there(visit)
    again = told + RETURNS
    if visit.now < again or visit.acted(Scope.SITE, after=again):
        return _GONE
    return Answer(Place.ALTERED, 200, visit.media.altered, "image/jpeg")


def is_down(visit: Visit) -> Answer:
    """Nothing answers."""
    del visit
    return Answer(Place.SILENT, hangs_up=True)


def says_removed(visit: Visit) -> Answer:
    """It removes, and says so with a page that is there: only a person can tell it from one that shows the file."""
    return Answer(Place.UNCLEAR, 200, REMOVED_PAGE) if visit.acted(Scope.SITE) else _there(visit)


def wraps(visit: Visit) -> Answer:
    """Once it is told, the link leads to a page that shows the file."""
    return Answer(Place.UNCLEAR, 200, VIEWER_PAGE) if visit.acted(Scope.SITE) else _there(visit)


def sends_home(visit: Visit) -> Answer:
    """Once it is told, it leads to its home page, which may mean anything."""
    if urlsplit(visit.url).path == "/":
        return Answer(Place.UNCLEAR, 200, HOME_PAGE)
    return Answer(Place.UNCLEAR, 302, leads_to=urljoin(visit.url, "/")) if visit.acted(Scope.SITE) else _there(visit)


def stalls(visit: Visit) -> Answer:
    """Once it is told, it is not there for an hour, and then refuses us for good."""
    if not visit.acted(Scope.SITE):
        return _there(visit)
    first = min(at for at, _ in visit.told)
    return _GONE if visit.now < first + WORKS + STALLS else Answer(Place.BARRED, 403, b"forbidden")


def denies(visit: Visit) -> Answer:
    """Once it is told, it says that it has no such file, and sends it."""
    return replace(_there(visit), status=404) if visit.acted(Scope.SITE) else _there(visit)


def vanishes(visit: Visit) -> Answer:
    """Its name lapses after a notice; see `World.resolve`."""
    return Answer(Place.SILENT, hangs_up=True) if visit.acted(Scope.SITE) else _there(visit)


def saves_anew(visit: Visit) -> Answer:
    """Once it is told, it has the same picture with other bytes."""
    if not visit.acted(Scope.SITE):
        return _there(visit)
    return Answer(Place.ALTERED, 200, visit.media.saved_anew, "image/jpeg")


def swaps(visit: Visit) -> Answer:
    """Something else was there all the time."""
    return Answer(Place.REPLACED, 200, visit.media.another, "image/jpeg")


def flickers(visit: Visit) -> Answer:
    """In every third hour it fails, in every third it finds nothing; when its host is told, it is really removed."""
    if visit.acted(Scope.HOST):
        return _ENDED
    hour = int((visit.now - visit.since) / timedelta(hours=1)) % 3
    return (_there(visit), Answer(Place.SILENT, 500, b"error"), _GONE)[hour]


BEHAVIOURS: Final[Mapping[str, Behaviour]] = {
    "removes": removes,
    "ignores": ignores,
    "needs-upstream": needs_upstream,
    "moves": moves,
    "blocks": blocks,
    "bars": bars,
    "alters": alters,
    "is-down": is_down,
    "says-removed": says_removed,
    "swaps": swaps,
    "flickers": flickers,
    "wraps": wraps,
    "sends-home": sends_home,
    "stalls": stalls,
    "denies": denies,
    "vanishes": vanishes,
    "saves-anew": saves_anew,
    "elsewhere": removes,
}
"""What the hosts do, by their names; `elsewhere` is where `moves` leads to."""


@dataclass
class World:
    """All hosts, as they are at any time of `now`. `hosts`: names with their addresses; `ports`: once it runs.

    `asked`: each request, with its time.
    """

    now: Callable[[], datetime]
    media: Media
    since: datetime
    hosts: dict[str, str] = field(default_factory=dict)
    ports: dict[str, int] = field(default_factory=dict)
    asked: list[tuple[datetime, str]] = field(default_factory=list)
    told: dict[str, list[tuple[datetime, Scope]]] = field(default_factory=dict)

    def url(self, host: str, path: str) -> str:
        """The URL of a path at a host (a key of BEHAVIOURS)."""
        return f"http://{host}.example:{self.ports[host]}/{path}"

    def answer(self, url: str) -> Answer:
        """What is at a URL now."""
        host = (urlsplit(url).hostname or "").removesuffix(".example")
        other = self.url("elsewhere", "")[:-1]
        visit = Visit(url, self.now(), self.since, tuple(self.told.get(url, ())), self.media, other)
        return BEHAVIOURS[host](visit)

    def truth(self, url: str) -> Place:
        """How a URL stands now, as far as anybody can see it from where we are."""
        answer = self.answer(url)
        return answer.place if not answer.leads_to else _led(self.truth(answer.leads_to))

    def deliver(self, to: str, text: str) -> None:
        """A mail arrives: whoever is meant hears of the URLs in it."""
        scope = Scope(to.partition("@")[0])
        for url in dict.fromkeys(re.findall(r"http://[a-z-]+\.example:\d+/\S+", text)):
            self.told.setdefault(url, []).append((self.now(), scope))

    def find(self, url: str) -> Contacts:
        """`ports.Directory.find`, as if everybody were known."""
        host = urlsplit(url).hostname or ""
        everybody = tuple(Contact(scope, f"{scope} of {host}", f"{scope}@{host}", how="rdap") for scope in Scope)
        return Contacts(url, self.now(), everybody)

    def resolve(self, host: str, _port: int) -> list[str]:
        """The addresses of a host. Raises OSError where its name has lapsed."""
        if host == "vanishes.example":
            told = min((at for url, all_told in self.told.items() if host in url for at, _ in all_told), default=None)
            if told is not None and told + WORKS <= self.now():
                raise socket.gaierror(socket.EAI_NONAME, "no such name")
        return [self.hosts[host.removesuffix(".example")]]

    @contextmanager
    def running(self) -> Iterator["World"]:
        """Have all hosts answer."""
        servers = []
        try:
            for number, host in enumerate(BEHAVIOURS, 2):
                self.hosts[host] = f"127.0.0.{number}"
                server = ThreadingHTTPServer((self.hosts[host], 0), self._handler())
                server.daemon_threads = True
                self.ports[host] = server.server_address[1]
                threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
                servers.append(server)
            yield self
        finally:
            for server in servers:
                server.shutdown()
                server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        world = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                url = f"http://{self.headers['Host']}{self.path}"
                world.asked.append((world.now(), url))
                answer = world.answer(url)
                if answer.hangs_up:
                    self.close_connection = True
                    return
                self.send_response(answer.status)
                if answer.leads_to:
                    self.send_header("Location", answer.leads_to)
                self.send_header("Content-Type", answer.mime)
                self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                self.wfile.write(answer.body)

            def log_message(self, *_words: object) -> None:
                """Nothing."""

        return Handler


def _led(place: Place) -> Place:
    return Place.MOVED if place in {Place.PRESENT, Place.ALTERED} else place
