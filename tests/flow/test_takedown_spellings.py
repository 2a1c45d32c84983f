"""URLs that name one place are one takedown; those that name two are two; and whoever was told is told in its words."""

from dataclasses import replace

import pytest

from safelight.case.fold import absorbed
from safelight.model.case import Merged
from safelight.model.takedown import AlarmKind, Notice
from tests.flow.takedown_place import DAY, HOUR, PAGE, SENIOR, URL, Place, there
from tests.flow.test_takedown_retract import confirm, flow, overturn, settle, told

ONE, TWO = "https://files.example/#!aaaaaaaa!key1", "https://files.example/#!bbbbbbbb!key2"
SPELLED = "https://IMAGES.example./x/../%61.jpg#page-7"


@pytest.fixture
def place() -> Place:
    return Place(hosts=dict.fromkeys((URL, SPELLED), there) | dict.fromkeys((ONE, TWO), lambda _at: (200, PAGE)))


def merged(place: Place, into: str) -> None:
    merging = place.cases.case(place.case)
    place.say(place.case, Merged(into))
    place.say(into, absorbed(merging))


def test_two_files_that_a_fragment_tells_apart_are_two_also_after_a_merge(place: Place) -> None:
    place.begun(ONE, vouched=True)
    place.opened("case-0", "item-0", family="older")
    other = place.takedown.add(SENIOR, "case-0", "item-0", TWO)
    place.takedown.begin(SENIOR, other.id, vouched=True)
    merged(place, "case-0")
    place.run(12 * DAY)
    assert [one.closed for one in place.store.all()] == ["", ""]
    assert [sum(url in letter.text for _, letter in place.mails) for url in (ONE, TWO)] == [5, 5]


def test_an_item_that_comes_from_the_other_file_is_a_return(place: Place) -> None:
    place.begun(ONE, vouched=True)
    assert place.takedown.came_back("item-1", TWO) is not None
    assert [one.kind for one in place.takedown.overdue()] == [AlarmKind.RETURNED]


def test_nobody_is_told_twice_of_one_file_in_two_spellings(place: Place) -> None:
    place.begun()
    place.opened("case-2", "item-2", family="another")
    other = place.takedown.add(SENIOR, "case-2", "item-2", SPELLED)
    place.takedown.begin(SENIOR, other.id)
    place.run(HOUR)
    assert [scope for scope, _ in place.scopes] == ["site"]


@pytest.mark.parametrize(("url", "owed"), [(SPELLED, 0), (URL + "#!another", 3)])
def test_nobody_is_asked_to_put_back_what_another_case_says_is_abuse(place: Place, url: str, owed: int) -> None:
    location = told(place)
    place.opened("case-2", "item-2", family="another")
    place.cases.put_item(replace(place.cases.item("item-2"), sha256="d" * 64))  # another file, of the same place
    place.takedown.add(SENIOR, "case-2", "item-2", url)
    overturn(place)
    place.run(2 * DAY + 2 * HOUR)
    assert len(flow(place).owed(place.store.get(location.id))) == owed


def both_worked_on(place: Place) -> str:
    """Told by one spelling; goes on by the other, of the case that took the first in."""
    first = place.begun()
    place.takedown.advance(first.id)
    place.opened("case-0", "item-0", family="older")
    twin = place.takedown.add(SENIOR, "case-0", "item-0", SPELLED)
    place.takedown.begin(SENIOR, twin.id)
    merged(place, "case-0")
    place.takedown.advance(first.id)
    assert place.store.get(twin.id).url == SPELLED
    return twin.id


def test_after_a_merge_a_notice_is_taken_back_by_the_spelling_that_it_had(place: Place) -> None:
    twin = both_worked_on(place)
    place.run(DAY + HOUR)
    overturn(place, case="case-0")
    place.run(2 * DAY)
    confirm(place, twin)
    sent = len(place.mails)
    settle(place, flow(place), 3 * DAY)
    named = [[word for word in letter.text.split() if word.startswith("http")] for _, letter in place.mails]
    assert [urls[0] for urls in named[:sent]] == [URL, SPELLED]
    assert [urls[0] for urls in named[sent:]] == [URL, SPELLED]


def test_a_letter_that_is_sent_again_after_a_merge_says_the_same(place: Place) -> None:
    cut_off = OSError("killed")
    place.fails = [cut_off]
    first = place.begun()
    with pytest.raises(OSError, match="killed"):
        place.takedown.advance(first.id)
    place.opened("case-0", "item-0", family="older")
    twin = place.takedown.add(SENIOR, "case-0", "item-0", SPELLED)
    place.takedown.begin(SENIOR, twin.id)
    merged(place, "case-0")
    place.run(HOUR)
    assert f" {URL} " in place.mails[0][1].text


def test_a_row_makes_a_notice_name_no_other_place(place: Place) -> None:
    location = told(place, HOUR)
    notice: Notice = location.notices[0]
    assert replace(notice, url=SPELLED).names(URL) == SPELLED
    assert replace(notice, url="https://victim.example/").names(URL) == URL
    assert notice.names(URL) == URL
