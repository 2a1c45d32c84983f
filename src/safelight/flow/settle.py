"""What follows once people know: duties of the law, how long media is kept, and what the policy asks for.

All of it is events of the case's log, and is safe to repeat: a job runs it after each decision and each report, and
whenever items have joined. What the law asks for does not depend on the policy. Where the policy has things preserved,
they are from the decision on, so that nothing is destroyed before a report is sent, with which the law's time begins.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import groupby
from typing import Final

from safelight.flow.merged import act_on
from safelight.flow.review_rules import must
from safelight.flow.settle_facts import OURS, History, counted, done, history, on_test, rule_of
from safelight.model.access import SYSTEM, Actor, ActorKind, Permission, Principal
from safelight.model.assessment import Artificialness
from safelight.model.case import (
    TOOL,
    Answer,
    Body,
    Case,
    CaseState,
    Draft,
    DutyArose,
    DutyDropped,
    DutyMet,
    DutyState,
    Noted,
    PolicyApplied,
    PreservationSet,
    Verdict,
)
from safelight.model.decision import Action
from safelight.model.errors import ForbiddenError, UsageError
from safelight.model.law import Duty, DutyKind, LawPack, Trigger
from safelight.model.policy import Ruling
from safelight.policy.duties import Began, Facts, chosen, duties, longest
from safelight.ports import CaseStore, Clock

BY_PEOPLE: Final = frozenset((Trigger.REQUEST, Trigger.NOTICE, Trigger.ORDER, Trigger.DETECTION))
"""What people record, as the log cannot tell it by itself."""
OLDEST: Final = timedelta(days=5 * 366)
"""How long ago something may have come in that is recorded now."""
KEPT: Final = "it was kept until then"
"""By what a duty to preserve is met."""
BY_POLICY: Final = "policy:"
"""How `PreservationSet.rule` begins for what policy has kept before a report: the rule whose time it is follows."""
REAL: Final = "/production"
"""How the id of a duty ends that only a report to a test system had met, and that arose for the real receiver."""
AGAIN: Final = "/again"
"""How the id of a duty ends that another one has, which began at the same moment in a case that was merged in."""


class Settle:
    """Duties, preservation and policy of cases.

    `packs`: by id; `jurisdictions`: whose law applies. `rule`: asks the policy of stage CASE. `production`: whether
    reports go to the real receivers: then those that only a test system has do not count.

    Raises UsageError for a jurisdiction without a pack.
    """

    def __init__(
        self,
        cases: CaseStore,
        packs: Mapping[str, LawPack],
        jurisdictions: Sequence[str],
        rule: Callable[[Case], Ruling],
        clock: Clock,
        *,
        production: bool = False,
    ) -> None:
        self._cases, self._rule, self._clock, self._production = cases, rule, clock, production
        self._packs = {pack.id: pack for pack in chosen(packs, jurisdictions)}
        self._triggers = {f"{pack.id}/{rule.id}": rule.trigger for pack in self._packs.values() for rule in pack.rules}

    def settle(self, case_id: str) -> Ruling | None:
        """Record what follows for a case, or for the one that it was merged into.

        Returns:
            What the policy says of it, with all duties that are open; None while the case is not decided, or not to
            be abuse.

        Raises:
            ConflictError: others changed the case each time that it was looked at.
            UnknownCaseError, StorageError: as the store does.
        """
        act_on(self._cases, case_id, self._by_law)
        return act_on(self._cases, case_id, self._by_policy)

    def request(self, who: Principal, case_id: str, at: datetime, rule: str, note: str = "") -> Duty:
        """Record that something came in that starts a clock: a valid request or notice, an order.

        Args:
            who: needs REPORT_PREPARE.
            case_id: that it is about.
            at: when it came in, with a zone.
            rule: which it falls under, as `us/take-it-down`.
            note: for colleagues; it must not describe what is seen, nor name a person.

        Returns:
            The duty; the one that is there already when the same was recorded before.

        Raises:
            UsageError: there is no such rule, people do not start it, or it was not in force then; or `at` is to come.
            TransitionError: the case takes no duties any more.
        """
        must(who, Permission.REPORT_PREPARE)
        found = self._trigger(rule)
        now = self._clock.now()
        if at.tzinfo is None or not now - OLDEST <= at <= now:
            raise UsageError(detail="say when it came in, with a time zone: not later than now, nor years ago")

        def record(case: Case) -> Duty:
            pack, name = self._packs[rule.partition("/")[0]], rule.partition("/")[2]
            facts = _facts(case, (Began(found, at),))
            here = (one for one in duties(self._packs, (pack.id,), facts, self._clock.now()) if one.rule == name)
            duty = next((one for one in here if one.jurisdiction == pack.id), None)
            if duty is None:
                raise UsageError(detail=f"{rule} was not in force then, or is not about what the case holds")
            there = next((one.duty for one in case.duties if one.duty.id == duty.id), None)
            if there is None:
                came = Noted(f"{rule}: came in at {duty.began.isoformat()}{f': {note}' if note else ''}")
                self._append(case, [(who.actor, came), (SYSTEM, DutyArose(duty))])
            return there or duty

        return act_on(self._cases, case_id, record)

    def drop(self, who: Principal, case: str, duty: str, reason: str) -> None:
        """A person found that a duty does not apply. Raises UsageError without a reason, TransitionError."""
        must(who, Permission.REPORT_FILE)
        if not reason.strip():
            raise UsageError(detail="say why it does not apply")
        act_on(self._cases, case, lambda found: self._append(found, [(who.actor, DutyDropped(duty, reason.strip()))]))

    def met(self, who: Principal, case: str, duty: str, by: str) -> None:
        """A duty was done. `by`: see `DutyMet`.

        That something was reported is for a person to say who may send reports: no program ends such a duty.

        Raises:
            ForbiddenError: it is not theirs to say.
            UsageError: `by` is empty, or is what a report or a statement leaves there.
            TransitionError: there is no such open duty.
        """
        must(who, Permission.REPORT_PREPARE)
        by = by.strip()
        if not by:
            raise UsageError(detail="say how it was done")
        if by.startswith(OURS):
            raise UsageError(detail=f"say it in other words: {' and '.join(OURS)} stand for what was done from here")

        def end(found: Case) -> None:
            there = next((one.duty for one in found.duties if one.duty.id == duty), None)
            if there is not None and there.kind is DutyKind.REPORT:
                must(who, Permission.REPORT_FILE)
                if who.actor.kind is not ActorKind.USER:
                    raise ForbiddenError
            self._append(found, [(who.actor, DutyMet(duty, by))])

        act_on(self._cases, case, end)

    def _append(self, case: Case, acts: Sequence[tuple[Actor, Body]]) -> None:
        if acts:
            self._cases.append([Draft(case.id, who, body, TOOL) for who, body in acts], expect=case.length)

    def _trigger(self, rule: str) -> Trigger:
        """What starts this rule's clock. Raises UsageError for none, and for what people do not record."""
        trigger = self._triggers.get(rule)
        if trigger is None:
            known = ", ".join(sorted(name for name, one in self._triggers.items() if one in BY_PEOPLE)) or "none"
            raise UsageError(detail=f"there is no rule {rule!r} of the jurisdictions in force; known: {known}")
        if trigger not in BY_PEOPLE:
            raise UsageError(detail=f"{rule} begins by itself, when the log says so ({trigger})")
        return trigger

    # By law

    def _by_law(self, case: Case) -> None:
        found = history(self._cases, case.id)
        now = self._clock.now()
        met = list(self._met(case, _open(case), found, now))
        asked = duties(self._packs, tuple(self._packs), _facts(case, self._began(case, found)), now)
        arose = list(self._new(case, asked, found, {body.duty for body in met}))
        owed = {one.duty.id: one.duty for one in case.duties if one.state is not DutyState.DROPPED}
        owed |= {duty.id: duty for duty in asked if duty.id in owed} | {duty.id: duty for duty in arose}
        bodies: list[Body] = [*met, *(DutyArose(duty) for duty in arose), *self._met(case, arose, found, now)]
        bodies += _preserved(case, owed.values(), now)
        self._append(case, [(SYSTEM, body) for body in bodies])

    def _began(self, case: Case, found: History) -> tuple[Began, ...]:
        """What started clocks, by the log. What was found to be no abuse after all starts none."""
        times = sorted(set(found.known.values()))
        reports = (Began(Trigger.REPORT, one.at, one.taker) for one in counted(case, production=self._production))
        return (*(Began(kind, at) for at in times for kind in (Trigger.KNOWLEDGE, Trigger.DECISION)), *reports)

    def _new(self, case: Case, asked: Sequence[Duty], found: History, met: Collection[str]) -> Iterator[Duty]:
        """Duties that are not there yet. `met`: ids of those that end this moment.

        Items that join later are under an open duty of the same rule, if there is one. Otherwise the first of them that
        nothing was done about starts it anew; what was done about others says nothing of it. What only a test system
        got was not done, as far as the real one goes.
        """
        tested = on_test(case, production=self._production)
        by_rule = sorted(asked, key=lambda one: (rule_of(one), one.began))
        for rule, group in groupby(by_rule, rule_of):
            there = [one for one in case.duties if rule_of(one.duty) == rule and one.duty.id not in tested]
            ids = {one.duty.id for one in there}
            owed = [_renamed(one, tested, REAL) for one in group]
            if self._triggers[rule] is Trigger.REPORT:
                yield from (one for one in owed if one.id not in ids)
            elif owed and all(one.state is not DutyState.OPEN or one.duty.id in met for one in there):
                finished = self._done(case, owed[0], found)
                left = {at for item, at in found.left(rule, there).items() if item not in finished}
                yield from [_renamed(one, ids | tested, AGAIN) for one in owed if one.began in left][:1]

    def _done(self, case: Case, duty: Duty, found: History) -> Mapping[str, str]:
        trigger = self._triggers.get(rule_of(duty))
        return done(case, duty, trigger, found, production=self._production)

    def _met(self, case: Case, owed: Iterable[Duty], found: History, now: datetime) -> Iterator[DutyMet]:
        for duty in owed:
            if duty.kind is DutyKind.PRESERVE and duty.drives and duty.due is not None and duty.due <= now:
                yield DutyMet(duty.id, KEPT)
                continue
            finished, scope = self._done(case, duty, found), found.scope(duty)
            if scope and scope <= finished.keys():
                yield DutyMet(duty.id, max(finished[item] for item in scope))  # NOBODY, if there is no other

    # By policy

    def _by_policy(self, case: Case) -> Ruling | None:
        if case.state is not CaseState.DECIDED or case.finding is None or case.finding.verdict is not Verdict.CONFIRMED:
            return None
        ruling = self._rule(case)
        matched = tuple(one.rule for one in ruling.rules if one.matched)
        body = PolicyApplied(ruling.version, ruling.stage, ruling.actions, matched, ruling.withheld, ruling.degraded)
        found = history(self._cases, case.id)
        bodies: list[Body] = [body] if body != found.applied else []
        if Action.PRESERVE in ruling.actions and not ruling.degraded and found.known:
            bodies += self._kept(case, max(found.known.values()))
        self._append(case, [(SYSTEM, body) for body in bodies])
        return replace(ruling, duties=_open(case))

    def _kept(self, case: Case, since: datetime) -> Iterator[PreservationSet]:
        """What the law would have kept if a report were sent this moment, where that is longer than what is set."""
        kept = longest(self._packs, tuple(self._packs), since)
        if kept and kept.until > self._clock.now() and (not case.preserve_until or kept.until > case.preserve_until):
            source = kept.rule.source
            rule = f"{BY_POLICY}{kept.pack.id}/{kept.rule.id}"
            yield PreservationSet(kept.until, rule, source.url or source.title, source.as_of.isoformat())


def _open(case: Case) -> tuple[Duty, ...]:
    return tuple(one.duty for one in case.duties if one.state is DutyState.OPEN)


def _renamed(duty: Duty, taken: Collection[str], suffix: str) -> Duty:
    """The duty, under another id while its own is taken."""
    while duty.id in taken:
        duty = replace(duty, id=f"{duty.id}{suffix}")
    return duty


def _facts(case: Case, began: tuple[Began, ...]) -> Facts:
    if case.finding is None:
        return Facts(Artificialness.UNKNOWN, Answer.UNKNOWN, began)
    return Facts(case.finding.artificialness, case.finding.real_victim, began)


def _preserved(case: Case, owed: Iterable[Duty], now: datetime) -> Iterator[PreservationSet]:
    """The longest that any confirmed rule asks for, where it is longer than what is set."""
    keep = [
        (duty.due, duty) for duty in owed if duty.kind is DutyKind.PRESERVE and duty.drives and duty.due is not None
    ]
    until, duty = max(keep, key=lambda one: one[0], default=(None, None))
    if until and duty and until > now and (case.preserve_until is None or until > case.preserve_until):
        yield PreservationSet(until, rule_of(duty), duty.source, duty.as_of)
