"""Generated tables of docs/audit.md."""

import inspect

from safelight.case.rules import ALLOWED
from safelight.model.access import ActorKind
from safelight.model.case import KINDS, CaseState


def events_table() -> str:
    """Every event: what it says, in which states of a case it may happen, and who may do it."""
    rows = ["| event | what happened | case may be | by |", "| --- | --- | --- | --- |"]
    for name, kind in KINDS.items():
        first = (inspect.getdoc(kind) or "").splitlines()[0]
        states, actors = ALLOWED.get(kind, (None, frozenset(ActorKind)))
        place = "not there yet" if name == "case.opened" else "no case: the chain of the service"
        if states is not None:
            rest = [state for state in CaseState if state not in states]
            named = ", ".join(state for state in CaseState if state in states)
            place = "any" if not rest else "any but merged" if rest == [CaseState.MERGED] else named
        who = ", ".join(actor for actor in ActorKind if actor in actors)
        rows.append(f"| `{name}` | {first} | {place} | {who} |")
    return "\n".join(rows) + "\n"
