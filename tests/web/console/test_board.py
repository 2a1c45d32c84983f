"""The deadline board with many cases, and where else one sees that something is overdue."""

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse

from safelight.app import App
from safelight.model.access import SYSTEM, Role
from safelight.model.case import TOOL, Draft, DutyArose, DutyMet, ItemAdded, Opened
from safelight.model.decision import Outcome
from safelight.model.filing import Body
from safelight.model.law import Duty, DutyKind
from safelight.web.accounts.models import User
from safelight.web.closing import jobs
from safelight.web.console import board as boards
from safelight.web.console.board import board
from tests.web.closing.operator import operated
from tests.web.conftest import MakeUser
from tests.web.console.closing_material import LENA, Filled, fill_closing
from tests.web.console.material import fill

pytestmark = pytest.mark.usefixtures("db")

ClientOf = Callable[[User], Client]


@pytest.fixture
def app(db: None, monkeypatch: pytest.MonkeyPatch) -> App:
    return operated(monkeypatch, jurisdictions=("eu", "us"), organisation="Example", contact="safety@provider.example")


def owe(app: App, case: str, *owed: tuple[DutyKind, float | None]) -> None:
    """A case with duties that are due in so many hours; None: without a time."""
    now = app.clock.now()
    bodies: list[Opened | DutyArose] = [Opened("why")]
    for number, (kind, hours) in enumerate(owed):
        due = None if hours is None else now + timedelta(hours=hours)
        known = ("us", "us.rule", kind, f"{kind} {hours}", "somebody", now, due, "soon", "basis", "url", "")
        bodies.append(DutyArose(Duty(f"{case}-{number}", *known, drives=True)))
    app.cases.append([Draft(case, SYSTEM, body, TOOL) for body in bodies])


def numbers(client: Client, path: str = "/cases", link: str = "/deadlines") -> str:
    """What the navigation says at a link, to who hears it."""
    page = client.get(path).content.decode()
    found = re.search(rf'<a href="{link}"[^>]*>(.*?)</a>', page, re.DOTALL)
    return re.sub(r'<span aria-hidden="true">.</span> |<[^>]+>', "", found[1]).strip() if found else ""


def test_a_case_is_one_row_of_an_urgency_and_groups_come_by_urgency(app: App) -> None:
    owe(app, "late", (DutyKind.REPORT, -3), (DutyKind.REMOVE, -1), (DutyKind.INFORM, None))
    owe(app, "soon", (DutyKind.REPORT, 3), (DutyKind.REMOVE, 40), (DutyKind.PRESERVE, 900))
    shown = {one.key: one for one in board(app.clock.now())}
    assert list(shown) == ["overdue", "soon", "later", "words", "keep"]
    (late,) = shown["overdue"].rows
    assert (late.first.case, late.first.title) == ("late", "report -3")
    assert [one.title for one in late.more] == ["remove -1"]
    assert [row.first.title for row in shown["later"].rows] == ["remove 40"]
    assert [one.count for one in shown.values()] == [1, 1, 1, 1, 1]
    only = board(app.clock.now(), kind="remove")
    assert [(one.key, row.first.title) for one in only for row in one.rows] == [
        ("overdue", "remove -1"),
        ("later", "remove 40"),
    ]


def test_every_case_is_on_one_page_of_its_group(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(boards, "PAGE", 3)
    monkeypatch.setattr(boards, "FIRST", 2)
    for number in range(8):
        owe(app, f"case-{number}", (DutyKind.REPORT, 30 + number))
    (first,) = board(app.clock.now())
    assert (first.count, len(first.rows)) == (8, 2)
    pages = [board(app.clock.now(), group="later", page=page)[0] for page in (1, 2, 3)]
    assert [row.first.case for one in pages for row in one.rows] == [f"case-{number}" for number in range(8)]
    assert [(one.page, one.last) for one in pages] == [(1, 3), (2, 3), (3, 3)]
    assert board(app.clock.now(), group="later", page=9)[0] == pages[2]


@pytest.mark.parametrize("page", ["0", "-1", "x", "9" * 40, "²"])
def test_a_page_that_is_no_number_is_the_first_or_the_last(
    app: App, user: MakeUser, client_of: ClientOf, page: str
) -> None:
    owe(app, "case-1", (DutyKind.REPORT, 30))
    lena = client_of(user(Role.LEAD))
    found = lena.get("/deadlines", {"group": "later", "page": page}).content.decode()
    assert "report 30" in found
    assert "report 30" in lena.get("/deadlines?group=nothing").content.decode()


def test_the_pages_of_a_group_lead_to_each_other_and_keep_the_filter(
    app: App, user: MakeUser, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(boards, "PAGE", 2)
    monkeypatch.setattr(boards, "FIRST", 1)
    for number in range(3):
        owe(app, f"case-{number}", (DutyKind.REPORT, 30 + number), (DutyKind.PRESERVE, 900))
    lena = client_of(user(Role.LEAD))
    whole = unescape(lena.get("/deadlines?kind=report").content.decode())
    assert "?jurisdiction=&kind=report&group=later" in whole
    found = unescape(lena.get("/deadlines?kind=report&group=later&page=2").content.decode())
    assert "?jurisdiction=&kind=report&group=later&page=1" in found
    assert "report 32" in found
    assert "report 30" not in found
    assert "preserve 900" not in lena.get("/deadlines").content.decode(), "folded away"
    kept = lena.get("/deadlines?group=keep").content.decode()
    assert "preserve 900" in kept
    assert '<input type="hidden" name="group" value="keep">' in kept
    assert "No open duty of this kind" in lena.get("/deadlines?group=overdue").content.decode()


def test_a_row_says_what_is_under_way(app: App) -> None:
    fill(app)
    case: Filled = fill_closing(app)
    owe(app, "undecided", (DutyKind.REPORT, -3))
    joined = ItemAdded("i1", "a" * 64, 5, "image/png", "items", Outcome.NEAR, "why")
    app.cases.append([Draft("undecided", SYSTEM, joined, TOOL)])
    app.reports.draft(LENA, case.case, Body.POLICE)
    going = {row.first.case: row.going for one in board(app.clock.now(), kind="report") for row in one.rows}
    assert going["undecided"] == ("waits for a decision on 1 item",)
    assert any(words.startswith("report to") and "draft" in words for words in going[case.case])
    removing = [row.going for one in board(app.clock.now(), kind="remove") for row in one.rows]
    assert ("takedown of 2 URLs, 0 gone",) in removing


def test_the_navigation_counts_what_presses_for_who_may_see_it(app: App, user: MakeUser, client_of: ClientOf) -> None:
    lena, auditor, reviewer = (client_of(user(role)) for role in (Role.LEAD, Role.AUDITOR, Role.REVIEWER))
    assert numbers(lena) == "Deadlines"
    owe(app, "kept", (DutyKind.PRESERVE, -1))
    owe(app, "later", (DutyKind.REPORT, 30), (DutyKind.INFORM, None))
    assert numbers(lena) == "Deadlines"
    owe(app, "soon", (DutyKind.REPORT, 3))
    assert numbers(lena) == "Deadlines 1 case due within 1 day"
    owe(app, "late-1", (DutyKind.REPORT, -3), (DutyKind.REMOVE, -2))
    owe(app, "late-2", (DutyKind.REMOVE, -2))
    assert numbers(lena) == numbers(auditor) == "Deadlines 2 cases overdue 1 more case due within 1 day"
    assert numbers(reviewer, "/queue") == ""
    app.cases.append([Draft("late-2", LENA.actor, DutyMet("late-2-0", "by mail"), TOOL)])
    assert numbers(lena) == "Deadlines 1 case overdue 1 more case due within 1 day"


def test_what_presses_stands_at_the_head_of_a_case_and_of_its_urls(
    app: App, user: MakeUser, client_of: ClientOf
) -> None:
    fill(app)
    case = fill_closing(app)
    lena, reviewer = client_of(user(Role.LEAD)), client_of(user(Role.REVIEWER))
    head = lena.get(f"/cases/{case.case}").content.decode().partition('</header>\n<div class="desk">')[0]
    assert re.search(r'<a href="#law">Remove within 48 hours of a valid request</a>: overdue by 12 h', head)
    assert "overdue" not in reviewer.get(f"/cases/{case.case}").content.decode()
    url = lena.get(f"/takedowns/{case.place}").content.decode()
    due = r"Remove within 48 hours of a valid request, by <time[^>]*>[^<]*UTC</time> \(overdue by 12 h\)"
    assert re.search(due, url)


def test_alarms_stand_on_the_first_page_of_the_tracker(app: App, user: MakeUser, client_of: ClientOf) -> None:
    lena = client_of(user(Role.LEAD))
    assert "What waits for people" not in lena.get("/takedowns").content.decode()
    fill(app)
    case = fill_closing(app)
    page = lena.get("/takedowns").content.decode()
    assert "What waits for people" in page
    assert f'href="/takedowns/{case.unclear}">URL' in page
    assert "What waits for people" in lena.get(reverse("console:hosts")).content.decode()


def test_the_navigation_counts_what_of_takedowns_waits_for_people(
    app: App, user: MakeUser, client_of: ClientOf
) -> None:
    lena, reviewer = client_of(user(Role.LEAD)), client_of(user(Role.REVIEWER))
    fill(app)
    fill_closing(app)
    assert numbers(lena, link="/takedowns") == "Takedowns"
    jobs.count_alarms("")
    waiting = len(app.takedown.overdue())
    assert waiting > 1
    assert numbers(lena, link="/takedowns") == f"Takedowns {waiting} that wait for people"
    assert numbers(reviewer, "/queue", "/takedowns") == ""
    owe(app, "late", (DutyKind.REMOVE, -3))
    assert numbers(lena, "/takedowns", "/takedowns").startswith(f"Takedowns {waiting + 1} "), "as the page says it"
    assert numbers(lena, link="/takedowns").startswith(f"Takedowns {waiting + 1} ")


def test_many_alarms_of_a_kind_are_folded(app: App, user: MakeUser, client_of: ClientOf) -> None:
    for number in range(7):
        owe(app, f"case-{number}", (DutyKind.REMOVE, -20 + number))
    owe(app, "soon", (DutyKind.REMOVE, 2))
    page = client_of(user(Role.LEAD)).get("/takedowns").content.decode()
    card = page.partition('id="alarms"')[2].partition("</section>")[0]
    shown, _, others = card.partition("<summary>and 4 more")
    folded, _, after = others.partition("</details>")
    assert (shown.count("case case-"), folded.count("case case-"), after.count("case soon")) == (3, 4, 1)
