"""Duties of the law, reports on their way, and the media that has to stay for both."""

from dataclasses import replace

import pytest

from safelight.case.fold import absorbed
from safelight.model.access import SYSTEM, Actor
from safelight.model.case import (
    Approved,
    Case,
    Decided,
    DutyArose,
    DutyDropped,
    DutyMet,
    Grave,
    ItemDestroyed,
    Merged,
    Opened,
    Proposed,
    ReportConfirmed,
    ReportFailed,
    ReportFinished,
    StatementMade,
)
from safelight.model.errors import TransitionError
from safelight.model.filing import Body as Taker
from safelight.model.law import Duty, DutyKind
from tests.case.histories import ANN, BEN, CONFIRMED, KEY, START, Log, added, digest

GONE = ItemDestroyed("i1", digest("i1"), "data key destroyed", "request")
SENDING = ReportConfirmed("f1", Taker.NCMEC, ("i1",), "0" * 64, production=True)
SENT = ReportFinished("f1", Taker.NCMEC, "4711", ("i1",), "0" * 64, production=True)


def duty(kind: DutyKind, *, drives: bool = True, taker: str = "ncmec") -> DutyArose:
    words = ("title", "who", START, None, "soon", "basis", "source", "2026-01-01")
    return DutyArose(Duty("d1", "us", "us/rule", kind, *words, drives=drives, taker=taker))


@pytest.fixture
def log() -> Log:
    """Abuse was confirmed, and two people have agreed to destroy the media."""
    made = Log()
    made.add("a", SYSTEM, Opened("x"))
    made.add("a", SYSTEM, added("i1"))
    made.add("a", ANN, Decided(CONFIRMED))
    agree(made, "a")
    return made


def agree(log: Log, case: str) -> Case:
    number = log.add(case, ANN, Proposed(Grave.DESTROY, "x", item="i1")).proposals[-1].number
    return log.add(case, BEN, Approved(number))


@pytest.mark.parametrize("kind", DutyKind)
@pytest.mark.parametrize("actor", [KEY, ANN, SYSTEM])
def test_keys_say_only_of_removing_and_informing_that_it_was_done(log: Log, kind: DutyKind, actor: Actor) -> None:
    log.add("a", SYSTEM, duty(kind))
    if actor == KEY and kind in {DutyKind.REPORT, DutyKind.PRESERVE}:
        with pytest.raises(TransitionError, match=f"a duty to {kind} is not met by the word of a key"):
            log.add("a", actor, DutyMet("d1", "elsewhere"))
        return
    assert log.add("a", actor, DutyMet("d1", "elsewhere")).duties[0].by == "elsewhere"
    with pytest.raises(TransitionError, match="no open duty"):
        log.add("a", actor, DutyMet("d1", "again"))


@pytest.mark.parametrize("end", [SENT, ReportFailed("f1", Taker.NCMEC, "no answer")])
def test_media_that_a_report_still_has_to_send_stays(log: Log, end: ReportFinished | ReportFailed) -> None:
    assert [one.filing for one in log.add("a", ANN, SENDING).reporting] == ["f1"]
    with pytest.raises(TransitionError, match="still has to send it"):
        log.add("a", SYSTEM, GONE)
    log.add("a", SYSTEM, replace(end, filing="f2"))
    with pytest.raises(TransitionError, match="still has to send it"):
        log.add("a", SYSTEM, GONE)
    assert log.add("a", SYSTEM, end).reporting == ()
    assert log.add("a", SYSTEM, GONE).items[0].destroyed


def test_a_statement_says_what_was_decided_about_an_item_that_is_there(log: Log) -> None:
    log.add("b", SYSTEM, Opened("x"))
    log.add("b", SYSTEM, added("i2"))
    with pytest.raises(TransitionError, match="nothing is decided"):
        log.add("b", SYSTEM, StatementMade("s1", "i2", "0" * 64))
    with pytest.raises(TransitionError, match="it has no item 'i2'"):
        log.add("a", SYSTEM, StatementMade("s1", "i2", "0" * 64))
    assert log.add("a", SYSTEM, StatementMade("s1", "i1", "0" * 64)).length == 6


def test_a_report_about_other_items_keeps_nothing(log: Log) -> None:
    log.add("a", SYSTEM, added("i2"))
    log.add("a", ANN, replace(SENDING, items=("i2",)))
    assert log.add("a", SYSTEM, GONE).items[0].destroyed


def test_a_report_on_its_way_comes_along_when_cases_are_merged(log: Log) -> None:
    moving = absorbed(log.add("a", ANN, SENDING))
    log.add("b", SYSTEM, Opened("x"))
    log.add("a", SYSTEM, Merged("b"))
    log.add("b", SYSTEM, moving)
    agree(log, "b")
    with pytest.raises(TransitionError, match="still has to send it"):
        log.add("b", SYSTEM, GONE)
    log.add("b", SYSTEM, SENT)
    assert log.add("b", SYSTEM, GONE).items[0].destroyed


@pytest.mark.parametrize(
    "end", [DutyMet("d1", "filing:f1"), DutyDropped("d1", "not ours"), SENT], ids=["met", "dropped", "reported"]
)
def test_media_stays_until_what_the_law_wants_reported_is(
    log: Log, end: DutyMet | DutyDropped | ReportFinished
) -> None:
    log.add("a", SYSTEM, duty(DutyKind.REPORT))
    with pytest.raises(TransitionError, match="the law wants it reported first"):
        log.add("a", SYSTEM, GONE)
    log.add("a", SYSTEM, replace(SENT, production=False))
    with pytest.raises(TransitionError, match="the law wants it reported first"):
        log.add("a", SYSTEM, GONE)
    log.add("a", ANN, end) if isinstance(end, DutyDropped) else log.add("a", SYSTEM, end)
    assert log.add("a", SYSTEM, GONE).items[0].destroyed


@pytest.mark.parametrize("taker", ["", "somebody", "police"])
def test_a_report_to_somebody_else_is_not_the_one(log: Log, taker: str) -> None:
    log.add("a", SYSTEM, duty(DutyKind.REPORT, taker=taker))
    log.add("a", SYSTEM, SENT)
    with pytest.raises(TransitionError, match="the law wants it reported first"):
        log.add("a", SYSTEM, GONE)


@pytest.mark.parametrize(("kind", "drives"), [(DutyKind.REPORT, False), (DutyKind.REMOVE, True)])
def test_other_duties_keep_nothing(log: Log, kind: DutyKind, drives: bool) -> None:
    log.add("a", SYSTEM, duty(kind, drives=drives))
    assert log.add("a", SYSTEM, GONE).items[0].destroyed
