"""Tables of docs/policy.md: facts, actions, and the policy that comes with the program, from their own sources."""

from safelight.model.policy import Stage
from safelight.policy.rules.default import DEFAULT
from safelight.policy.rules.facts import FACTS, Fact, Value


def facts_table(stage: str) -> str:
    """The facts of a stage."""
    head = ["| fact | type | default | what it says | from |", "| --- | --- | --- | --- | --- |"]
    rows = [
        f"| `{name}` | {fact.kind} | {_value(fact.default)} | {_about(fact)} | {fact.origin} |"
        for name, fact in FACTS[Stage(stage)].items()
    ]
    return "\n".join([*head, *rows]) + "\n"


def default_text() -> str:
    """The default policy, as TOML."""
    return f"```toml\n{DEFAULT}```\n"


def _value(value: Value) -> str:
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f'`"{value}"`' if isinstance(value, str) else f"`{value}`"


def _about(fact: Fact) -> str:
    words = f": {', '.join(f'`{word}`' for word in fact.allowed)}" if fact.allowed else ""
    detector = "; **a detector's word**" if fact.detector else ""
    return f"{fact.about}{words}{detector}"
