"""From a policy to what can be asked: each condition is compiled once, by CEL."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from cel_expr_python import cel  # type: ignore[import-untyped] # it has a .pyi file, but no py.typed

from safelight.model.errors import PolicyError
from safelight.model.policy import Policy, PolicyFlaw, PolicyRule, Stage
from safelight.policy.rules.facts import FACTS, Kind, Value

Answer = bool | str
"""Of a condition: true or false, or in words why it has no value."""
_TYPES = {
    Kind.TEXT: cel.Type.STRING,
    Kind.WHOLE: cel.Type.INT,
    Kind.REAL: cel.Type.DOUBLE,
    Kind.FLAG: cel.Type.BOOL,
    Kind.TEXTS: cel.Type.List(cel.Type.STRING),
}
_PLACE = re.compile(r"ERROR: <input>:(\d+):(\d+): (.*)")
_OVERLOAD = re.compile(r"found no matching overload for '(\w+|_[^_]+_|@in|!_)' applied to '(.*)'")
_WORD = re.compile(r"\w+|[^\w\s]+|\s")


@dataclass(frozen=True, slots=True)
class Program:
    """A rule that can be asked. `ask` takes what `ready` made of the facts."""

    rule: PolicyRule
    ask: Callable[[Any], Answer]


@dataclass(frozen=True, slots=True)
class Compiled:
    """A policy that can be asked, see `evaluate`. `version`: its number in the history, 0 for none."""

    policy: Policy
    programs: Mapping[Stage, tuple[Program, ...]]
    version: int = 0


def compile_policy(policy: Policy, version: int = 0) -> Compiled:
    """A policy that was checked before. Raises PolicyError when CEL does not take a condition."""
    programs: dict[Stage, list[Program]] = {stage: [] for stage in Stage}
    for rule in policy.rules:
        made = compile_rule(rule)
        if isinstance(made, PolicyFlaw):
            raise PolicyError(flaws=f"{made.rule}: {made.cause}")
        programs[rule.stage].append(made)
    return Compiled(policy, {stage: tuple(made) for stage, made in programs.items()}, version)


def compile_rule(rule: PolicyRule) -> Program | PolicyFlaw:
    """One rule, or why it cannot be asked."""
    try:
        expression = _environment(rule.stage).compile(rule.when)
    except RuntimeError as error:
        return _flaw(rule, str(error))
    if expression.return_type() != cel.Type.BOOL:
        cause = f"a condition is true or false; this is of type {expression.return_type().name().lower()}"
        return PolicyFlaw(rule.id, cause, 0, len(rule.when), "compare it with something")

    def ask(activation: object) -> Answer:
        try:
            value = expression.eval(activation).value()
        except RuntimeError as error:
            return str(error).splitlines()[0]
        return value if isinstance(value, bool) else str(value).splitlines()[0]

    return Program(rule, ask)


def ready(stage: Stage, facts: Mapping[str, Value]) -> object:
    """Facts as programs take them: all of the stage, and no other. Raises nothing: a wrong type fails the rule."""
    return _environment(stage).Activation(facts)


@cache
def _environment(stage: Stage) -> Any:  # noqa: ANN401 - CEL ships no types
    return cel.NewEnv(variables={name: _TYPES[fact.kind] for name, fact in FACTS[stage].items()})


def _flaw(rule: PolicyRule, text: str) -> PolicyFlaw:
    """What CEL says of the first thing that is wrong, with its place. Lines and columns of CEL count from 1."""
    found = _PLACE.search(text)
    if found is None:
        cause = text.split(": ", 1)[-1].removesuffix("]").rsplit(" [", 1)[0].splitlines()[0]
        return PolicyFlaw(rule.id, cause, 0, len(rule.when))
    lines = rule.when.split("\n")
    line = min(int(found[1]), len(lines))
    start = sum(len(one) + 1 for one in lines[: line - 1]) + int(found[2]) - 1
    start = max(0, min(start, len(rule.when) - 1))
    word = _WORD.match(rule.when, start)
    cause, hint = _in_words(found[3])
    return PolicyFlaw(rule.id, cause, start, word.end() if word else start + 1, hint)


def _in_words(cause: str) -> tuple[str, str]:
    cause = cause.split(" (in container", 1)[0]
    overload = _OVERLOAD.search(cause)
    if overload:
        name, types = overload[1].strip("_@"), overload[2].strip("()")
        numbers = sorted(types.replace(" ", "").split(",")) == ["double", "int"]
        hint = "write the number with a point, as 1.0, or without" if numbers else ""
        return f"`{name}` does not go with ({types})", hint
    if cause.startswith("Syntax error"):
        return f"syntax: {cause.removeprefix('Syntax error: ').split(' expecting', 1)[0]}", ""
    return cause, ""
