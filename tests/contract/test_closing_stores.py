"""One suite over the stores of what is on its way, on SQLite and on PostgreSQL."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from safelight.adapter.casework import open_casework
from safelight.adapter.closing import open_filings, open_policies, open_requests, open_takedowns
from safelight.adapter.closing.models import LocationRow
from safelight.adapter.closing.stores import due_of
from safelight.model.errors import ConflictError, UnknownFilingError, UnknownLocationError
from safelight.model.filing import Body, FiledItem, Filing, FilingState, Told
from safelight.model.notice import RemovalRequest
from safelight.model.policy import PolicyState, PolicyVersion
from safelight.model.removal import Received
from safelight.model.takedown import (
    Contact,
    Form,
    Location,
    Look,
    Notice,
    NoticeState,
    Place,
    Retraction,
    RetractionState,
    Scope,
)
from tests.contract.memory_bank_store import SetClock
from tests.databases import DATABASES, database

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
FILING = Filing(
    "f1",
    "c1",
    Body.NCMEC,
    FilingState.DRAFT,
    NOW,
    (FiledItem("i1", "0" * 64, "1" * 32, viewed=True),),
    Told(urls=("https://example.org/\u00fc",), annotations={"i1": ("viral", "generativeAi")}),
)
LOCATION = Location("l1", "c1", "i1", "0" * 64, "https://example.org/a", NOW, family="fam")
NOTICE = Notice("n1", "l1", Contact(Scope.HOST, "Host"), Form.XARF, "en", NoticeState.SENT, NOW)
REQUEST = Received("r1", "c1", "i1", NOW, RemovalRequest(name="\u00fc"), "salt", ("signature",))
VERSION = PolicyVersion(1, PolicyState.PROPOSED, "text", "0" * 64, "user:7", NOW)


@pytest.fixture(params=DATABASES)
def target(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path | str]:
    with database(request.param, tmp_path, "casework", "closing") as place:
        yield place


def test_reports_are_kept_found_and_changed_by_who_knows_them(target: Path | str) -> None:
    store = open_filings(target)
    store.put(FILING)
    assert store.get("f1") == FILING
    with pytest.raises(ConflictError):
        store.put(replace(FILING, tries=1))  # as if it were new
    sending = replace(FILING, state=FilingState.SENDING, number="7", opened=NOW)
    store.put(sending, expect=FILING)
    with pytest.raises(ConflictError):
        store.put(replace(FILING, tries=9), expect=FILING)
    with pytest.raises(ConflictError):
        store.put(replace(FILING, id="nobody"), expect=replace(FILING, id="nobody"))
    assert store.get("f1") == sending
    with pytest.raises(UnknownFilingError):
        store.get("f2")
    others = [replace(FILING, id=f"f{n}", case="c2", body=body) for n, body in enumerate(list(Body)[:3], 2)]
    for one in others:
        store.put(one)
    assert store.of_case("c1") == [sending]
    assert store.of_case("c2") == others
    assert store.all() == [sending, *others]
    assert store.all((FilingState.DRAFT,), after="f2", limit=1) == [others[1]]
    assert store.all((FilingState.SENDING, FilingState.DEAD)) == [sending]
    assert store.all((FilingState.SENDING,), body=Body.NCMEC) == [sending]
    with pytest.raises(ConflictError):
        store.put(replace(others[0], id="f5"))  # the case has a draft for this receiver
    store.put(replace(others[0], id="f5", state=FilingState.HANDED))


def test_locations_are_due_when_something_is_to_be_done(target: Path | str) -> None:
    store = open_takedowns(target)
    looked = replace(LOCATION, next_look=NOW, looks=(Look(NOW, Place.PRESENT, 200, "0" * 64, "exact"),))
    notified = replace(
        LOCATION, id="l2", url="https://example.org/b", notices=(replace(NOTICE, due=NOW + timedelta(hours=1)),)
    )
    idle = replace(LOCATION, id="l3", url="https://example.org/c", family="other")
    closed = replace(looked, id="l4", case="c2", closed="no longer ours")
    for one in (looked, notified, idle, closed):
        store.put(one)
    assert store.due(NOW - timedelta(seconds=1), 10) == []
    assert store.due(NOW, 10) == [looked.id]
    assert store.due(NOW + timedelta(hours=2), 10) == [looked.id, notified.id]
    assert store.due(NOW + timedelta(hours=2), 1) == [looked.id]
    answered = replace(notified, notices=(replace(notified.notices[0], state=NoticeState.REFUSED),))
    assert due_of(answered) is None
    assert store.of_family("fam") == [looked, notified, closed]
    assert store.of_case("c1") == [looked, notified, idle]
    assert store.all(after="l2") == [idle, closed]
    assert store.of_url(looked.url) == [looked, closed]  # whatever the case
    assert store.of_url(looked.url + "/") == []
    assert store.of_url(looked.url.replace("https", "HTTPS") + "#x") == [looked, closed]  # however it is spelled
    with pytest.raises(ConflictError):
        store.put(replace(LOCATION, id="l5"))  # the case has this URL already
    with pytest.raises(UnknownLocationError):
        store.get("l5")


def test_a_host_with_many_urls_has_one_of_them_due_at_a_time(target: Path | str) -> None:
    store = open_takedowns(target)
    many = [
        replace(LOCATION, id=f"l{number:02}", url=f"https://Dump.example:81/{number}", next_look=NOW - number * MINUTE)
        for number in range(20)
    ]
    others = [
        replace(LOCATION, id=f"o{number}", url=f"https://h{number}.example/", next_look=NOW - number * MINUTE)
        for number in range(3)
    ]
    told = [
        replace(many[0], id=f"n{number}", url=f"https://dump.example/n{number}", notices=(replace(NOTICE, due=at),))
        for number, at in enumerate((NOW - 30 * MINUTE, NOW, NOW + MINUTE))
    ]
    for one in (*many, *others, *told):
        store.put(one)
    due = [told[0], many[19], others[2], others[1], told[1], others[0]]
    assert store.due(NOW, 100) == [one.id for one in due]
    assert store.due(NOW, 2) == [told[0].id, many[19].id]
    store.put(replace(many[19], next_look=NOW + MINUTE), expect=many[19])
    assert store.due(NOW, 2) == [told[0].id, many[18].id]


def test_what_a_clock_that_was_ahead_has_planned_is_due_when_it_is_set_back(target: Path | str) -> None:
    store = open_takedowns(target)
    begun = replace(LOCATION, begun=NOW, next_look=NOW + timedelta(days=366), as_of=NOW + timedelta(days=365))
    ended = replace(begun, id="l2", url="https://example.org/b", next_look=None)  # of a watch
    little = replace(begun, id="l3", url="https://example.org/c", as_of=NOW + timedelta(seconds=5))
    closed = replace(begun, id="l4", url="https://example.org/d", closed="no longer ours")
    fresh = replace(begun, id="l5", url="https://example.org/e", added=NOW + timedelta(days=365), as_of=None)
    taken = Retraction("x", "n1", RetractionState.WAITING, NOW, due=NOW + timedelta(days=2))
    resting = replace(closed, id="l6", url="https://example.org/f", retractions=(taken,))
    for one in (begun, ended, little, closed, fresh, resting):
        store.put(one)
    assert store.due(NOW, 10) == [begun.id, ended.id, fresh.id, resting.id]
    assert store.due(NOW, 1) == [begun.id]
    mended = replace(begun, next_look=NOW + timedelta(hours=1), as_of=NOW)
    store.put(mended, expect=begun)
    assert begun.id not in store.due(NOW, 10)


@pytest.mark.parametrize("value", [None, NOW + timedelta(days=99)])
@pytest.mark.parametrize("column", ["look", "notice", "retract", "as_of", "host", "case", "family", "url_hash"])
def test_a_row_that_is_found_by_what_it_does_not_say_is_named(
    target: Path | str, column: str, value: datetime | None
) -> None:
    store = open_takedowns(target)
    taken = Retraction("x", "n0", RetractionState.WAITING, NOW, due=NOW)
    good = replace(LOCATION, begun=NOW, next_look=NOW, as_of=NOW)
    good = replace(good, notices=(replace(NOTICE, due=NOW),), retractions=(taken,))
    closed = replace(good, id="l2", case="c2", closed="done", next_look=None)
    for one in (good, closed, replace(LOCATION, id="l3", case="c3")):
        store.put(one)
    assert store.misfiled() == []
    is_time = column in {"look", "notice", "retract", "as_of"}
    LocationRow.objects.using(store._place).filter(id="l1").update(**{column: value if is_time else "another"})
    assert store.misfiled() == ["l1"]
    store.put(good, expect=good)
    assert store.misfiled() == []


def test_locations_of_a_year_are_counted_by_where_they_stand(target: Path | str) -> None:
    store = open_takedowns(target)
    sent = replace(NOTICE, sent=NOW)
    gone = replace(LOCATION, place=Place.GONE, notices=(sent,), gone=NOW + timedelta(minutes=100))
    old = datetime(2026, 1, 1, 8, tzinfo=timezone(timedelta(hours=9)))  # still 2025 in UTC
    unasked = replace(gone, id="l2", case="c2", notices=())
    locations = [LOCATION, unasked, replace(gone, id="l3", case="c3"), replace(gone, id="l4", case="c4", added=old)]
    for one in locations:
        store.put(one)
    assert store.worked(2026) == {(Place.UNCHECKED, None): 1, (Place.GONE, None): 1, (Place.GONE, 5 / 3): 1}
    store.put(gone, expect=LOCATION)
    assert store.worked(2026) == {(Place.GONE, None): 1, (Place.GONE, 5 / 3): 2}
    assert store.worked(2025) == {(Place.GONE, 5 / 3): 1}
    assert store.of_cases(["c2", "c4", "nobody"]) == [locations[1], locations[3]]
    assert store.of_cases([]) == []


def test_a_row_that_cannot_be_read_keeps_no_other_waiting(target: Path | str) -> None:
    store = open_takedowns(target)
    for number in range(3):
        at = NOW + number * MINUTE
        store.put(replace(LOCATION, id=f"l{number}", url=f"https://h{number}.example/", next_look=at))
    LocationRow.objects.using(open_casework(target, SetClock(NOW)).place).filter(pk="l1").update(value="{}")
    assert store.due(NOW + 3 * MINUTE, 10) == ["l0", "l1", "l2"]


def test_requests_are_changed_by_who_knows_them_and_nothing_of_before_is_left(target: Path | str) -> None:
    store = open_requests(target)
    other = replace(REQUEST, id="r2", case="c2")
    for one in (other, REQUEST):
        store.put(one)
    assert store.all() == [REQUEST, other]
    assert store.all("r1", 1) == [other]
    with pytest.raises(ConflictError):
        store.put(REQUEST)  # as if it were new
    erased = replace(REQUEST, said=None, salt="", lacks=(), erased=NOW)
    with pytest.raises(ConflictError):
        store.put(erased, expect=replace(REQUEST, salt="another"))
    store.put(erased, expect=REQUEST)
    assert store.of_case("c1") == [erased]
    assert store.of_item("i1") == [erased, other]
    assert (store.of_case("c3"), store.of_item("i2")) == ([], [])


def test_a_request_that_is_erased_is_in_no_file_of_sqlite(tmp_path: Path) -> None:
    with database("sqlite", tmp_path, "casework", "closing") as place:
        store = open_requests(place)
        said = RemovalRequest(signature="planted-words", contact="planted-words" * 100)
        one = replace(REQUEST, said=said, salt="planted-salt")
        store.put(one)
        more = replace(one, said=replace(said, name="planted-words"))
        store.put(more, expect=one)
        store.put(replace(more, said=None, salt="", erased=NOW), expect=more)
        kept = b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
        assert REQUEST.id.encode() in kept
        assert b"planted" not in kept


def test_what_is_to_be_taken_back_is_due_by_itself_also_of_what_is_closed(target: Path | str) -> None:
    store, hour = open_takedowns(target), timedelta(hours=1)
    waiting = Retraction("r1", "n1", RetractionState.WAITING, NOW, due=NOW + hour)
    later, sent = replace(waiting, id="r2", due=NOW + 2 * hour), replace(waiting, state=RetractionState.SENT)
    first = replace(LOCATION, closed="no abuse", notices=(NOTICE,), retractions=(waiting, later))
    second = replace(first, id="l2", url="https://example.org/b", retractions=(later,))
    done = replace(first, id="l3", url="https://example.org/c", retractions=(sent, replace(later, due=None)))
    for one in (done, second, first):
        store.put(one)
    assert store.retracting(NOW, 10) == []
    assert store.retracting(NOW + hour, 10) == [first]
    assert store.retracting(NOW + 3 * hour, 10) == [first, second]
    assert store.retracting(NOW + 3 * hour, 1) == [first]
    assert store.due(NOW + 3 * hour, 10) == []
    store.put(replace(first, retractions=(sent,)), expect=first)
    assert store.retracting(NOW + 3 * hour, 10) == [second]


def test_versions_of_the_policy(target: Path | str) -> None:
    store = open_policies(target)
    assert store.current() is None
    assert store.versions() == []
    store.put(VERSION)
    second = replace(VERSION, number=2, state=PolicyState.SHADOW)
    store.put(second)
    assert store.current() is None
    assert store.current(PolicyState.SHADOW) == second
    in_force = replace(VERSION, state=PolicyState.IN_FORCE, answered_by="user:8", answered_at=NOW)
    store.put(in_force)
    assert store.current() == in_force
    assert store.versions() == [second, in_force]


def test_a_change_is_undone_with_the_transaction_of_cases(target: Path | str) -> None:
    cases, store = open_casework(target, SetClock()), open_filings(target)

    def half_of_it() -> None:
        with cases.transaction():
            store.put(FILING)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        half_of_it()
    assert store.of_case("c1") == []
