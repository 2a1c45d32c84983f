"""The decision taken on a file."""

from dataclasses import dataclass
from enum import StrEnum


class Action(StrEnum):
    """What a decision asks for. Nothing here acts by itself."""

    NONE = "none"
    QUEUE = "queue"  # people look
    HOLD = "hold"  # not shown to anybody until they did
    BLOCK = "block"  # refused
    REPORT = "report"  # a report is prepared, for a person to read and send
    PRESERVE = "preserve"  # kept as the law asks
    NOTIFY = "notify"  # whoever uploaded it is told why


class Outcome(StrEnum):
    """What the evidence says about a file, in one word."""

    KNOWN = "known"  # the very bytes of an entry
    NEAR = "near"  # looks like an entry within the bank's threshold
    DERIVED = "derivative"  # an altered picture that came from an entry's
    SUPPRESSED = "suppressed"  # near, but a known-benign entry is at least as close
    LEAD = "shared_scene"  # not an entry's picture, but one of the same room or object: for people to look at
    PARTIAL = "partly_checked"  # nothing matched, but only digests, or only part of the file, could be compared
    CLEAR = "no_match"  # checked, nothing matched: not a statement about the content
    UNCHECKED = "not_checked"  # could not be examined


@dataclass(frozen=True, slots=True)
class RuleTrace:
    """One rule that was evaluated: did it match, or could it not be evaluated, and why."""

    rule: str
    matched: bool
    reason: str
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """Outcome and actions, with the proof. A degraded decision (input incomplete) never holds by itself."""

    outcome: Outcome
    actions: tuple[Action, ...]
    reason: str
    rules: tuple[RuleTrace, ...] = ()
    degraded: bool = False
