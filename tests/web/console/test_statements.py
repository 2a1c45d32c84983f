"""Statements on the page of a case: their words, and who notes that they were passed on."""

import re
from collections.abc import Callable
from dataclasses import replace
from html import unescape

import pytest
from django.test import Client

from safelight.app import App
from safelight.model.access import Actor, ActorKind, Role
from safelight.model.case import StatementTold
from safelight.web.accounts.models import User
from safelight.web.console import statement_pages
from tests.web.closing.operator import operated
from tests.web.conftest import MakeUser
from tests.web.console.closing_material import LENA, fill_closing
from tests.web.console.material import fill

pytestmark = pytest.mark.usefixtures("db")

ClientOf = Callable[[User], Client]


@pytest.fixture
def app(db: None, monkeypatch: pytest.MonkeyPatch) -> App:
    return operated(monkeypatch, jurisdictions=("eu", "us"), organisation="Example", contact="safety@provider.example")


@pytest.fixture
def case(app: App) -> str:
    """A case on its way, with a statement to the one uploader."""
    fill(app)
    case = fill_closing(app, account="upload\u202e-17").case
    [item] = app.cases.case(case).items
    app.statements.make(None, case, item.id)
    return case


def card(client: Client, case: str) -> str:
    """The part of the page that is about statements; empty for none."""
    page = client.get(f"/cases/{case}").content.decode()
    found = re.search(r'<section[^>]*id="statements".*?</section>', page, re.DOTALL)
    return unescape(found[0]) if found else ""


def test_words_and_state_are_shown_and_a_person_notes_that_it_was_passed_on(
    app: App, case: str, user: MakeUser, client_of: ClientOf
) -> None:
    sami = client_of(user(Role.SENIOR))
    [made] = app.statements.of_case(case)
    before = card(sami, case)
    assert made.text.strip() in before
    assert "Not passed on yet" in before
    assert "U+202E" in before, "an account's name hides nothing"
    path = f"/cases/{case}/statements/{made.id}/told"
    assert sami.get(path).status_code == 405
    assert "Noted: the uploader was told" in sami.post(path, follow=True).content.decode()
    after = card(sami, case)
    assert "by you" in after
    assert "Not passed on yet" not in after
    assert path not in after
    assert app.statements.of_case(case)[0].told is not None
    history = sami.get(f"/cases/{case}").content.decode()
    assert "noted that the uploader was told" in history
    assert "This was not done" in sami.post(f"/cases/{case}/statements/made-up/told", follow=True).content.decode()


@pytest.mark.parametrize(("role", "sees", "notes"), [(Role.REVIEWER, False, False), (Role.AUDITOR, True, False)])
def test_who_may_not_read_reports_sees_none_and_who_may_not_prepare_them_notes_nothing(
    app: App, case: str, user: MakeUser, client_of: ClientOf, *, role: Role, sees: bool, notes: bool
) -> None:
    client = client_of(user(role))
    [made] = app.statements.of_case(case)
    path = f"/cases/{case}/statements/{made.id}/told"
    found = card(client, case)
    assert (bool(found), path in found) == (sees, notes)
    assert client.post(path).status_code == 403
    assert app.statements.of_case(case)[0].told is None


def test_those_that_wait_come_first_and_what_a_program_said_is_told(
    app: App, case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    [made] = app.statements.of_case(case)
    other = replace(made, id="other", told=made.at, told_by=Actor(ActorKind.KEY, "7"))
    flow = type("Flow", (), {"of_case": lambda _self, _case: (other, replace(other, id="later"), made)})()
    monkeypatch.setitem(vars(app), "statements", flow)
    lines, more = statement_pages.statement_lines(LENA, app.cases.case(case))
    assert (lines[0].one.id, more) == (made.id, 0)
    assert [line.by for line in lines] == ["", "program 7", "program 7"]
    monkeypatch.setattr(statement_pages, "ITEMS", 2)
    assert statement_pages.statement_lines(LENA, app.cases.case(case))[1] == 1
    assert not [one for one in app.cases.events(case) if isinstance(one.event.body, StatementTold)]
