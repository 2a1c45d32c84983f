"""The console's pages through Django's test client: what each role reaches, and what the acts leave in the log."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
from django.test import Client

from safelight.flow.wellness import SHORTEST
from safelight.model.access import SYSTEM, Role
from safelight.model.case import SERVICE_CASE, Case, CaseState, Draft, Hidden, ItemExported, Revealed, ServiceEvent
from safelight.model.errors import NotNowError
from safelight.web.accounts.models import User
from safelight.web.console import media, wiring
from safelight.web.console.models import KnownAnswer, Look, SecondDecision
from safelight.web.console.wiring import limits
from safelight.web.container import the_app
from tests.web.conftest import MakeUser, sign_in
from tests.web.console.material import Filled, fill

pytestmark = pytest.mark.usefixtures("db")

PAGES = {
    "/queue": {Role.REVIEWER, Role.SENIOR, Role.LEAD},
    "/second": {Role.SENIOR, Role.LEAD},
    "/appeals": {Role.SENIOR, Role.LEAD},
    "/cases": {Role.REVIEWER, Role.SENIOR, Role.LEAD, Role.AUDITOR},
    "/quality": {Role.SENIOR, Role.LEAD},
    "/log": {Role.LEAD, Role.AUDITOR, Role.ADMIN},
    "/my-day": {Role.REVIEWER, Role.SENIOR, Role.LEAD},
    "/wellness": {Role.LEAD, Role.AUDITOR},
    "/keys": {Role.REVIEWER, Role.SENIOR, Role.LEAD},
}

ClientOf = Callable[[User], Client]


@pytest.fixture
def filled(db: None) -> Filled:
    return fill(the_app())


@pytest.fixture
def rosa(user: MakeUser, client_of: ClientOf) -> Client:
    return client_of(user(Role.REVIEWER))


@pytest.fixture
def pictures() -> Iterator[object]:
    """Decoding in confinement is tested in the browser; here a picture is what it is said to be."""
    drawn = np.zeros((480, 640, 3), np.uint8)
    drawn[:, 320:] = 200
    with patch.object(media, "picture", lambda _blob, **_side: drawn) as decoder:
        yield decoder


def case(number: str) -> Case:
    return the_app().cases.case(number)


def bodies(number: str, kind: type) -> list[object]:
    return [one.event.body for one in the_app().cases.events(number) if isinstance(one.event.body, kind)]


def derivative(number: str) -> str:
    return next(item.id for item in case(number).items if item.outcome == "derivative")


@pytest.mark.parametrize("role", list(Role))
def test_each_role_reaches_its_pages_and_no_others(
    role: Role, filled: Filled, user: MakeUser, client_of: ClientOf
) -> None:
    client = client_of(user(role))
    for path, roles in PAGES.items():
        answer = client.get(path)
        assert answer.status_code == (200 if role in roles else 403), path
        assert answer["Cache-Control"] == "no-store"
    assert client.get("/", follow=True).status_code == 200


def test_nobody_is_sent_to_sign_in() -> None:
    for path in (*PAGES, "/", "/cases/x", "/cases/x/items/y/covered/item"):
        assert Client().get(path)["Location"].startswith("/accounts/login/"), path


def test_an_auditor_reads_the_log_of_a_case_and_no_media(filled: Filled, user: MakeUser, client_of: ClientOf) -> None:
    client = client_of(user(Role.AUDITOR))
    page = client.get(f"/cases/{filled.family}").content.decode()
    assert "opened the case" in page
    assert "covered/" not in page
    assert "drawn-3" not in page.partition("History")[0].partition("<h1>")[2].partition('class="desk"')[2]
    item = derivative(filled.family)
    assert client.get(f"/cases/{filled.family}/items/{item}/covered/item").status_code == 403
    assert client.post(f"/cases/{filled.family}/items/{item}/reveal").status_code == 403


def test_a_look_is_logged_before_its_pixels_and_counted_here(filled: Filled, rosa: Client, pictures: object) -> None:
    number, item = filled.family, derivative(filled.family)
    path = f"/cases/{number}/items/{item}/reveal"
    wish = {"reason": "because", "region": "[0.5, 0, 1, 1]", "blur": "0", "what": "item"}
    assert rosa.post(path, wish).status_code == 409  # not claimed
    rosa.post(f"/cases/{number}/claim")

    def picture(_blob: str, side: int = 0) -> object:
        assert len(bodies(number, Revealed)) == 1  # it is there by now
        return np.full((480, 640, 3), 77, np.uint8)

    with patch.object(media, "picture", picture):
        answer = rosa.post(path, wish)
    assert answer.status_code == 200
    assert answer["Content-Type"] == "image/jpeg"
    assert "no-store" in answer["Cache-Control"]
    assert bodies(number, Revealed)[0].region == (0.5, 0.0, 1.0, 1.0)  # type: ignore[attr-defined] # it is one
    assert rosa.post("/looks/end", {"look": answer["X-Look"]}).status_code == 204
    assert len(bodies(number, Hidden)) == 1
    assert Look.objects.get().seconds is not None
    assert Client().post("/looks/end", {"look": answer["X-Look"]}).status_code == 302


def test_what_cannot_be_decoded_was_no_long_look(filled: Filled, rosa: Client) -> None:
    number, item = filled.family, derivative(filled.family)
    rosa.post(f"/cases/{number}/claim")

    def picture(_blob: str, side: int = 0) -> object:
        raise NotNowError(cause="nothing in it could be decoded")

    with patch.object(media, "picture", picture):
        answer = rosa.post(f"/cases/{number}/items/{item}/reveal", {"reason": "because"})
    assert (answer.status_code, answer.content) == (409, b"nothing in it could be decoded")
    assert len(bodies(number, Hidden)) == 1


@pytest.mark.parametrize(
    "wrong", [{"region": "[1,0,0,1]"}, {"region": "x"}, {"region": "[0,0,1]"}, {"time": "nan"}, {"time": "-1"}]
)
def test_a_wish_that_is_none_shows_nothing(
    wrong: dict[str, str], filled: Filled, rosa: Client, pictures: object
) -> None:
    rosa.post(f"/cases/{filled.family}/claim")
    path = f"/cases/{filled.family}/items/{derivative(filled.family)}/reveal"
    assert rosa.post(path, {"reason": "because"} | wrong).status_code == 403
    assert bodies(filled.family, Revealed) == []


def test_a_look_wants_the_second_factor_of_now(filled: Filled, user: MakeUser) -> None:
    client = Client()
    sign_in(client, user(Role.REVIEWER), seconds_ago=400)
    client.post(f"/cases/{filled.family}/claim")
    path = f"/cases/{filled.family}/items/{derivative(filled.family)}/reveal"
    answer = client.post(path, {"reason": "because"}, headers={"Accept": "image/jpeg"})
    assert answer.status_code == 401
    assert "reauthenticate" in answer["HX-Redirect"]
    assert bodies(filled.family, Revealed) == []
    assert "Confirm that it is you" in client.get(f"/cases/{filled.family}").content.decode()


def test_known_items_are_not_even_covered(filled: Filled, rosa: Client, pictures: object) -> None:
    item = case(filled.known).items[0].id
    assert rosa.get(f"/cases/{filled.known}/items/{item}/covered/item").status_code == 409
    assert "Nobody has to see it again" in rosa.get(f"/cases/{filled.known}").content.decode()


def test_a_family_is_decided_at_once_and_twice(
    filled: Filled, rosa: Client, user: MakeUser, client_of: ClientOf
) -> None:
    number = filled.family
    rosa.post(f"/cases/{number}/claim")
    form = {"expect": str(case(number).length), "choice": "B2", "note": "n"}
    answer = rosa.post(f"/cases/{number}/decide", form, follow=True)
    assert "for all 4 items" in answer.content.decode()
    assert case(number).state is CaseState.PROPOSED
    sami = client_of(user(Role.SENIOR))
    sami.post(f"/cases/{number}/claim")
    page = sami.get(f"/cases/{number}").content.decode()
    path = re.search(r"/cases/[^\"]+/second/\d+", page)
    assert path is not None
    assert "confirmed, B2" not in page
    answer = sami.post(path[0], {"expect": str(case(number).length), "choice": "B2"}, follow=True)
    assert "you both found confirmed, B2" in answer.content.decode()
    assert case(number).state is CaseState.DECIDED
    assert SecondDecision.objects.get().first == "confirmed B2"


def test_how_it_was_made_is_asked_openly_and_never_chosen_beforehand(filled: Filled, rosa: Client) -> None:
    rosa.post(f"/cases/{filled.family}/claim")
    form = rosa.get(f"/cases/{filled.family}").content.decode().partition('class="decision"')[2].partition("</form>")[0]
    assert "<details" not in form
    assert re.findall(r'name="artificialness"><option value="(\w+)"', form) == ["unknown"]
    assert "selected" not in form
    assert re.findall(r'name="real_victim" value="(\w+)" checked', form) == ["unknown"]


OPEN = ("unknown", "unknown")


@pytest.mark.parametrize(
    ("first", "second", "made", "victim"),
    [
        (
            ("camera_original", "yes"),
            ("camera_original", "yes"),
            "Camera original, by two people",
            "Yes, by two people",
        ),
        (OPEN, OPEN, "Not known: both left it open", "Not known: both left it open"),
        (
            ("fully_synthetic", "unknown"),
            ("unknown", "no"),
            "Made wholly by AI, set by one of two; the second left it open",
            "No, set by one of two; the first left it open, so it counts as not known",
        ),
    ],
)
def test_how_it_was_made_is_told_after_the_decision_with_who_says_so(
    filled: Filled,
    rosa: Client,
    user: MakeUser,
    client_of: ClientOf,
    first: tuple[str, str],
    second: tuple[str, str],
    made: str,
    victim: str,
) -> None:
    path = f"/cases/{filled.near}"
    rosa.post(f"{path}/claim")
    form = {"choice": "B1", "artificialness": first[0], "real_victim": first[1]}
    rosa.post(f"{path}/decide", {"expect": str(case(filled.near).length), **form})
    sami = client_of(user(Role.SENIOR))
    assert "What people found besides" not in sami.get(path).content.decode()
    form = {"choice": "B1", "artificialness": second[0], "real_victim": second[1]}
    number = case(filled.near).proposals[0].number
    sami.post(f"{path}/second/{number}", {"expect": str(case(filled.near).length), **form})
    page = rosa.get(path).content.decode()
    assert f"<dt>How it was made</dt><dd>{made}</dd>" in page
    assert f"<dt>Is a real child a victim?</dt><dd>{victim}</dd>" in page


def test_one_who_decides_alone_says_alone_how_it_was_made(filled: Filled, rosa: Client) -> None:
    path = f"/cases/{filled.near}"
    rosa.post(f"{path}/claim")
    form = {"choice": "not_abuse", "artificialness": "hybrid", "expect": str(case(filled.near).length)}
    rosa.post(f"{path}/decide", form)
    assert "<dd>AI had a part, how large is not known, by one person</dd>" in rosa.get(path).content.decode()
    assert "What people found besides" not in rosa.get(f"/cases/{filled.known}").content.decode()  # closed unseen


def test_a_stale_page_is_told_kindly(filled: Filled, rosa: Client) -> None:
    rosa.post(f"/cases/{filled.near}/claim")
    answer = rosa.post(f"/cases/{filled.near}/decide", {"expect": "1", "choice": "not_abuse"}, follow=True)
    assert "Please look again, then decide." in answer.content.decode()
    assert case(filled.near).state is CaseState.OPEN
    answer = rosa.post(f"/cases/{filled.near}/decide", {"expect": "2"}, follow=True)
    assert "Choose what you found" in answer.content.decode()


def test_a_known_answer_is_facts_alone(filled: Filled, rosa: Client, user: MakeUser, client_of: ClientOf) -> None:
    lena = client_of(user(Role.LEAD))
    lena.post(f"/cases/{filled.known}/known-answer")
    made = KnownAnswer.objects.get()
    page = rosa.get(f"/quality/{made.pk}").content.decode()
    assert "bank says B2" in page
    assert "<img" not in page
    assert "<image" not in page
    answer = rosa.post(f"/quality/{made.pk}", {"choice": "not_abuse"}).content.decode()
    assert "You found not abuse" in answer
    rosa.post(f"/quality/{made.pk}", {"choice": "B2"})
    assert made.given.get().answer == "not_abuse none"  # the first one counts


def test_figures_of_few_people_are_shown_to_nobody(
    filled: Filled, rosa: Client, pictures: object, user: MakeUser, client_of: ClientOf
) -> None:
    rosa.post(f"/cases/{filled.family}/claim")
    rosa.post(f"/cases/{filled.family}/items/{derivative(filled.family)}/reveal", {"reason": "because"})
    assert '<dd class="figure">1</dd>' in rosa.get("/my-day").content.decode()
    assert "Fewer than 5 people" in client_of(user(Role.LEAD)).get("/wellness").content.decode()


def test_sums_over_enough_people_name_nobody(user: MakeUser, client_of: ClientOf) -> None:
    now = the_app().clock.now()
    for number in range(5):
        Look.objects.create(id=str(number), person=f"user:9{number}", case="c", item="i", started=now, seconds=12)
    page = client_of(user(Role.AUDITOR)).get("/wellness").content.decode()
    assert '<dd class="figure">1 min 00 s</dd>' in page
    assert "user:9" not in page


def test_who_answers_an_appeal_may_see_a_known_item(
    filled: Filled, rosa: Client, pictures: object, user: MakeUser, client_of: ClientOf
) -> None:
    number = filled.known
    path = f"/cases/{number}/items/{case(number).items[0].id}/covered/item"
    rosa.post(f"/cases/{number}/appeal", {"expect": str(case(number).length), "text": "not the same"})
    assert case(number).state is CaseState.APPEALED
    assert rosa.get(path).status_code == 409
    sami = client_of(user(Role.SENIOR))
    sami.post(f"/cases/{number}/claim")
    assert sami.get(path)["Content-Type"] == "image/png"
    assert "Hold to see all" in sami.get(f"/cases/{number}").content.decode()


def test_preferences_and_pause(filled: Filled, rosa: Client) -> None:
    rosa.post("/my-day/preferences", {"blur": "3", "sepia": "on"})
    rosa.post(f"/cases/{filled.family}/claim")
    page = rosa.get(f"/cases/{filled.family}").content.decode()
    assert 'name="blur" min="0" max="3" step="1" value="3"' in page
    assert "keys.js" not in page
    rosa.post("/my-day/pause")
    assert "You have paused" in rosa.get("/queue").content.decode()
    answer = rosa.post(f"/cases/{filled.family}/claim", follow=True)
    assert "You have paused. Go on whenever you like" in answer.content.decode()
    rosa.post("/my-day/pause", {"pause": "off"})
    rosa.post("/queue/next")
    assert "Yours" in rosa.get("/queue").content.decode()


def test_an_export_leaves_from_memory_and_is_logged(filled: Filled, user: MakeUser, client_of: ClientOf) -> None:
    lena = client_of(user(Role.LEAD))
    lena.post(f"/cases/{filled.near}/claim")
    answer = lena.post(f"/cases/{filled.near}/export", {"reason": "an order", "media": "on"})
    assert _file_of(answer)[:2] == b"PK"
    assert "exported an item with its media: an order" in lena.get(f"/cases/{filled.near}").content.decode()
    assert Look.objects.count() == 1


def _file_of(answer: Any) -> bytes:
    return b"".join(answer.streaming_content)


def test_an_export_with_media_wants_what_a_look_wants(filled: Filled, user: MakeUser, client_of: ClientOf) -> None:
    person = user(Role.LEAD)
    lena, path = client_of(person), f"/cases/{filled.family}/export"
    form = {"reason": "an order", "media": "on"}
    answer = lena.post(path, form, follow=True).content.decode()
    assert "Take it on again" in answer
    assert "take the case on first" in answer
    lena.post(f"/cases/{filled.family}/claim")
    the_limits = replace(limits(), day=4 * SHORTEST)  # the case has four items
    with patch.object(wiring, "limits", lambda: the_limits):
        assert _file_of(lena.post(path, form))[:2] == b"PK"
        assert "enough for today" in lena.post(path, form, follow=True).content.decode()
    lena.post("/my-day/pause")
    assert lena.post(path, form).status_code == 302
    assert Look.objects.count() == 4
    assert _file_of(lena.post(path, {"reason": "an order"}))[:2] == b"PK"
    late = Client()
    sign_in(late, person, seconds_ago=400)
    assert late.post(path, form).status_code == 401
    assert all(not told.media for told in bodies(filled.family, ItemExported)[4:])  # type: ignore[attr-defined] # they are


def test_who_looked_is_for_them_and_for_readers_of_the_log(
    filled: Filled, rosa: Client, pictures: object, user: MakeUser, client_of: ClientOf
) -> None:
    path = f"/cases/{filled.family}"
    rosa.post(f"{path}/claim")
    answer = rosa.post(f"{path}/items/{derivative(filled.family)}/reveal", {"reason": "because"})
    rosa.post("/looks/end", {"look": answer["X-Look"]})
    for role, told in ((Role.REVIEWER, False), (Role.SENIOR, False), (Role.LEAD, True), (Role.AUDITOR, True)):
        page = client_of(user(role)).get(path).content.decode()
        assert ("covered it again" in page, "saw all of the item" in page) == (told, told), role
    page = rosa.get(path).content.decode()
    assert "covered it again" in page
    assert "saw all of the item" in page


def test_a_second_person_does_not_read_the_first_decision_in_the_log(
    filled: Filled, rosa: Client, user: MakeUser, client_of: ClientOf
) -> None:
    path = f"/cases/{filled.near}"
    rosa.post(f"{path}/claim")
    rosa.post(f"{path}/decide", {"expect": str(case(filled.near).length), "choice": "B1"})
    lena, auditor = client_of(user(Role.LEAD)), client_of(user(Role.AUDITOR))
    assert "confirmed, B1" not in lena.get("/log").content.decode()
    assert "asked for a second decision" in lena.get("/log").content.decode()
    assert "confirmed, B1" in auditor.get("/log").content.decode()
    number = case(filled.near).proposals[0].number
    lena.post(f"{path}/second/{number}", {"expect": str(case(filled.near).length), "choice": "B1"})
    assert "confirmed, B1" in lena.get("/log").content.decode()


def test_the_chain_of_the_service_is_no_case(user: MakeUser, client_of: ClientOf) -> None:
    the_app().cases.append([Draft(SERVICE_CASE, SYSTEM, ServiceEvent("user.roles_changed"))])
    lena = client_of(user(Role.LEAD))
    form = {"reason": "x", "media": "on", "text": "x", "basis": "x", "expect": "1"}
    acts = ("claim", "release", "route", "note", "decide", "export", "hold", "appeal", "known-answer", "items/i/reveal")
    answers = [lena.get(f"/cases/{SERVICE_CASE}{what}") for what in ("", "/items/i/covered/item", "/items/i/frames")]
    answers += [lena.post(f"/cases/{SERVICE_CASE}/{act}", form) for act in acts]
    assert {answer.status_code for answer in answers} == {404}
    assert the_app().cases.case(SERVICE_CASE).length == 1
    assert "service.event" in lena.get("/log").content.decode()


def test_the_source_is_shown_and_the_item_stays_unseen(filled: Filled, rosa: Client, pictures: object) -> None:
    path = f"/cases/{filled.family}/items/{derivative(filled.family)}/reveal"
    rosa.post(f"/cases/{filled.family}/claim")
    assert rosa.post(path, {"reason": "to compare", "what": "source"}).status_code == 200
    assert case(filled.family).viewed == frozenset()
