"""A release is for one letter about one URL: not for what comes back, and also where two cases with it became one."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from safelight.adapter.law import TomlLaw
from safelight.case.fold import absorbed
from safelight.flow.dossier import dossier
from safelight.flow.notices import NoticeWriter
from safelight.flow.requests import RemovalRequests
from safelight.flow.settle import Settle
from safelight.flow.takedown import Takedowns
from safelight.model.case import Merged, RequestReleased
from safelight.model.errors import MailDownError, NotNowError
from safelight.model.filing import Reporter
from safelight.model.policy import Ruling, Stage
from safelight.model.removal import Erasure, Received
from safelight.model.takedown import Location
from tests.flow.takedown_place import ITEM, URL, there
from tests.flow.takedown_place import Place as Takedown
from tests.flow.test_requests import HOST, LENA, MARK, SAID, SAMI, START, MemoryRequests, marked

SPELLED = URL.replace("images.example", "IMAGES.example.")
"""The same place."""


@dataclass
class Asked:
    """A takedown whose URL somebody depicted wants gone, and who has had that released to its site."""

    place: Takedown
    flow: RemovalRequests
    takedown: Takedowns
    request: Received
    location: Location

    def letters(self) -> list[bool]:
        """Of each mail to the site, whether it has their words."""
        return [MARK in letter.text for _, letter in self.place.mails if letter.to == HOST.email]

    def merge(self, url: str = URL) -> Location:
        """An older case has this URL as well, and takes this one in; nobody has begun there."""
        place = self.place
        place.opened("case-0", "item-0", family="older")
        twin = self.takedown.add(SAMI, "case-0", "item-0", url)
        self.takedown.contacts(SAMI, twin.id)
        merging = place.cases.case(place.case)
        place.say(place.case, Merged("case-0"))
        place.say("case-0", absorbed(merging))
        return twin


@pytest.fixture
def asked() -> Asked:
    place = Takedown(contacts=(HOST,))
    place.hosts |= {URL: there, SPELLED: there}
    place.clock.moment = START
    settle = Settle(place.cases, TomlLaw().packs(), ("us",), lambda _: Ruling("", Stage.CASE, (), ()), place.clock)
    flow = RemovalRequests(place.cases, MemoryRequests(), place.store, settle, place.clock, place.ids, marked)
    made = lambda case: dossier(case, place.cases, place.store, Reporter("Example", "safety@example.org"))  # noqa: E731 - short
    takedown = place.made()
    takedown._write, takedown._asked = NoticeWriter(made, place.plan, flow.to_pass_on), flow.asks
    request = flow.receive(LENA, place.case, "item-1", SAID, START - timedelta(hours=1), pass_on=True)
    location = takedown.add(SAMI, place.case, "item-1", URL)
    takedown.contacts(SAMI, location.id)
    flow.release(LENA, place.case, request.id, location.id, HOST.email)
    return Asked(place, flow, takedown, request, takedown.begin(SAMI, location.id))


def run(asked: Asked, *, until: datetime) -> None:
    """Do what is due, every twenty minutes."""
    while asked.place.clock.moment < until:
        for location in asked.takedown.due():
            asked.takedown.advance(location)
        asked.place.clock.moment += timedelta(minutes=20)


def test_what_comes_back_is_told_of_without_their_words_until_a_person_releases_them_anew(asked: Asked) -> None:
    gone, back = START + timedelta(hours=3), START + timedelta(days=6)
    asked.place.hosts[URL] = lambda _at: (404, b"") if gone <= asked.place.clock.moment < back else (200, ITEM)
    run(asked, until=back)
    assert asked.letters() == [True]
    run(asked, until=back + timedelta(days=7))
    assert asked.letters() == [True, False]
    assert len(asked.place.bodies(RequestReleased)) == 1


@pytest.mark.parametrize("tried", [False, True])
@pytest.mark.parametrize("spelled", [URL, SPELLED])
def test_a_release_holds_for_the_url_when_two_cases_with_it_become_one(
    asked: Asked, spelled: str, *, tried: bool
) -> None:
    if tried:
        asked.place.fails = [MailDownError(to="x", cause="cut off in the middle")]
        asked.takedown.advance(asked.location.id)
    asked.merge(spelled)
    run(asked, until=START + timedelta(hours=5))
    assert asked.letters() == [True]


def test_a_request_is_needed_as_long_as_its_url_goes_on_also_at_another_item(asked: Asked) -> None:
    twin = asked.merge()
    asked.takedown.begin(SAMI, twin.id)
    run(asked, until=START + timedelta(hours=5))
    if asked.request.duty:
        asked.flow._settle.met(LENA, "case-0", asked.request.duty, "removed here")
    with pytest.raises(NotNowError):
        asked.flow.erase(LENA, "case-0", asked.request.id, Erasure.ENDED)
    going = [one for one in asked.place.store.all() if not one.closed]
    asked.takedown.close(SAMI, going[0].id, "done")
    asked.flow.erase(LENA, "case-0", asked.request.id, Erasure.ENDED)
