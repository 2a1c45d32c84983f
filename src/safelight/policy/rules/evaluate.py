"""Asking a policy: rules in order, then the rails that no rule can switch off. See docs/policy.md."""

from collections.abc import Sequence
from dataclasses import dataclass

from safelight.model.decision import Action, RuleTrace
from safelight.model.policy import Ruling, Stage, Withheld
from safelight.policy.rules import rails
from safelight.policy.rules.compile import Compiled, Program, ready
from safelight.policy.rules.facts import Facts, Value, complete, without_detectors

NOT_MATCHED = "its condition is false"
DETECTOR_ONLY = "; only by what a detector says"
DETECTOR_SILENCED = "; what a detector says cannot prevent it"


@dataclass(frozen=True, slots=True)
class _Asked:
    """What rules say, before the rails. `asks`: actions with the rule that wants them, in order."""

    traces: tuple[RuleTrace, ...]
    asks: tuple[rails.Ask, ...]


def evaluate(compiled: Compiled, stage: Stage, facts: Facts) -> Ruling:
    """What a policy says. It never fails: a rule that does asks for people.

    Args:
        compiled: the policy.
        stage: whose rules are asked.
        facts: see `facts.FACTS`; what is missing has its default.

    Returns:
        The actions in the order of `Action`, NONE alone when nothing else is left. All rules of the stage are in
        `rules`. With the detectors' words and without, the actions are the same, but for QUEUE.
    """
    told = complete(stage, facts)
    silent = without_detectors(told)
    base = asked = _ask(compiled.programs[stage], stage, silent)
    if told != silent:
        asked = _ask(compiled.programs[stage], stage, told)
    actions, withheld = rails.confine(stage, silent, base.asks, asked.asks)
    return Ruling(
        policy=compiled.policy.name,
        stage=stage,
        actions=actions,
        rules=_traces(base.traces, asked.traces),
        withheld=withheld,
        degraded=rails.is_degraded(stage, silent),
        version=compiled.version,
    )


def reduced(ruling: Ruling, why: str) -> Ruling:
    """The same without anything that goes further than keeping a file back for people to look at.

    For a policy that is asked in place of the one that should be: nobody decided that its actions be taken.
    """
    kept = {Action.HOLD if action is Action.BLOCK else action for action in ruling.actions} & {Action.HOLD, Action.NONE}
    gone = [action for action in ruling.actions if action not in {Action.HOLD, Action.QUEUE, Action.NONE}]
    if Action.NONE not in ruling.actions:
        kept.add(Action.QUEUE)
    return Ruling(
        policy=ruling.policy,
        stage=ruling.stage,
        actions=rails.in_order(kept),
        rules=ruling.rules,
        withheld=(*ruling.withheld, *(Withheld(action, "", why) for action in gone)),
        degraded=ruling.degraded,
        version=ruling.version,
    )


def _ask(programs: Sequence[Program], stage: Stage, facts: dict[str, Value]) -> _Asked:
    given, traces, asks, ended = ready(stage, facts), [], [], ""
    for program in programs:
        rule = program.rule
        if ended:
            traces.append(RuleTrace(rule.id, matched=False, reason=f"not asked: {ended} comes first"))
            continue
        answer = program.ask(given)
        if isinstance(answer, str):
            traces.append(RuleTrace(rule.id, matched=False, reason=answer, failed=True))
            asks.append(rails.Ask(rule.id, Action.QUEUE))
            continue
        traces.append(RuleTrace(rule.id, answer, rule.why if answer else NOT_MATCHED))
        if answer:
            asks += [rails.Ask(rule.id, action) for action in rule.then]
            ended = rule.id if rule.last else ""
    return _Asked(tuple(traces), tuple(asks))


def _traces(base: Sequence[RuleTrace], asked: Sequence[RuleTrace]) -> tuple[RuleTrace, ...]:
    """Rules as they were asked with all facts; what a detector changed is said."""
    return tuple(map(_trace, base, asked))


def _trace(base: RuleTrace, asked: RuleTrace) -> RuleTrace:
    if asked.matched and not base.matched:
        return RuleTrace(asked.rule, matched=True, reason=asked.reason + DETECTOR_ONLY)
    if base.matched and not asked.matched:
        return RuleTrace(base.rule, matched=True, reason=base.reason + DETECTOR_SILENCED, failed=asked.failed)
    return asked
