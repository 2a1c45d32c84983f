"""People at a report that is on its way: what they do at any moment, and what becomes of the report."""

from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, replace
from random import Random
from typing import Final

import pytest

from safelight.adapter.hotline.cybertip import NO_ACCOUNT
from safelight.case.fold import absorbed
from safelight.demo.cybertip_server import Fault, When
from safelight.flow.filing_facts import Document, digest_of, documents
from safelight.flow.filing_send import OBJECTED
from safelight.model.access import Actor, ActorKind
from safelight.model.case import (
    AppealDecided,
    AppealOpened,
    Approved,
    CaseState,
    Decided,
    DutyArose,
    DutyState,
    Finding,
    Grave,
    ItemDestroyed,
    Merged,
    Opened,
    Proposed,
    ReportFailed,
    Verdict,
)
from safelight.model.decision import Outcome
from safelight.model.errors import ConflictError, HotlineAccountError, HotlineDownError, TransitionError
from safelight.model.filing import Body as Taker
from safelight.model.filing import FileStep, Filing, FilingState, Told
from safelight.model.law import Duty, DutyKind
from safelight.ports import HotlineAnswer
from tests.flow.filing_world import ANN, CONFIRMED, LEAD, REPORTER, START, Crash, Direct, Steps, World

BEN: Final = Actor(ActorKind.USER, "2")
LAW: Final = Duty(
    *("d1", "us", "us.report", DutyKind.REPORT, "t", "NCMEC", START, None, "", "b", "s", "2026", True), taker="ncmec"
)
OTHER: Final = Finding(Verdict.CONFIRMED)
"""Abuse, too, but of no class and nothing said of how it was made."""
FILED, WITHDRAWN, DEAD = FilingState.FINISHED, FilingState.WITHDRAWN, FilingState.DEAD
Act = Callable[[World], None]


def two(world: World, case: str, action: Grave, finding: Finding | None = None, item: str | None = None) -> None:
    """One person asks for it, another one agrees."""
    world.log(case, Proposed(action, "why", finding, item), who=ANN)
    world.log(case, Approved(world.cases.case(case).proposals[-1].number), who=BEN)


def joins(world: World) -> None:
    """A variant that nobody has looked at: nothing stands any more, by the case."""
    world.add("c1", "i3", Outcome.NEAR)


def known_joins(world: World) -> None:
    world.add("c1", "i3", Outcome.KNOWN)


def joins_and_is_decided(world: World) -> None:
    joins(world)
    world.log("c1", Decided(OTHER), who=ANN)


def overturned(world: World) -> None:
    world.log("c1", AppealOpened("a1", "look"))
    two(world, "c1", Grave.OVERTURN, Finding(Verdict.NOT_ABUSE))
    world.log("c1", AppealDecided("a1", upheld=False), who=BEN)


def overturned_and_hidden(world: World) -> None:
    """Then a variant joins, and the finding is gone from the case; in the log it is."""
    overturned(world)
    joins(world)


def joins_and_is_no_abuse(world: World) -> None:
    joins(world)
    two(world, "c1", Grave.DECIDE, Finding(Verdict.NOT_ABUSE))


def merged(world: World, decided: Finding | None = None) -> None:
    case = world.cases.case("c1")
    world.log("c0", Opened("near", family="other"))
    world.add("c0", "i4", Outcome.NEAR)
    world.log("c1", Merged("c0"))
    world.log("c0", absorbed(case))
    if decided is not None:
        two(world, "c0", Grave.DECIDE, decided)


def merged_and_decided(world: World) -> None:
    merged(world, OTHER)


def merged_and_overturned(world: World) -> None:
    merged(world, Finding(Verdict.NOT_ABUSE))


def overturned_and_merged(world: World) -> None:
    overturned(world)
    merged(world, OTHER)


def appealed(world: World) -> None:
    world.log("c1", AppealOpened("a1", "look"))


def upheld(world: World) -> None:
    world.log("c1", AppealDecided("a1", upheld=True), who=BEN)


def not_upheld(world: World) -> None:
    two(world, "c1", Grave.OVERTURN, Finding(Verdict.NOT_ABUSE))
    world.log("c1", AppealDecided("a1", upheld=False), who=BEN)


def withdrawn(world: World) -> None:
    with suppress(TransitionError):  # once it may be finished
        world.filings(world.cases.steps).withdraw(LEAD, "f1", "a mistake")


def destroyed(world: World) -> None:
    two(world, "c1", Grave.DESTROY, item="i2")
    item = next(one for one in world.cases.case("c1").items if one.id == "i2")
    world.log("c1", ItemDestroyed("i2", item.sha256, "key destroyed", "agreed"))
    world.vault.media.pop("blob-i2")


ACTS: Final[dict[Act, FilingState]] = {
    joins: FILED,
    known_joins: FILED,
    joins_and_is_decided: FILED,
    merged: FILED,
    merged_and_decided: FILED,
    overturned: WITHDRAWN,
    overturned_and_hidden: WITHDRAWN,
    joins_and_is_no_abuse: WITHDRAWN,
    merged_and_overturned: WITHDRAWN,
    overturned_and_merged: WITHDRAWN,
    withdrawn: WITHDRAWN,
}
"""What people do, and what becomes of a report if they do it before `finish` is intended."""


class Meanwhile(Steps):
    """At one moment, in no transaction, somebody does something; at another one the process dies."""

    def __init__(self, world: World, act: Act, at: int, dies: int | None = None) -> None:
        super().__init__(dies)
        self.world, self.act, self.when, self.busy, self.late = world, act, at, False, False

    def __call__(self) -> None:
        if self.busy:
            return
        super().__call__()
        if self.when and self.now >= self.when and not self.world.cases.inside:
            self.when, self.busy = 0, True
            self.late = self.world.rows.get("f1").finishing
            try:
                self.act(self.world)
            finally:
                self.busy = False


def begun() -> tuple[World, str]:
    world = World()
    world.log("c1", DutyArose(LAW))
    return world, world.confirmed()


def sent(world: World) -> tuple[bytes, ...]:
    """All that the receiver was told in the one finished report, without the numbers that it gave."""
    report = world.server.finished()[0]
    details = [
        file.details.replace(report.number.encode(), b"N").replace(file.id.encode(), b"F")
        for file in report.files.values()
    ]
    return (report.xml, *details)


def undisturbed() -> tuple[bytes, ...]:
    world, name = begun()
    world.carry(name)
    return sent(world)


def duty(world: World) -> DutyState:
    case = "c1" if world.cases.case("c1").merged_into is None else "c0"
    return world.cases.case(case).duties[0].state


def failures(world: World) -> list[str]:
    bodies = [one.event.body for one in world.cases.log(0, 1000)]
    return [body.cause for body in bodies if isinstance(body, ReportFailed)]


def held(world: World, name: str) -> Filing:
    """What has to hold whatever people do: never two, never another one than was confirmed, never a silent end."""
    filing, finished = world.rows.get(name), world.server.finished()
    assert len(finished) <= 1
    if filing.state is FILED:
        assert [one.number for one in finished] == [filing.number]
        assert sent(world) == UNDISTURBED
        assert not failures(world)
    elif finished:
        assert filing.finishing
        assert finished[0].number in filing.cause
    elif filing.state in {WITHDRAWN, DEAD}:
        assert failures(world) == [filing.cause]
        assert duty(world) is DutyState.OPEN
    return filing


UNDISTURBED: Final = undisturbed()


@pytest.mark.parametrize("act", ACTS)
def test_whenever_people_act_what_was_confirmed_goes_on_unless_it_is_overturned(act: Act) -> None:
    for at in range(1, 500):
        world, name = begun()
        steps = Meanwhile(world, act, at)
        with suppress(ConflictError):  # it was withdrawn under our hands
            world.filings(steps).send(name)
        if steps.when:
            break
        world.carry(name)
        filing = held(world, name)
        assert filing.state is (FILED if steps.late else ACTS[act]), (at, filing.cause)
        assert filing.stopped == (filing.state is WITHDRAWN and act is not withdrawn)
    assert at > 40


@pytest.mark.parametrize(("answer", "state"), [(upheld, FILED), (not_upheld, WITHDRAWN)])
def test_while_an_appeal_is_open_a_report_waits_and_then_goes_on_or_is_stopped(answer: Act, state: FilingState) -> None:
    for at in range(1, 500):
        world, name = begun()
        steps = Meanwhile(world, appealed, at)
        world.filings(steps).send(name)
        if steps.when:
            break
        if not steps.late:
            waiting = world.filings().send(name)
            assert (waiting.state, waiting.cause, waiting.finishing) == (FilingState.SENDING, OBJECTED, False)
            assert "finish" not in world.server.calls
            assert not failures(world)
        answer(world)
        world.carry(name)
        assert held(world, name).state is (FILED if steps.late else state)
    assert at > 40


@pytest.mark.parametrize("act", [*ACTS, appealed])
def test_people_act_while_something_fails_and_we_die(act: Act) -> None:
    chance = Random(act.__name__)
    for _ in range(15):
        world, name = begun()
        for _ in range(chance.randrange(3)):
            codes = chance.choice([0, 0, 1100, 2000, 3000, 5001])
            fault = Fault(chance.choice(list(When)) if not codes else When.BEFORE, code=codes)
            call = chance.choice(["submit", "upload", "fileinfo", "finish", "retract"])
            world.server.faults.setdefault(call, []).append(fault)
        steps = Meanwhile(world, act, chance.randrange(1, 60), chance.randrange(1, 60))
        with suppress(Crash, ConflictError, HotlineDownError):
            world.filings(steps).send(name)
        before = world.rows.get(name)
        filing = world.carry(name)
        if act is appealed and filing.state is FilingState.SENDING:
            upheld(world)
            filing = world.carry(name)
        assert filing == held(world, name)
        if steps.when == 0 and not steps.late and ACTS.get(act) is WITHDRAWN:
            assert filing.state in {WITHDRAWN, DEAD}, before
        assert filing.state is not WITHDRAWN or ACTS.get(act) is WITHDRAWN


def test_what_joins_later_is_not_taken_for_reported() -> None:
    world, name = begun()
    joins(world)
    assert world.cases.case("c1").state is CaseState.OPEN
    assert world.filings().preview(name).digest == world.rows.get(name).agreed
    world.carry(name)
    case = world.cases.case("c1")
    assert case.reported(Taker.NCMEC, production=False) == {"i1", "i2"}
    assert duty(world) is DutyState.OPEN


def test_media_of_a_report_on_its_way_is_not_destroyed() -> None:
    world, name = begun()
    with pytest.raises(TransitionError, match="report"):
        destroyed(world)
    assert world.carry(name).state is FILED


@pytest.mark.parametrize("code", sorted(NO_ACCOUNT))
@pytest.mark.parametrize("call", ["submit", "upload", "fileinfo", "finish", "retract"])
def test_a_password_that_is_not_taken_costs_no_report(call: str, code: int) -> None:
    world, name = begun()
    if call == "retract":
        world.server.faults["upload"] = [Fault(When.AFTER)]
        with pytest.raises(HotlineDownError):
            world.filings().send(name)
    world.server.faults[call] = [Fault(code=code)] * 3
    for _ in range(3) if call != "retract" else ():
        with pytest.raises(HotlineAccountError):
            world.filings().send(name)
        waiting = world.rows.get(name)
        assert (waiting.state, waiting.finishing) == (FilingState.SENDING, False)
        assert f"{call}: {code}" in waiting.cause
        assert "check SAFELIGHT_NCMEC_USER" in waiting.cause
    world.carry(name)
    done = held(world, name)
    assert (done.state, done.cause, len(world.server.finished())) == (FILED, "", 1)


def test_a_password_that_is_not_taken_leaves_an_earlier_finish_in_question() -> None:
    world, name = begun()
    world.server.faults["finish"] = [Fault(When.AFTER), Fault(code=2000)]
    for _ in range(2):
        with pytest.raises(HotlineDownError):
            world.filings().send(name)
    assert world.rows.get(name).finishing
    assert "finish: 2000" in world.rows.get(name).cause
    assert world.filings().send(name).state is FILED


def test_given_up_for_the_password_before_finish_nothing_is_in_question() -> None:
    world, name = begun()
    world.server.faults["finish"] = [Fault(code=2000)] * 99
    filing = world.carry(name)
    assert (filing.state, filing.finishing) == (DEAD, False)
    assert "finish unknown" not in filing.cause


@dataclass
class Lists(Direct):
    """Says of a finished report that other files are in it."""

    names: Callable[[tuple[str, ...]], tuple[str, ...]] = tuple

    def finish(self, number: str) -> HotlineAnswer:
        answer = super().finish(number)
        return replace(answer, files=self.names(answer.files))


def listed(names: Callable[[tuple[str, ...]], tuple[str, ...]]) -> tuple[World, Filing]:
    world, name = begun()
    return world, world.filings(hotline=Lists(world.server, world.xsd, Steps(), names=names)).send(name)


def test_a_finished_report_whose_files_are_not_those_that_were_sent_says_so() -> None:
    world, filing = listed(lambda files: files[1:])
    missing = filing.items[0]
    words = f"finished without {missing.number} (item i1): ask NCMEC with report number {filing.number}"
    assert (filing.state, filing.cause) == (FILED, words)
    assert failures(world) == [words]
    assert world.rows.get(filing.id) == filing
    assert world.cases.case("c1").reports[0].number == filing.number
    assert "with f9" in listed(lambda files: (*files, "f9"))[1].cause
    assert "without" in listed(lambda _: ())[1].cause
    world, whole = listed(lambda files: (*reversed(files), files[0]))
    assert (whole.cause, failures(world)) == ("", [])


def test_a_bundle_that_was_changed_since_it_was_read_is_not_noted_as_handed_over() -> None:
    world = World()
    filings = world.filings()
    made = filings.draft(LEAD, "c1", Taker.POLICE)
    read = "of what was read before that"
    with pytest.raises(ConflictError):
        filings.hand(LEAD, made.id, "to the desk", read)
    now = filings.preview(made.id).digest
    assert filings.hand(LEAD, made.id, "to the desk", now).state is FilingState.HANDED


def test_blanks_are_no_contact() -> None:
    world = World()
    made = world.filings().draft(LEAD, "c1", Taker.NCMEC, Told())
    blank = world.filings(reporter=replace(REPORTER, email=" "))
    assert any("SAFELIGHT_CONTACT" in flaw for flaw in blank.preview(made.id).flaws)
    assert CONFIRMED.classification == world.rows.get(made.id).classification


@pytest.mark.parametrize(("act", "state"), [(overturned, WITHDRAWN), (appealed, FilingState.SENDING), (joins, FILED)])
def test_the_last_look_at_the_case_is_in_the_transaction_that_intends_to_finish(
    act: Act, state: FilingState, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, name = begun()
    filings, acted = world.filings(), list[bool]()
    transaction = world.cases.transaction

    def begin() -> AbstractContextManager[None]:
        described = all(one.step is FileStep.DESCRIBED for one in world.rows.get(name).items)
        if described and not acted:
            acted.append(world.rows.get(name).finishing)
            act(world)
        return transaction()

    monkeypatch.setattr(world.cases, "transaction", begin)
    assert filings.send(name).state is state
    assert acted == [False]


def test_what_no_person_confirmed_by_the_log_is_never_sent() -> None:
    """Whoever can write to the database can change a row; the log they cannot change unseen."""
    world = World()
    drafted = world.filings().draft(LEAD, "c1", Taker.NCMEC)
    digest = world.filings().preview(drafted.id).digest
    forged = replace(drafted, state=FilingState.SENDING, agreed=digest, confirmed_by=str(ANN), confirmed=START)
    world.cases.rows[drafted.id] = forged
    stopped = world.filings().send(drafted.id)
    assert (stopped.stopped, stopped.cause) == (True, "the log does not say that a person confirmed it")
    assert world.server.calls == []


def test_what_was_confirmed_for_other_items_is_never_sent() -> None:
    world = World()
    name = world.confirmed()
    row = world.rows.get(name)
    fewer = replace(row, items=row.items[:1])
    papers = documents(fewer, world.cases.case("c1"), world.cases, REPORTER)
    world.cases.rows[name] = replace(fewer, agreed=digest_of(papers))
    assert world.filings().send(name).stopped
    assert world.server.calls == []


def test_what_was_confirmed_in_other_words_is_never_sent() -> None:
    world = World()
    name = world.confirmed()
    row = world.rows.get(name)
    told = replace(row, told=replace(row.told, additional="something else"))
    papers = documents(told, world.cases.case("c1"), world.cases, REPORTER)
    world.cases.rows[name] = replace(told, agreed=digest_of(papers))
    assert world.filings().send(name).stopped
    assert world.server.calls == []


@pytest.mark.parametrize("ends", ["withdrawn", "finished"])
def test_a_row_that_is_put_back_is_not_sent_again(ends: str) -> None:
    world = World()
    name = world.confirmed()
    row = world.rows.get(name)
    filings = world.filings()
    if ends == "withdrawn":
        filings.withdraw(LEAD, name, "by mistake")
    else:
        assert filings.send(name).state is FilingState.FINISHED
    world.server.calls.clear()
    world.cases.rows[name] = row
    assert world.filings().send(name).stopped
    assert world.server.calls == []


def test_what_was_confirmed_is_known_also_in_the_case_that_took_it_in() -> None:
    world = World()
    name = world.confirmed()
    for case, into in (("c1", "c2"), ("c2", "c3")):
        world.log(into, Opened("why"))
        world.log(into, absorbed(world.cases.case(case)))
        world.log(case, Merged(into))
    assert world.filings().send(name).state is FILED


@pytest.mark.parametrize("body", [Taker.NCMEC, Taker.NCA])
@pytest.mark.parametrize("act", [overturned, overturned_and_hidden, merged_and_overturned])
def test_nobody_gets_the_bundle_of_a_draft_whose_case_was_overturned(act: Act, body: Taker) -> None:
    world = World()
    filings = world.filings(papers=lambda _filing, _case: (Document("letter.txt", "text/plain", b"dear all"),))
    made = filings.draft(LEAD, "c1", body)
    assert filings.bundle(made.id)
    act(world)
    digest = filings.preview(made.id).digest
    with pytest.raises(TransitionError) as refused:
        (filings.confirm if body is Taker.NCMEC else filings.hand)(LEAD, made.id, digest=digest)
    with pytest.raises(TransitionError) as alike:
        filings.bundle(made.id)
    assert str(alike.value) == str(refused.value)


def test_the_bundle_of_what_was_handed_over_is_there_also_when_its_case_was_overturned() -> None:
    world = World()
    filings = world.filings(papers=lambda _filing, _case: (Document("letter.txt", "text/plain", b"dear all"),))
    handed = filings.hand(LEAD, filings.draft(LEAD, "c1", Taker.NCA).id)
    overturned(world)
    assert filings.bundle(handed.id)
