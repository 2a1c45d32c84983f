"""What the policy page tells: versions, how they differ, and what is wrong with a text, marked in it."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from difflib import unified_diff
from typing import Final

from safelight.model.decision import Action
from safelight.model.policy import Backtest, PolicyFlaw, PolicyState, PolicyVersion
from safelight.policy.rules.withheld import withheld_in_cases
from safelight.web.console.cards import short
from safelight.web.console.closing_words import ACTIONS, POLICIES

MOST: Final = 50
"""Cases that differ on the page."""
SHAPES: Final = {
    PolicyState.PROPOSED: "◆",
    PolicyState.SHADOW: "◐",
    PolicyState.IN_FORCE: "●",
    PolicyState.RETIRED: "○",
    PolicyState.REJECTED: "✕",
}


@dataclass(frozen=True, slots=True)
class VersionLine:
    """A version in the history."""

    number: int
    state: str
    label: str
    shape: str
    wanted: str
    by: str
    at: datetime
    note: str
    answered_by: str
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class DiffLine:
    """A line of a difference. `kind`: `added`, `gone`, `same`, or `where`."""

    kind: str
    mark: str
    text: str


@dataclass(frozen=True, slots=True)
class ShownFlaw:
    """A flaw with the condition that it is in, in three parts: before, marked, after; all empty without one."""

    rule: str
    cause: str
    hint: str
    before: str
    marked: str
    after: str


def version_line(version: PolicyVersion, me: str) -> VersionLine:
    """The line of a version."""
    return VersionLine(
        version.number,
        str(version.state),
        POLICIES[version.state],
        SHAPES[version.state],
        POLICIES[version.wanted],
        person(version.by, me),
        version.at,
        version.note,
        person(version.answered_by, me),
        version.answered_at,
    )


def person(actor: str, me: str) -> str:
    """Who, from the text of an actor; people are numbers to each other."""
    kind, _, number = actor.partition(":")
    if not actor or actor == me:
        return "you" if actor else ""
    return f"person {number}" if kind == "user" else "the service"


def differences(old: str, new: str) -> list[DiffLine]:
    """What has to change in `old` to become `new`, with three lines around."""
    kinds = {"+": "added", "-": "gone", "@": "where"}
    lines = list(unified_diff(old.splitlines(), new.splitlines(), lineterm=""))[2:]
    return [DiffLine(kinds.get(line[0], "same"), line[0], "" if line[0] == "@" else line[1:]) for line in lines]


def shown_flaws(text: str, flaws: Iterable[PolicyFlaw]) -> list[ShownFlaw]:
    """Flaws, each with its place marked in the condition of its rule."""
    conditions = _conditions(text)
    shown = []
    for flaw in flaws:
        when = conditions.get(flaw.rule, "") if flaw.end > flaw.start else ""
        before, marked, after = when[: flaw.start], when[flaw.start : flaw.end], when[flaw.end :]
        shown.append(ShownFlaw(flaw.rule, flaw.cause, flaw.hint, before, marked, after))
    return shown


def tried_on(backtest: Backtest) -> dict[str, object]:
    """What a page tells of a policy that was tried on past cases."""
    return {"backtest": backtest, "differing": differing(backtest), "warned": withheld_in_cases(backtest)}


def differing(backtest: Backtest) -> list[tuple[str, str, str, str]]:
    """Cases on which two policies differ: id, name, what followed, and what would have."""
    return [(one.case, short(one.case), _actions(one.now), _actions(one.then)) for one in backtest.differing[:MOST]]


def _actions(actions: Iterable[Action]) -> str:
    return ", ".join(ACTIONS[one] for one in actions) or ACTIONS[Action.NONE]


def _conditions(text: str) -> dict[str, str]:
    """Conditions by rule of a text that may be wrong; empty for one that cannot be read at all."""
    try:
        tables = tomllib.loads(text).get("rule", ())
    except (tomllib.TOMLDecodeError, AttributeError):
        return {}
    rules = [one for one in tables if isinstance(one, dict)] if isinstance(tables, list) else []
    return {str(one.get("id")): str(one.get("when", "")) for one in rules}
