"""Rows that say how far the log was read: changed, of another log, or put back, they have nothing passed over."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from safelight.model.access import Role
from safelight.model.case import Decided, Opened
from safelight.web.accounts.models import User
from safelight.web.closing import jobs, wiring
from safelight.web.closing.models import Alarm, Follower
from safelight.web.container import the_app
from safelight.web.followed import BEGINNING, seal_of, stands
from safelight.web.hooks import sending
from safelight.web.hooks.jobs import tell
from safelight.web.hooks.models import Delivery, Message, Position
from safelight.web.hooks.sending import add_endpoint
from safelight.web.jobs.models import Job
from safelight.web.ops.metrics import exposition
from tests.web.closing.test_jobs import CONFIRMED, added, jobs_of, put
from tests.web.conftest import MakeUser

pytestmark = pytest.mark.usefixtures("db")

ClientOf = Callable[[User], Client]
Change = Callable[[int, str], tuple[int, str]]


def beyond(_end: int, seal: str) -> tuple[int, str]:
    return 10**12, seal


def to_the_end(end: int, _seal: str) -> tuple[int, str]:
    return end, ""


def to_the_end_by_an_older_seal(end: int, seal: str) -> tuple[int, str]:
    return end, seal


CHANGES = (beyond, to_the_end, to_the_end_by_an_older_seal)


def end() -> int:
    """Position of the last entry of the log."""
    return the_app().cases.head().size - 1


def decided(case: str) -> None:
    """Three entries of the log, of which something follows."""
    put(case, Opened("why"), added(f"i-{case}"), Decided(CONFIRMED, by_policy=True))


def told() -> list[str]:
    return list(Message.objects.filter(event=wiring.UNVOUCHED).values_list("data__place", flat=True))


def test_a_seal_is_of_one_reader_and_one_entry() -> None:
    decided("c")
    cases = the_app().cases
    first, second = cases.log(BEGINNING, 2)
    assert stands(cases, "one", BEGINNING, "")
    assert stands(cases, "one", first.position, seal_of("one", first))
    assert not stands(cases, "two", first.position, seal_of("one", first))
    assert not stands(cases, "one", second.position, seal_of("one", first))
    assert not stands(cases, "one", second.position + 1_000, seal_of("one", second))


@pytest.mark.parametrize("change", CHANGES)
def test_no_row_stops_what_follows_from_decisions(change: Change, user: MakeUser, client_of: ClientOf) -> None:
    decided("before")
    jobs.follow("")
    jobs.settle("before")
    Job.objects.all().delete()
    row = Follower.objects.get()
    length = the_app().cases.case("before").length
    decided("c")
    row.seen, row.seal = change(end(), row.seal)
    row.save()
    jobs.follow("")
    assert jobs_of(wiring.SETTLE) == ["before", "c"]
    jobs.settle("before")
    assert the_app().cases.case("before").length == length
    assert told() == ["closing.follow"]
    assert b"safelight_rows_unvouched 1.0" in exposition()
    page = client_of(user(Role.LEAD)).get("/deadlines").content.decode()
    assert "the job <code>closing.follow</code> has read what it has not" in page
    Job.objects.all().delete()
    jobs.follow("")
    assert jobs_of(wiring.SETTLE) == []
    jobs.check_rows("")
    assert not Alarm.objects.exists()


def test_a_row_that_was_put_back_has_the_same_read_again() -> None:
    decided("one")
    jobs.follow("")
    row = Follower.objects.get()
    decided("two")
    jobs.follow("")
    Job.objects.all().delete()
    row.save()
    jobs.follow("")
    assert jobs_of(wiring.SETTLE) == ["two"]
    assert told() == []


@pytest.mark.parametrize("change", CHANGES)
def test_no_row_has_integrators_told_nothing_or_anything_twice(change: Change) -> None:
    add_endpoint("https://hooks.example/", cases=True)
    decided("before")
    tell("")
    known = set(Message.objects.values_list("id", flat=True))
    assert known
    row = Position.objects.get()
    decided("c")
    row.told, row.seal = change(end(), row.seal)
    row.save()
    tell("")
    new = Message.objects.exclude(id__in=known)
    assert set(new.exclude(event=wiring.UNVOUCHED).values_list("data__case", flat=True)) == {"c"}
    assert told() == ["hook.tell"]
    assert Delivery.objects.count() == Message.objects.count()
    tell("")
    assert told() == ["hook.tell"]


def test_what_may_have_been_told_and_forgotten_is_not_told_again(monkeypatch: pytest.MonkeyPatch) -> None:
    decided("c")
    tell("")
    Message.objects.all().delete()
    Position.objects.update(seal="")
    later = timezone.now() + sending.KEPT + timedelta(hours=1)
    monkeypatch.setattr(timezone, "now", lambda: later)
    tell("")
    assert list(Message.objects.values_list("event", flat=True)) == [wiring.UNVOUCHED]
