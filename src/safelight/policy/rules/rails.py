"""What rules cannot switch off. Whatever is asked for against these is withheld, with the reason, and people look.

1. Nothing acts on a detector alone: its word can have people look, and neither cause nor prevent anything else.
2. Of what was not examined in full nothing follows but that people look, unless a person has decided.
3. Only the very bytes of a known item are refused, and what a case found confirmed.
4. Reports, preservation and word to the uploader come from a confirmed case alone.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from safelight.model.case import Verdict
from safelight.model.decision import Action, Outcome
from safelight.model.policy import Stage, Withheld
from safelight.policy.rules.facts import NONE, Facts

DETECTOR = "nothing acts on a detector alone"
INCOMPLETE = "it was not examined in full"
NOT_KNOWN = "only the very bytes of a known item, or a confirmed case, are refused"
NOT_A_CASE = "only a case leads to this"
NOT_CONFIRMED = "the case is not confirmed"

HARMLESS = frozenset((Action.NONE, Action.QUEUE))
"""What may always follow."""
OF_A_CASE = frozenset((Action.REPORT, Action.PRESERVE, Action.NOTIFY))
"""What only a confirmed case leads to."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A rule wants an action."""

    rule: str
    action: Action


def confine(
    stage: Stage, facts: Facts, base: Sequence[Ask], asked: Sequence[Ask]
) -> tuple[tuple[Action, ...], tuple[Withheld, ...]]:
    """The actions that may be taken, and those that are withheld.

    Args:
        stage: of the rules.
        facts: all of them, as if no detector had been asked.
        base: what rules ask for by these facts.
        asked: what they ask for with the detectors' words.
    """
    wanted = {ask.action for ask in base}
    taken, withheld = set(), []
    for ask in base:
        why = "" if ask.action in HARMLESS else _against(stage, facts, ask.action)
        taken.add(Action.QUEUE if why else ask.action)
        if why:
            withheld.append(Withheld(ask.action, ask.rule, why))
    for ask in asked:
        if ask.action not in wanted and ask.action is not Action.NONE:
            taken.add(Action.QUEUE)
            if ask.action is not Action.QUEUE:
                withheld.append(Withheld(ask.action, ask.rule, DETECTOR))
    return in_order(taken), tuple(dict.fromkeys(withheld))


def is_degraded(stage: Stage, facts: Facts) -> bool:
    """Whether nothing may follow because the input was incomplete. What a person decided does not rest on that."""
    by_a_person = stage is Stage.CASE and facts["verdict"] != NONE and not facts["by_policy"]
    return bool(facts["degraded"]) and not by_a_person


def in_order(actions: Iterable[Action]) -> tuple[Action, ...]:
    """Each once, in the order of `Action`; NONE is said only when there is nothing else."""
    taken = set(actions) - {Action.NONE}
    return tuple(action for action in Action if action in taken) or (Action.NONE,)


def _against(stage: Stage, facts: Facts, action: Action) -> str:
    """Why an action must not be taken; empty when it may."""
    if stage is Stage.FILE and action in OF_A_CASE:
        return NOT_A_CASE
    if is_degraded(stage, facts):
        return INCOMPLETE
    confirmed = stage is Stage.CASE and facts["verdict"] == Verdict.CONFIRMED
    if action in OF_A_CASE and not confirmed:
        return NOT_CONFIRMED
    known = stage is Stage.FILE and facts["outcome"] == Outcome.KNOWN
    if action is Action.BLOCK and not (known or confirmed):
        return NOT_KNOWN
    return ""
