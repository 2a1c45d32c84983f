"""What may happen to cases from found to gone, in any order and over several years: for slow ways and fast ones."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

from hypothesis import strategies as st

from safelight.case.fold import absorbed
from safelight.model.access import SYSTEM
from safelight.model.case import (
    AppealDecided,
    AppealOpened,
    Approved,
    Body,
    Classification,
    Decided,
    Draft,
    DutyArose,
    DutyDropped,
    DutyMet,
    Grave,
    Merged,
    NoticeAnswered,
    NoticeRetracted,
    NoticeSent,
    Opened,
    Proposed,
    Rejected,
    ReportFinished,
    RetractionConfirmed,
    RetractionEnded,
)
from safelight.model.decision import Outcome
from safelight.model.errors import TransitionError, UnknownCaseError
from safelight.model.filing import Body as Taker
from safelight.model.law import Duty, DutyKind
from safelight.model.takedown import Contact, Form, Location, Notice, NoticeState, Place, RetractionState, Scope
from tests.closing import ANN, CONFIRMED, NOT_ABUSE, SUE, World

CASES: Final = ("c1", "c2", "c3", "c4")
FINDINGS: Final = (CONFIRMED, NOT_ABUSE, replace(CONFIRMED, classification=Classification.OTHER))
ACTS: Final = (
    "open", "add", "decide", "propose", "answer", "overturn", "appeal", "tell", "merge", "locate",
    "notice", "reply", "take back", "retract", "arise", "settle", "report", "wait",
)  # fmt: skip

Act = tuple[str, int, int]
TOLD: Final = ("add", "decide", "overturn", "tell", "merge", "wait")
OWED: Final = ("arise", "settle", "merge", "wait")
"""Acts that have much to do with each other: of statements, of duties."""
TOLD_ELSEWHERE: Final[tuple[Act, ...]] = (
    ("tell", 0, 5), ("merge", 1, 0), ("decide", 1, 0), ("tell", 1, 5),
    ("overturn", 1, 4), ("tell", 1, 5), ("overturn", 1, 3), ("tell", 1, 5),
)  # fmt: skip
"""Uploaders are told in another case that what they were told is withdrawn, and then that it stands after all."""


def histories(acts: Sequence[str] = ACTS) -> st.SearchStrategy[list[Act]]:
    """Acts, each with the number of a case and of a choice; those that a case does not allow do not happen."""
    return st.lists(st.tuples(st.sampled_from(acts), st.integers(0, 3), st.integers(0, 5)), min_size=10, max_size=40)


class Story:
    """A world in which acts happen."""

    def __init__(self) -> None:
        self.world = World()
        self.world.clock.time = datetime(2025, 12, 20, tzinfo=UTC)
        self._number = 0
        for number in range(1, len(CASES)):
            for act in ("open", "add", "decide"):
                self.happen((act, number, number % 2))

    def happen(self, act: Act) -> None:
        """One act, if it may be."""
        self._number += 1
        with suppress(TransitionError, UnknownCaseError):
            self._happen(act[0], CASES[act[1]], act[2])

    def _happen(self, act: str, case: str, choice: int) -> None:
        new, world = f"{self._number}", self.world
        match act:
            case "open":
                self._log(case, Opened("near", family=f"family {case}"))
            case "add":
                world.cases.case(case)
                world.add(f"i-{new}", list(Outcome)[choice % len(Outcome)], case, ("items", "gate")[choice % 2])
            case "wait":
                world.clock.time += timedelta(days=(1, 20, 200, -20, -1, 365)[choice])
            case "merge" if case != (other := CASES[choice % 4]):
                moved = absorbed(world.cases.case(other))
                world.cases.append([Draft(case, SYSTEM, moved), Draft(other, SYSTEM, Merged(case))])
            case "locate":
                self._locate(case, f"l-{choice}", choice)
            case "tell":
                for name in CASES if choice else (case,):
                    for one in world.statements().owed(name)[: choice + 1]:
                        world.statements().make(None, name, one.item)
            case "overturn" if choice > 1:
                self._log(case, AppealOpened(new, "again"))
                self._log(case, Proposed(Grave.OVERTURN, "why", FINDINGS[choice % 3]))
                self._log(case, Approved(world.cases.case(case).proposals[-1].number, "yes"))
                self._log(case, AppealDecided(new, upheld=False))
            case _:
                for body in self._bodies(act, case, new, choice):
                    self._log(case, body)

    def _bodies(self, act: str, case: str, new: str, choice: int) -> tuple[Body, ...]:
        finding, asked, bodies = FINDINGS[choice % 3], self.world.cases.case(case).proposals, tuple[Body, ...]()
        match act:
            case "decide":
                bodies = (Decided(finding, by_policy=choice > 3),)
            case "propose":
                bodies = (Proposed(Grave.DECIDE, "why", finding),)
            case "overturn":
                bodies = AppealOpened(new, "again"), Proposed(Grave.OVERTURN, "why", finding)
            case "answer" if asked:
                bodies = (Rejected(asked[0].number, "no") if choice == 0 else Approved(asked[0].number, "yes"),)
            case "appeal":
                bodies = AppealOpened(new, "again"), AppealDecided(new, upheld=choice > 2)
            case "report":
                bodies = (ReportFinished(new, Taker.NCMEC, new, (), "d" * 64, production=choice > 1),)
            case "arise":
                bodies = (self._duty(choice),)
            case "settle":
                name = f"us/{choice // 2}"
                bodies = (DutyMet(name, "done") if choice % 2 else DutyDropped(name, "no"),)
        return bodies or self._notices(act, new, choice)

    def _notices(self, act: str, new: str, choice: int) -> tuple[Body, ...]:
        """A notice is sent, or something becomes of one that was, to whatever case that is told."""
        sent = [body.notice for one in self.world.cases.entries if isinstance(body := one.event.body, NoticeSent)]
        name, bodies = sent[choice % len(sent)] if sent else "none", tuple[Body, ...]()
        match act:
            case "notice":
                bodies = (NoticeSent(f"n-{new}", f"l-{choice}", Scope.HOST, Form.XARF, "a@host.example", "d" * 64),)
            case "reply":
                bodies = (NoticeAnswered(name, "l-0", list(NoticeState)[1 + choice]),)
            case "take back":
                bodies = (RetractionConfirmed("l-0", tuple(sent[: choice + 1])),)
            case "retract" if choice > 2:
                bodies = (NoticeRetracted(new, name, "l-0", "a@host.example", "d" * 64),)
            case "retract":
                bodies = (RetractionEnded(new, name, "l-0", list(RetractionState)[choice + 1], "why"),)
        return bodies

    def _log(self, case: str, body: Body) -> None:
        self.world.log(body, who=ANN if isinstance(body, Proposed) else SUE, case=case)

    def _duty(self, choice: int) -> DutyArose:
        facts = ("title", "to", self.world.clock.time, None, "words", "basis", "url", "2026-11-21")
        return DutyArose(Duty(f"us/{choice // 2}", "us", "report", DutyKind.REMOVE, *facts, drives=True))

    def _locate(self, case: str, name: str, choice: int) -> None:
        """A URL of the case, as it is by now."""
        now, contact = self.world.clock.time, Contact(Scope.HOST, "Host", "a@host.example")
        sent = now + timedelta(hours=choice)
        notice = Notice(f"n {name}", name, contact, Form.XARF, "en", NoticeState.SENT, now, sent=sent)
        self.world.cases.case(case)
        self.world.takedowns.kept[name] = Location(
            name, case, "i1", "0" * 64, f"https://host.example/{name}", now, list(Place)[choice % len(Place)],
            notices=(notice,) if choice % 2 else (), gone=now + timedelta(hours=4) if choice % 3 else None,
        )  # fmt: skip
