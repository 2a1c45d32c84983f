"""Reports on a case that is open again for variants of what is known: what its page offers, and why not more."""

import re
from collections.abc import Callable
from html import unescape

import pytest
from django.test import Client

from safelight.app import App
from safelight.model.access import Role
from safelight.model.case import CaseState
from safelight.web.accounts.models import User
from safelight.web.console.closing_pages import closing_of
from tests.web.closing.operator import operated
from tests.web.conftest import MakeUser
from tests.web.console.closing_material import LENA
from tests.web.console.material import Filled, fill

pytestmark = pytest.mark.usefixtures("db")

ClientOf = Callable[[User], Client]


@pytest.fixture
def app(db: None, monkeypatch: pytest.MonkeyPatch) -> App:
    return operated(monkeypatch, jurisdictions=("us",), organisation="Example", contact="safety@provider.example")


@pytest.fixture
def filled(app: App) -> Filled:
    return fill(app)


def law(client: Client, case: str) -> str:
    """What the page of a case says of law and reports, in words alone."""
    page = client.get(f"/cases/{case}").content.decode()
    part = page[page.index('id="law"') : page.index("<h3>Places</h3>")]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", part)).split())


def test_what_policy_confirmed_is_reported_while_variants_of_it_wait(
    app: App, filled: Filled, user: MakeUser, client_of: ClientOf
) -> None:
    case, lena = app.cases.case(filled.family), client_of(user(Role.LEAD))
    assert case.state is CaseState.OPEN
    shown = closing_of(LENA, case)
    assert (shown.confirmed, shown.known, shown.waits) == (False, 1, 3)
    said = law(lena, case.id)
    assert "The case waits for a decision on 3 items. A report covers the 1 other, of which abuse is confirmed." in said
    assert "Prepare a report" in said
    page = lena.post(f"/cases/{case.id}/reports", {"body": "police"}, follow=True).content.decode()
    [made] = app.filings.of_case(case.id)
    assert [one.item for one in made.items] == [case.items[0].id]
    assert "nobody has confirmed" not in page
    assert "<dd>confirmed" in page or "confirmed, " in page


def test_before_anything_is_confirmed_the_page_says_what_it_waits_for_and_leads_there(
    app: App, filled: Filled, user: MakeUser, client_of: ClientOf
) -> None:
    del app
    lena, auditor = client_of(user(Role.LEAD)), client_of(user(Role.AUDITOR))
    for client in (lena, auditor):
        said = law(client, filled.other)
        assert "The case waits for a decision on 1 item. Before that, nothing can be reported." in said
        assert "Prepare a report" not in said
    assert "Decide on this case" in law(lena, filled.other)
    assert "Decide on this case" not in law(auditor, filled.other)
    lena.post(f"/cases/{filled.other}/claim")
    page = lena.get(f"/cases/{filled.other}").content.decode()
    assert '<a href="#decision">Decide</a>' in page
    assert 'id="decision"' in page
    assert "waits for a decision on 1 item" in (
        lena.post(f"/cases/{filled.other}/reports", {"body": "police"}, follow=True).content.decode()
    )


def test_a_decided_case_waits_for_nothing(filled: Filled, user: MakeUser, client_of: ClientOf) -> None:
    said = law(client_of(user(Role.LEAD)), filled.known)
    assert "waits for a decision" not in said
    assert "Prepare a report" in said
