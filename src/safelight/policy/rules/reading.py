"""A policy as it is written: TOML, read with all its flaws at once."""

import tomllib
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any

from safelight.model.decision import Action
from safelight.model.policy import Example, Policy, PolicyFlaw, PolicyRule, Stage
from safelight.policy.rules.language import guess

MOST_RULES = 200
LONGEST_TEXT = 64 << 10
"""Bytes of the whole text, as UTF-8."""
LONGEST_WHY = 300
_TOP = ("name", "rule")
_RULE = ("id", "stage", "when", "then", "why", "last", "example")
_EXAMPLE = ("facts", "matches")


def read_policy(text: str) -> tuple[Policy, list[PolicyFlaw]]:
    """A policy, with the rules of it that could be read, and what is wrong with its form."""
    data = text.encode(errors="surrogatepass")
    nothing = Policy("", (), sha256(data).hexdigest())
    if len(data) > LONGEST_TEXT:
        return nothing, [PolicyFlaw("", f"a policy has at most {LONGEST_TEXT:,} bytes; this one has {len(data):,}")]
    try:
        table = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        return nothing, [PolicyFlaw("", f"not TOML: {error}")]
    flaws = list(_unknown("", table, _TOP))
    name, rules = table.get("name", ""), table.get("rule", [])
    if not isinstance(name, str) or not name.strip() or len(name) > 100:
        flaws.append(PolicyFlaw("", "`name` is missing, or no text of at most 100 characters"))
        name = ""
    if not isinstance(rules, list) or not all(isinstance(rule, dict) for rule in rules) or not rules:
        return nothing, [*flaws, PolicyFlaw("", "there are no rules", hint="each begins with the line [[rule]]")]
    if len(rules) > MOST_RULES:
        return nothing, [*flaws, PolicyFlaw("", f"a policy has at most {MOST_RULES} rules; this one has {len(rules)}")]
    read = [_rule(number, rule, flaws) for number, rule in enumerate(rules, 1)]
    return Policy(name, tuple(rule for rule in read if rule), nothing.sha256), flaws


def _unknown(rule: str, table: Mapping[str, Any], known: tuple[str, ...]) -> Iterable[PolicyFlaw]:
    for name in table:
        if name not in known:
            yield PolicyFlaw(
                rule, f"there is no field `{name}`", hint=guess(name, known) or f"one of {', '.join(known)}"
            )


def _rule(number: int, table: Mapping[str, Any], flaws: list[PolicyFlaw]) -> PolicyRule | None:
    """A rule; None when it cannot be read. What is wrong is added to `flaws`."""
    identity = table.get("id")
    if not isinstance(identity, str) or not identity.strip() or len(identity) > 100:
        flaws.append(PolicyFlaw(f"rule {number}", "`id` is missing, or no text of at most 100 characters"))
        return None
    flaws.extend(_unknown(identity, table, _RULE))
    stage, when, why, last = table.get("stage"), table.get("when"), table.get("why", ""), table.get("last", False)
    if stage not in list(Stage):
        flaws.append(PolicyFlaw(identity, "`stage` is `file` or `case`", hint=guess(str(stage), list(Stage))))
    if not isinstance(when, str):
        flaws.append(PolicyFlaw(identity, "`when` is missing: a text with the condition"))
    if not isinstance(why, str) or not why.strip() or len(why) > LONGEST_WHY:
        flaws.append(PolicyFlaw(identity, f"`why` is missing: one line for people, at most {LONGEST_WHY} characters"))
    if not isinstance(last, bool):
        flaws.append(PolicyFlaw(identity, "`last` is true or false"))
    then = tuple(_actions(identity, table.get("then"), flaws))
    examples = tuple(_examples(identity, table.get("example", []), flaws))
    if stage not in list(Stage) or not isinstance(when, str):
        return None
    return PolicyRule(identity, Stage(str(stage)), when, then, str(why), last is True, examples)


def _actions(rule: str, written: object, flaws: list[PolicyFlaw]) -> Iterable[Action]:
    if not isinstance(written, list) or not written:
        flaws.append(PolicyFlaw(rule, "`then` is empty", hint=f"a list of {', '.join(Action)}"))
        return
    for word in written:
        if word in list(Action):
            yield Action(word)
        else:
            flaws.append(
                PolicyFlaw(
                    rule, f"there is no action {word!r}", hint=guess(str(word), list(Action)) or ", ".join(Action)
                )
            )


def _examples(rule: str, written: object, flaws: list[PolicyFlaw]) -> Iterable[Example]:
    if not isinstance(written, list) or not all(isinstance(one, dict) for one in written):
        flaws.append(PolicyFlaw(rule, "examples begin with the line [[rule.example]]"))
        return
    for number, one in enumerate(written, 1):
        facts, matches = one.get("facts", {}), one.get("matches")
        flaws.extend(_unknown(rule, one, _EXAMPLE))
        if not isinstance(facts, dict) or not isinstance(matches, bool):
            flaws.append(
                PolicyFlaw(rule, f"example {number} has no `facts = {{...}}` or no `matches = true` or `false`")
            )
        else:
            yield Example(facts, matches)
