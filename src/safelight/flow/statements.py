"""Statements to uploaders: which are owed, what they say, and what the DSA Transparency Database is told of them.

The log is all there is: a statement is an event that holds its own words, and what it says follows from the events
before it. That it was passed on is another event, by the platform or by a person; who uploaded without an account
can be told nothing. Whoever a statement was written for is owed another one when the decision does not stand any more,
or when an appeal changed nothing. Nobody is told anything of a case that people or policy have not decided.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import Final

from safelight.flow.merged import act_on, by_position, histories
from safelight.flow.review_rules import must
from safelight.flow.statement_records import statement_facts, told_facts
from safelight.model.access import SYSTEM, Permission, Principal
from safelight.model.audit import LoggedEvent
from safelight.model.case import (
    TOOL,
    AppealDecided,
    AppealOpened,
    Case,
    CaseItem,
    Draft,
    DutyState,
    Finding,
    StatementMade,
    StatementTold,
    Verdict,
)
from safelight.model.closing_events import Prompt, StatementKind
from safelight.model.errors import TransitionError
from safelight.model.filing import Reporter
from safelight.model.law import Trigger
from safelight.model.statement import Statement
from safelight.ports import CaseStore, Clock, Ids
from safelight.report.closing.statement import statement
from safelight.report.closing.tdb import batches, record

STEP = 500
"""Statements that are read at a time."""

_PROMPTS: Final[Mapping[Trigger | None, Prompt]] = {
    Trigger.NOTICE: Prompt.NOTICE,
    Trigger.ORDER: Prompt.OTHER,
    Trigger.REQUEST: Prompt.OTHER,
}
"""What an uploader is told of what came in, by what it was."""


@dataclass(frozen=True, slots=True)
class Owed:
    """Somebody who uploaded an item is to be told."""

    item: str
    kind: StatementKind


class Statements:
    """The acts of telling uploaders: to write a statement, and to note that it was passed on.

    `who` is None for a job that policy started; people need REPORT_FILE to have one written.
    `triggers`: what starts the clock of each rule of the law, as `eu/decide`; `language`: in which uploaders are told
    of whom nothing else is known.
    """

    def __init__(
        self,
        cases: CaseStore,
        reporter: Reporter,
        clock: Clock,
        ids: Ids,
        *,
        triggers: Mapping[str, Trigger] = MappingProxyType({}),
        language: str = "en",
    ) -> None:
        self._cases, self._reporter, self._clock, self._ids = cases, reporter, clock, ids
        self._triggers, self._language = triggers, language

    def owed(self, case: str) -> tuple[Owed, ...]:
        """What uploaders of the items of a case are still to be told. Raises UnknownCaseError."""
        found = self._cases.case(case)
        return tuple(self._owed(found, list(histories(self._cases, case)), found.items))

    def preview(self, case: str, item: str, language: str = "", prompt: Prompt | None = None) -> Statement:
        """What `make` would tell, under a number of its own. Raises as `make`."""
        found = self._cases.case(case)
        return self._statement(found, item, *self._by_itself(found, item, language, prompt))

    def make(
        self, who: Principal | None, case: str, item: str, language: str = "", prompt: Prompt | None = None
    ) -> Statement:
        """Write what the uploader of an item is to be told; the platform passes it on, see `told`.

        Args:
            who: see above.
            case: that holds the item.
            item: whose uploader is told.
            language: ISO 639-1; empty for the one in which this uploader was told before, else the operator's own.
            prompt: what made us look; None for what the case says: a notice, an order or a request that was recorded,
                else our own initiative.

        Raises:
            ForbiddenError: a person who may not.
            TransitionError: nothing is owed.
            UsageError: there is no such language.
        """
        if who is not None:
            must(who, Permission.REPORT_FILE)
        with self._cases.transaction():
            found = self._cases.case(case)
            language, prompt = self._by_itself(found, item, language, prompt)
            made = self._statement(found, item, language, prompt)
            body = StatementMade(made.id, item, made.digest, made.kind, language, prompt, made.text)
            self._cases.append([Draft(case, who.actor if who else SYSTEM, body, TOOL)], expect=found.length)
        return made

    def of_case(self, case: str) -> tuple[Statement, ...]:
        """All statements about items of a case, oldest first, as they were told."""
        found: dict[str, Statement] = {}
        for logged in by_position(self._cases, case):
            body, event = logged.event.body, logged.event
            if isinstance(body, StatementMade):
                facts = event.case, body.item, body.kind, body.language, event.at, body.text, body.digest
                found[body.statement] = Statement(body.statement, *facts)
            elif isinstance(body, StatementTold) and (one := found.get(body.statement)) and one.told is None:
                found[body.statement] = replace(one, told=event.at, told_by=event.actor)
        return tuple(found.values())

    def told(self, who: Principal, case: str, statement: str) -> Statement:
        """Note that a statement was passed on to the uploader; nothing more happens when that was noted before.

        Args:
            who: the platform by its key, or a person; needs REPORT_PREPARE.
            case: that the statement is about, or in which its items are now.
            statement: its id.

        Raises:
            ForbiddenError: it is not theirs to say.
            TransitionError: the case has no such statement, or the platform cannot say so any more.
            UnknownCaseError: there is no such case.
        """
        must(who, Permission.REPORT_PREPARE)

        def note(found: Case) -> Statement:
            one = self._of(found, statement)
            if one.told is None:
                body = StatementTold(statement, one.item)
                self._cases.append([Draft(found.id, who.actor, body, TOOL)], expect=found.length)
                one = self._of(found, statement)
            return one

        return act_on(self._cases, case, note)

    def _of(self, case: Case, statement: str) -> Statement:
        for one in self.of_case(case.id):
            if one.id == statement:
                return one
        raise TransitionError(case=case.id, cause=f"it has no statement {statement!r}")

    def database(self, begin: datetime, end: datetime) -> Iterator[dict[str, object]]:
        """Bodies of `POST /api/v1/statements` with what was told in this time, `begin` included.

        The statement's id is its `puid`, so that one sent twice is refused there. A statement that was withdrawn since
        tells the end of its restriction. They are read as they are asked for, a step at a time.
        """
        return batches(self._records(begin, end))

    def records(
        self, begin: datetime, end: datetime, after: int = -1, limit: int = STEP
    ) -> list[tuple[int, dict[str, object]]]:
        """The next statements of `database`, each with its position in the log: those after position `after`."""
        told = told_facts(self._cases, self._cases.told(begin, end, after, limit))
        return [(logged.position, record(name, facts, self._reporter)) for logged, name, facts in told]

    def _by_itself(self, case: Case, item: str, language: str, prompt: Prompt | None) -> tuple[str, Prompt]:
        """The language and the prompt, where nobody names them."""
        first = _last(list(histories(self._cases, case.id)), item, StatementKind.REASONS)
        told = first.event.body if first is not None and isinstance(first.event.body, StatementMade) else None
        return language or (told.language if told else self._language), prompt or self._origin(case)

    def _origin(self, case: Case) -> Prompt:
        """What came in first of what people recorded; see `model.law.Trigger`."""
        arose = sorted(
            (one.duty for one in case.duties if one.state is not DutyState.DROPPED), key=lambda one: one.began
        )
        triggers = (self._triggers.get(f"{duty.jurisdiction}/{duty.rule}") for duty in arose)
        return next((_PROMPTS[trigger] for trigger in triggers if trigger in _PROMPTS), Prompt.OWN)

    def _records(self, begin: datetime, end: datetime) -> Iterator[dict[str, object]]:
        after = -1
        while page := self.records(begin, end, after, STEP):
            yield from (made for _, made in page)
            after = page[-1][0]

    def _statement(self, case: Case, item: str, language: str, prompt: Prompt) -> Statement:
        past = list(histories(self._cases, case.id))
        items = [one for one in case.items if one.id == item]
        kind = next((one.kind for one in self._owed(case, past, items)), None)
        if kind is None:
            raise TransitionError(case=case.id, cause=f"nothing is owed to the uploader of item {item!r}")
        now = self._clock.now()
        if kind is StatementKind.REASONS:
            facts = statement_facts(past[0], item, prompt)
        else:
            first = _last(past, item, StatementKind.REASONS)
            assert first is not None
            events = self._cases.events(first.event.case)[: first.event.seq]
            ended = now if kind is StatementKind.WITHDRAWN else None
            facts = statement_facts(events, item, prompt, ended)
        return statement(self._ids.new(), case.id, kind, facts, self._reporter, language, now)

    def _owed(self, case: Case, past: Sequence[Sequence[LoggedEvent]], items: Iterable[CaseItem]) -> Iterator[Owed]:
        """What is owed about these items of a case."""
        if case.merged_into is not None or case.finding is None:
            return  # the case that took it in owes; an undecided one will
        for item in items:
            if (kind := _kind(case.finding, past, item)) and item.from_account is not False:
                yield Owed(item.id, kind)


def _kind(finding: Finding, past: Sequence[Sequence[LoggedEvent]], item: CaseItem) -> StatementKind | None:
    """What the uploader of an item is to be told next."""
    last = _last(past, item.id)
    told = last.event.body.kind if last is not None and isinstance(last.event.body, StatementMade) else None
    open_before = told is None or told is StatementKind.WITHDRAWN
    if finding.verdict is not Verdict.CONFIRMED:
        return None if open_before else StatementKind.WITHDRAWN
    if last is None or open_before:
        return StatementKind.REASONS
    answers = [
        body
        for events in past
        for logged in events
        if isinstance(body := logged.event.body, AppealDecided)
        and logged.position > last.position
        and _appealed(past, body.appeal) in {None, item.id}
    ]
    if not answers:
        return None
    return StatementKind.UPHELD if all(answer.upheld for answer in answers) else StatementKind.REASONS


def _appealed(past: Sequence[Sequence[LoggedEvent]], appeal: str) -> str | None:
    """The item that an appeal is about; None for the whole case."""
    opened = (logged.event.body for events in past for logged in events)
    return next((body.item for body in opened if isinstance(body, AppealOpened) and body.appeal == appeal), None)


def _last(past: Sequence[Sequence[LoggedEvent]], item: str, kind: StatementKind | None = None) -> LoggedEvent | None:
    """The last statement about an item; of this kind, if one is named."""
    told = (logged for events in past for logged in events if _is_about(logged, item, kind))
    return max(told, key=lambda logged: logged.position, default=None)


def _is_about(logged: LoggedEvent, item: str, kind: StatementKind | None) -> bool:
    body = logged.event.body
    return isinstance(body, StatementMade) and body.item == item and kind in {None, body.kind}
