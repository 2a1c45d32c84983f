"""Cases on their way from found to gone: duties by the real law packs, reports, and URLs with a history.

What is there is written through the flows and the stores, by people who do not exist.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from safelight.app import App
from safelight.model.access import Actor, ActorKind, Principal, Role, granted
from safelight.model.assessment import Artificialness
from safelight.model.case import (
    TOOL,
    Answer,
    AppealDecided,
    AppealOpened,
    Approved,
    Body,
    Classification,
    Decided,
    Draft,
    Finding,
    Grave,
    Located,
    NoticeAnswered,
    PlaceChanged,
    Proposed,
    TakedownBegun,
    Verdict,
)
from safelight.model.takedown import (
    Contact,
    Contacts,
    Form,
    Location,
    Look,
    Notice,
    NoticeState,
    Place,
    Scope,
)
from safelight.web.container import the_app
from tests.web.console.material import BOX, arrive, derived, picture

LENA = Principal(Actor(ActorKind.USER, "901"), granted([Role.LEAD]), "lena")
"""Somebody who decided, in the past."""
OTTO = Actor(ActorKind.USER, "902")
NO_ABUSE = Finding(Verdict.NOT_ABUSE)
HOST = "pictures.example"
FOUND = Finding(Verdict.CONFIRMED, Classification.B2, Artificialness.PARTIALLY_ALTERED, Answer.YES)


@dataclass(frozen=True)
class Filled:
    """`case`: confirmed, with duties. `place`: with a history. `fresh`: one that nobody has begun.

    `unclear`: one at which a page answers that only a person can judge.
    """

    case: str
    place: str
    fresh: str
    unclear: str


def fill_closing(app: App, account: str = "") -> Filled:
    """A case of its own: confirmed, with the law asked, and with places. `material.fill` was here before."""
    now = app.clock.now()
    case = arrive(app, picture(51, BOX), derived("drawn-51", BOX), "upload 7600", account=account).case
    assert case is not None
    _add(app, case, Decided(FOUND))
    app.settle.settle(case)
    for rule, hours in (("us/take-it-down", 60), ("us/take-it-down", 30)):
        app.settle.request(LENA, case, now - timedelta(hours=hours), rule, f"request {hours}, by mail")
    place = history(app, case, now - timedelta(days=5))
    fresh = app.ids.new()
    item = app.cases.case(case).items[0]
    url = f"https://forum.{HOST}/thread/7?page=2"
    _add(app, case, Located(fresh, item.id, url))
    app.takedowns.put(Location(fresh, case, item.id, item.sha256, url, now))
    return Filled(case, place, fresh, _unclear(app, case, now - timedelta(days=2)))


def _unclear(app: App, case: str, begun: datetime) -> str:
    """A URL at which the file was, and now is a page. Its id."""
    item, name = app.cases.case(case).items[0], app.ids.new()
    url = f"https://gallery.{HOST}/view/31"
    hours = timedelta(hours=1)
    found = contacts(url, begun)
    notice = Notice(app.ids.new(), name, found.contacts[0], Form.XARF, "en", NoticeState.SILENT, begun + hours,
                    begun + hours, begun + 25 * hours, basis="plan", sha256="d" * 64)  # fmt: skip
    looks = (
        Look(begun + hours, Place.PRESENT, 200, item.sha256, "exact"),
        Look(begun + 9 * hours, Place.UNCLEAR, 200),
    )
    location = Location(
        name, case, item.id, item.sha256, url, begun, Place.UNCLEAR, found, (notice,), looks, looks[-1].at,
        app.clock.now() + 30 * hours, begun=begun,
    )  # fmt: skip
    system = Actor(ActorKind.SYSTEM)
    _add(app, case, Located(name, item.id, url), TakedownBegun(name))
    _add(app, case, *(PlaceChanged(name, look.place, look.kind, look.status) for look in looks), by=system)
    app.takedowns.put(location)
    return name


def _add(app: App, case: str, *bodies: Body, by: Actor = LENA.actor) -> None:
    app.cases.append([Draft(case, by, body, TOOL) for body in bodies])


def contacts(url: str, at: datetime) -> Contacts:
    """Who can act, as a directory would say."""
    site = Contact(Scope.SITE, "Example Pictures", f"abuse@{HOST}", how="security.txt", country="NL")
    host = Contact(Scope.HOST, "Example Hosting B.V.", "abuse@hosting.example", how="rdap", country="NL")
    registrar = Contact(Scope.REGISTRAR, "Example Registrar Inc.", "abuse@registrar.example", how="rdap", country="US")
    found = (
        replace(site, source=f"https://{HOST}/.well-known/security.txt"),
        replace(host, source="https://rdap.example/ip/192.0.2.7", network="192.0.2.0/24"),
        replace(registrar, source=f"https://rdap.example/domain/{HOST}"),
    )
    return Contacts(url, at, found, ("192.0.2.7",), ("the network's upstream could not be asked",))


def history(app: App, case: str, begun: datetime) -> str:
    """A URL that was there, was told to the site and to the host, went, and came back altered. Its id."""
    item = app.cases.case(case).items[0]
    name, url = app.ids.new(), f"https://img.{HOST}/a/0f3c.jpg"
    found = contacts(url, begun)
    hours = timedelta(hours=1)
    first, second = app.ids.new(), app.ids.new()
    notices = (
        Notice(first, name, found.contacts[0], Form.XARF, "en", NoticeState.SILENT, begun + hours, begun + hours,
               begun + 25 * hours, basis="plan", sha256="a" * 64),
        Notice(second, name, found.contacts[1], Form.DSA, "en", NoticeState.REMOVED, begun + 26 * hours,
               begun + 26 * hours, begun + 50 * hours, begun + 31 * hours, basis="plan", sha256="b" * 64),
    )  # fmt: skip
    looks = (
        Look(begun + hours, Place.PRESENT, 200, item.sha256, "exact"),
        Look(begun + 33 * hours, Place.GONE, 404),
        Look(begun + 105 * hours, Place.ALTERED, 200, "c" * 64, "derivative"),
    )
    location = Location(
        name, case, item.id, item.sha256, url, begun, Place.ALTERED, found, notices, looks, looks[-1].at,
        app.clock.now() + 3 * hours, None, 1, begun=begun, past=(begun + 33 * hours,),
    )  # fmt: skip
    answered = NoticeAnswered(second, name, NoticeState.REMOVED, "ticket 4711")
    _add(app, case, Located(name, item.id, url), TakedownBegun(name), answered)
    system = Actor(ActorKind.SYSTEM)
    _add(app, case, *(PlaceChanged(name, look.place, look.kind, look.status) for look in looks), by=system)
    app.takedowns.put(location)
    return name


def overturn(case: str, finding: Finding = NO_ABUSE) -> None:
    """An appeal, and two people who decide anew."""
    app = the_app()
    appeal = app.ids.new()

    def say(who: Actor, *bodies: Body) -> None:
        app.cases.append([Draft(case, who, body, TOOL) for body in bodies])

    say(LENA.actor, AppealOpened(appeal, "look again"), Proposed(Grave.OVERTURN, "why", finding))
    number = app.cases.case(case).proposals[-1].number
    say(OTTO, Approved(number), AppealDecided(appeal, upheld=False))
