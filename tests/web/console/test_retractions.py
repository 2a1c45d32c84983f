"""Taking back what was sent, on the page of a URL: who may, that it was read, and what people do by hand."""

import html
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import pytest
from django.test import Client
from django.urls import reverse

from safelight.model.access import Role
from safelight.model.case import (
    NoticeRetracted,
    RetractionConfirmed,
    RetractionEnded,
)
from safelight.model.takedown import AlarmKind, RetractionState
from safelight.ports import Letter
from safelight.web.accounts.models import User
from safelight.web.closing.jobs import retract_all
from safelight.web.container import the_app
from safelight.web.jobs.models import Job
from tests.web.conftest import MakeUser, sign_in
from tests.web.console.closing_material import FOUND, Filled, fill_closing, overturn
from tests.web.console.material import fill

pytestmark = pytest.mark.usefixtures("db")

ClientOf = Callable[[User], Client]
MADE = ("takedown", "retractions", "mailer", "reporter", "settle")


@dataclass
class Post:
    """A mailbox that is a list."""

    letters: list[Letter] = field(default_factory=list)

    def send(self, letter: Letter) -> bytes:
        self.letters.append(letter)
        return letter.text.encode()


@pytest.fixture
def post() -> Post:
    return Post()


@pytest.fixture
def filled(db: None, post: Post, monkeypatch: pytest.MonkeyPatch) -> Iterator[Filled]:
    """A URL that the site and the host were told of, in a service with mail."""
    app = the_app()
    told = replace(
        app.settings.service.closing,
        jurisdictions=("us",),
        organisation="Example Provider",
        contact="safety@provider.example",
    )
    monkeypatch.setattr(app, "settings", replace(app.settings, service=replace(app.settings.service, closing=told)))
    kept = {name: value for name, value in vars(app).items() if name in MADE}
    for name in MADE:
        vars(app).pop(name, None)
    vars(app)["mailer"] = post
    fill(app)
    yield fill_closing(app)
    for name in MADE:
        vars(app).pop(name, None)
    vars(app).update(kept)


@pytest.fixture
def sami(user: MakeUser, client_of: ClientOf) -> Client:
    return client_of(user(Role.SENIOR))


def bodies(case: str, kind: type) -> list[object]:
    return [one.event.body for one in the_app().cases.events(case) if isinstance(one.event.body, kind)]


def told(client: Client, path: str, **form: str) -> str:
    return client.post(path, form, follow=True).content.decode()


def page(client: Client, path: str) -> str:
    return html.unescape(client.get(path).content.decode())


def digest_on(client: Client, path: str) -> str:
    found = re.search(r'take-back".*?name="digest" value="([0-9a-f]{64})"', page(client, path), re.DOTALL)
    assert found is not None
    return found[1]


def test_it_is_read_confirmed_and_sent(filled: Filled, sami: Client, post: Post) -> None:
    path = f"/takedowns/{filled.place}"
    assert "Take back what was sent" not in page(sami, path)
    assert path not in page(sami, "/takedowns?work=to take back")
    overturn(filled.case)
    found = page(sami, path)
    assert "Take back what was sent" in found
    assert "abuse@pictures.example" in found
    assert "Withdrawal of our notice" in found
    assert "hxxps://img[.]pictures[.]example" in found
    assert "https://img.pictures" not in found
    tracker = page(sami, "/takedowns?work=to take back")
    assert "to be taken back: it is no abuse" in tracker
    assert path in tracker
    assert filled.fresh not in tracker  # nobody was told of that
    assert "Hosts were told of what is no abuse" in page(sami, "/takedowns/hosts")
    assert path in page(sami, "/takedowns/hosts")
    assert "img[.]pictures" not in page(sami, "/takedowns/hosts")  # nobody is ranked by it
    assert "Read what will be sent" in told(sami, f"{path}/take-back")
    for digest in ("", "0" * 64):
        assert "This has changed meanwhile" in told(sami, f"{path}/take-back", read="on", digest=digest)
    assert bodies(filled.case, RetractionConfirmed) == []
    assert "Confirmed." in told(sami, f"{path}/take-back", read="on", digest=digest_on(sami, path))
    location = the_app().takedowns.get(filled.place)
    assert bodies(filled.case, RetractionConfirmed) == [
        RetractionConfirmed(
            filled.place,
            tuple(one.id for one in location.notices),
            tuple(one.contact.email for one in location.notices),
        )
    ]
    assert Job.objects.filter(kind="takedown.retract", subject=filled.place).exists()
    Job.objects.all().delete()
    retract_all("")
    assert Job.objects.filter(kind="takedown.retract", subject=filled.place).count() == 1
    the_app().retractions.advance(filled.place)
    assert [one.to for one in post.letters] == ["abuse@pictures.example", "abuse@hosting.example"]
    assert all(location.url in one.text for one in post.letters)
    assert len(bodies(filled.case, NoticeRetracted)) == 2
    found = page(sami, path)
    assert "Take back what was sent" not in found
    assert found.count("taken back</b>") == 2
    assert "Taken back: the host was told that it is no abuse" in found
    assert "Taking back was confirmed by" in found
    assert path not in page(sami, "/takedowns?work=to take back")
    left = [one for one in the_app().takedown.overdue() if one.location == filled.place]
    assert AlarmKind.RETRACT not in {one.kind for one in left}


def test_whoever_has_no_mail_is_told_by_a_person(filled: Filled, sami: Client) -> None:
    vars(the_app())["mailer"] = None
    vars(the_app()).pop("retractions", None)
    path = f"/takedowns/{filled.place}"
    overturn(filled.case)
    told(sami, f"{path}/take-back", read="on", digest=digest_on(sami, path))
    first, second = the_app().takedowns.get(filled.place).retractions
    letter = sami.post(f"{path}/take-back/letter", {"retraction": first.id})
    assert "attachment" in letter["Content-Disposition"]
    assert the_app().takedowns.get(filled.place).url in letter.content.decode()
    assert "This waits for nobody" in told(sami, f"{path}/take-back/letter", retraction="another")
    assert "you told them" in told(sami, f"{path}/take-back/sent", retraction=first.id)
    assert "This waits for nobody" in told(sami, f"{path}/take-back/sent", retraction=first.id)
    assert "Say why" in told(sami, f"{path}/take-back/give-up", retraction=second.id, reason=" ")
    assert "Nobody tries any more" in told(sami, f"{path}/take-back/give-up", retraction=second.id, reason="no more")
    assert len(bodies(filled.case, NoticeRetracted)) == len(bodies(filled.case, RetractionEnded)) == 1
    states = [one.state for one in the_app().takedowns.get(filled.place).retractions]
    assert states == [RetractionState.SENT, RetractionState.GIVEN_UP]
    assert "no more" in page(sami, path)


def test_what_is_abuse_again_is_left_as_it_is(filled: Filled, sami: Client, post: Post) -> None:
    path = f"/takedowns/{filled.place}"
    overturn(filled.case)
    read = digest_on(sami, path)
    overturn(filled.case, FOUND)
    assert "This has changed meanwhile" in told(sami, f"{path}/take-back", read="on", digest=read)
    assert post.letters == []


@pytest.mark.parametrize("role", list(Role))
def test_who_may(role: Role, filled: Filled, user: MakeUser, client_of: ClientOf) -> None:
    overturn(filled.case)
    client, path = client_of(user(role)), f"/takedowns/{filled.place}"
    runs = role in {Role.SENIOR, Role.LEAD}
    for act in ("take-back", "take-back/letter", "take-back/sent", "take-back/give-up"):
        assert client.post(f"{path}/{act}").status_code == (302 if runs else 403), act
        assert client.get(f"{path}/{act}").status_code == (405 if runs else 403), act
    if role is Role.AUDITOR:
        found = page(client, path)
        assert "Take back what was sent" in found
        assert "Withdrawal of our notice" not in found


def test_whoever_left_a_session_open_takes_nothing_back(filled: Filled, user: MakeUser) -> None:
    overturn(filled.case)
    client = Client()
    sign_in(client, user(Role.LEAD), seconds_ago=5 * 3600)
    for act in ("take-back", "take-back/sent", "take-back/give-up"):
        answer = client.post(f"/takedowns/{filled.place}/{act}", {"read": "on"}, headers={"Accept": "text/html"})
        assert (answer.status_code, answer["Location"].partition("?")[0]) == (302, reverse("mfa_reauthenticate")), act
    assert the_app().takedowns.get(filled.place).retractions == ()
