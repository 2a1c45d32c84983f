"""A policy tried on cases that were decided: which rules match, what people found there, and what would change."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from safelight.model.case import Case, CaseState, Verdict
from safelight.model.decision import Action
from safelight.model.errors import UnknownItemError
from safelight.model.policy import ActionWithheld, Backtest, Differing, RuleRecord, Ruling, Stage
from safelight.policy.rules.compile import Compiled
from safelight.policy.rules.evaluate import evaluate
from safelight.policy.rules.facts import Facts, of_case, of_row
from safelight.policy.rules.rails import in_order
from safelight.ports import CaseStore

Ask = Callable[[Stage, Facts], Ruling]
"""What a policy says."""
Say = Callable[[int, int], None]
"""Told how many cases are done, of how many."""

_PAGE = 100
_DECIDED = (CaseState.DECIDED, CaseState.APPEALED)


@dataclass(frozen=True, slots=True)
class Past:
    """Where past cases are; `jurisdictions` is a fact of all of them."""

    cases: CaseStore
    jurisdictions: tuple[str, ...] = ()

    def latest(self, limit: int) -> list[str]:
        """Ids of the latest decided cases, oldest first."""
        kept: deque[str] = deque(maxlen=limit)
        after = ""
        while page := self.cases.cases(_DECIDED, after=after, limit=_PAGE):
            kept.extend(case.id for case in page)
            after = page[-1].id
        return list(kept)

    def facts(self, case: Case) -> tuple[list[Facts], int]:
        """The facts of the case's items, and of how many items no row is kept."""
        rows: list[Facts] = []
        for member in case.items:
            try:
                item = self.cases.item(member.id)
            except UnknownItemError:
                continue
            if item.row is not None:
                rows.append(of_row(item.row, item.source))
        return rows, len(case.items) - len(rows)


def backtest(past: Past, tried: Compiled, in_force: Ask, limit: int, say: Say) -> Backtest:
    """What a policy would have said of the latest decided cases. Nothing is written.

    Facts are those of today: of a case as it stands now, of items as they were examined.

    Args:
        past: the cases.
        tried: the policy.
        in_force: what it is compared with.
        limit: how many cases at most, the latest.
        say: told of progress.
    """
    records = {rule.id: RuleRecord(rule.id, rule.stage) for rule in tried.policy.rules}
    actions = {rule.id: rule.then for rule in tried.policy.rules}
    differing: list[Differing] = []
    items = without = 0
    numbers = past.latest(limit)
    for done, number in enumerate(numbers, 1):
        case = past.cases.case(number)
        rows, missing = past.facts(case)
        items, without = items + len(rows), without + missing
        asked = [(Stage.FILE, facts) for facts in rows] + [(Stage.CASE, of_case(case, past.jurisdictions))]
        told, now = [evaluate(tried, *one) for one in asked], [in_force(*one) for one in asked]
        for rule, failed in _spoke(told):
            records[rule.id] = _counted(records[rule.id], case, failed=failed)
            if not failed:
                records[rule.id] = _held_back(records[rule.id], actions[rule.id], told)
        for rule, failed in _spoke(now):
            there = records.setdefault(rule.id, RuleRecord(rule.id, rule.stage, gone=True))
            records[rule.id] = replace(there, before=there.before + (not failed))
        differing += _differences(number, now, told)
        say(done, len(numbers))
    return Backtest(len(numbers), items, without, tuple(records.values()), tuple(differing))


@dataclass(frozen=True, slots=True)
class _Spoken:
    """A rule that said something."""

    id: str
    stage: Stage


def _spoke(rulings: Iterable[Ruling]) -> Iterator[tuple[_Spoken, bool]]:
    """Each rule that matched or failed on a case, once, with whether it failed on anything of it."""
    spoke: dict[_Spoken, bool] = {}
    for ruling in rulings:
        for trace in ruling.rules:
            if trace.matched or trace.failed:
                rule = _Spoken(trace.rule, ruling.stage)
                spoke[rule] = spoke.get(rule, False) or trace.failed
    yield from spoke.items()


def _held_back(record: RuleRecord, actions: Iterable[Action], told: Iterable[Ruling]) -> RuleRecord:
    """With those of the rule's actions counted that the rails withheld wherever it matched on a case."""
    matched = [one for one in told if any(trace.rule == record.rule and trace.matched for trace in one.rules)]
    kept = {one.action: one for one in record.withheld}
    for action in dict.fromkeys(actions):
        whys = [[w.why for w in one.withheld if (w.rule, w.action) == (record.rule, action)] for one in matched]
        if all(whys):
            there = kept.get(action, ActionWithheld(action, 0, ()))
            reasons = tuple(dict.fromkeys((*there.why, *(why for one in whys for why in one))))
            kept[action] = ActionWithheld(action, there.cases + 1, reasons)
    return replace(record, withheld=tuple(kept.values()))


def _counted(record: RuleRecord, case: Case, *, failed: bool) -> RuleRecord:
    if failed:
        return replace(record, failed=record.failed + 1)
    record = replace(record, matched=record.matched + 1)
    verdict = case.finding.verdict if case.finding and not case.by_policy else None
    if verdict is Verdict.CONFIRMED:
        return replace(record, confirmed=record.confirmed + 1)
    if verdict is Verdict.NOT_ABUSE:
        return replace(record, not_abuse=record.not_abuse + 1)
    return replace(record, undecided=record.undecided + 1)


def _differences(case: str, now: list[Ruling], then: list[Ruling]) -> Iterator[Differing]:
    for stage in Stage:
        first, second = _actions(stage, now), _actions(stage, then)
        if first != second:
            yield Differing(case, stage, first, second)


def _actions(stage: Stage, rulings: list[Ruling]) -> tuple[Action, ...]:
    """What a policy does about a case at one stage: about all its items together."""
    return in_order(action for ruling in rulings if ruling.stage is stage for action in ruling.actions)
