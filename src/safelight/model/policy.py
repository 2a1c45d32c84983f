"""Policy: an operator's rules, and what they say about a file or a case."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from safelight.model.decision import Action, RuleTrace
from safelight.model.law import Duty


class Stage(StrEnum):
    """When a rule is asked."""

    FILE = "file"  # a file was examined and matched: at the gate, and when an item comes in
    CASE = "case"  # people, or policy, decided on a case


@dataclass(frozen=True, slots=True)
class Example:
    """Facts that a rule is tried on before it is used; facts that are not named have their defaults."""

    facts: dict[str, str | int | float | bool | list[str]] = field(default_factory=dict)
    matches: bool = True


@dataclass(frozen=True, slots=True)
class PolicyRule:
    """If `when` (CEL over the facts of its stage) is true, these actions follow. `why`: for people, in one line.

    `last`: rules after it are not asked when it matches. At least one example that it matches and one that it does not.
    """

    id: str
    stage: Stage
    when: str
    then: tuple[Action, ...]
    why: str
    last: bool = False
    examples: tuple[Example, ...] = ()


@dataclass(frozen=True, slots=True)
class Policy:
    """Rules, in the order in which they are asked. `sha256`: of the text that they were read from."""

    name: str
    rules: tuple[PolicyRule, ...]
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class PolicyFlaw:
    """Why a policy cannot be used, or should be read again.

    `start`, `end`: characters of the rule's condition, 0-based, end excluded. `hint`: what may have been meant; may be
    empty.
    """

    rule: str
    cause: str
    start: int = 0
    end: int = 0
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Withheld:
    """An action that rules asked for and that was not taken, and why: safety is not for rules to switch off."""

    action: Action
    rule: str
    why: str


@dataclass(frozen=True, slots=True)
class Ruling:
    """What a policy says about one file or case, with its proof.

    `rules`: every rule of the stage, in order: matched, or not, or failed, or not asked. `duties`: what the law asks
    for, with deadlines. `degraded`: the input was incomplete, so that nothing but a look by people follows. `version`:
    of the policy; 0 for the one that comes with the program.
    """

    policy: str
    stage: Stage
    actions: tuple[Action, ...]
    rules: tuple[RuleTrace, ...]
    withheld: tuple[Withheld, ...] = ()
    degraded: bool = False
    duties: tuple[Duty, ...] = ()
    version: int = 0


class PolicyState(StrEnum):
    """Where a version of the policy stands."""

    PROPOSED = "proposed"  # waits for a second person
    SHADOW = "shadow"  # asked beside the one in force, without effect
    IN_FORCE = "in_force"
    RETIRED = "retired"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class PolicyVersion:
    """A version in the history. `number`: from 1. `text`: as it was written. `by`, `answered_by`: actors' texts."""

    number: int
    state: PolicyState
    text: str
    sha256: str
    by: str
    at: datetime
    note: str = ""
    answered_by: str = ""
    answered_at: datetime | None = None
    wanted: PolicyState = PolicyState.IN_FORCE


@dataclass(frozen=True, slots=True)
class ActionWithheld:
    """An action of a rule that was withheld in so many of the past `cases` that the rule matched, and why."""

    action: Action
    cases: int
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RuleRecord:
    """What a rule did over past cases: how many it matched, and what people found on those that they decided.

    `before`: how many the rule of this id matches in the policy in force. `gone`: it is in that one alone.
    """

    rule: str
    stage: Stage
    matched: int = 0
    confirmed: int = 0
    not_abuse: int = 0
    undecided: int = 0
    failed: int = 0
    before: int = 0
    gone: bool = False
    withheld: tuple[ActionWithheld, ...] = ()


@dataclass(frozen=True, slots=True)
class Differing:
    """A case on which two policies differ: the actions of the one in force, and those of the one that was tried."""

    case: str
    stage: Stage
    now: tuple[Action, ...]
    then: tuple[Action, ...]


@dataclass(frozen=True, slots=True)
class Backtest:
    """A policy tried on past cases and the rows of their items. `without_row`: items of which no row is kept."""

    cases: int
    items: int
    without_row: int
    rules: tuple[RuleRecord, ...]
    differing: tuple[Differing, ...]
