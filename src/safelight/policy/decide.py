"""The scan's decision: a fixed, small rule list whose every step is kept as proof.

A match is evidence: the strongest action here is to hold a file for a person. Nothing reports or removes by itself,
and what was read only in part is never held automatically.
"""

from collections.abc import Sequence

from safelight.model.decision import Action, Decision, Outcome, RuleTrace
from safelight.model.match import Match, MatchKind
from safelight.model.scan import Status


def decide(status: Status, matches: Sequence[Match], error: str | None = None) -> Decision:
    """The decision on one file.

    Args:
        status: how far its examination came.
        matches: its matches after suppression, in any order.
        error: why it could not be examined, if so.

    Returns:
        The first rule that matches gives the outcome; all rules are in the trace, in order, also those not reached.
    """
    positive = [m for m in matches if not m.negative]
    exact = [m for m in positive if m.kind is MatchKind.EXACT]
    near = [m for m in positive if m.kind is MatchKind.NEAR and m.suppressed_by is None]
    suppressed = [m for m in positive if m.suppressed_by is not None]
    unchecked = status in {Status.UNREADABLE, Status.SKIPPED}
    partial = status in {Status.DEGRADED, Status.UNSUPPORTED}
    rules = (
        RuleTrace("known-bytes", bool(exact), _about_exact(exact)),
        RuleTrace("near-known", bool(near), _about_near(near), failed=unchecked),
        RuleTrace("known-benign", bool(suppressed), _about_suppressed(suppressed), failed=unchecked),
        RuleTrace("could-not-check", unchecked, error or ("not examined" if unchecked else "the file was examined")),
        RuleTrace("checked-in-part", partial, _about_part(status)),
    )
    outcomes = (Outcome.KNOWN, Outcome.NEAR, Outcome.SUPPRESSED, Outcome.UNCHECKED, Outcome.PARTIAL)
    degraded = unchecked or status is Status.DEGRADED
    for rule, outcome in zip(rules, outcomes, strict=True):
        if rule.matched:
            return Decision(outcome, _actions(outcome, degraded=degraded), rule.reason, rules, degraded)
    return Decision(Outcome.CLEAR, (Action.NONE,), _about_clear(matches), rules, degraded)


def _actions(outcome: Outcome, *, degraded: bool) -> tuple[Action, ...]:
    if outcome is Outcome.KNOWN:
        return (Action.QUEUE,) if degraded else (Action.HOLD, Action.QUEUE)
    return (Action.QUEUE,) if outcome is Outcome.NEAR else (Action.NONE,)


def _about_exact(exact: Sequence[Match]) -> str:
    if not exact:
        return "no digest is on a list"
    names = {"md5": "MD5", "sha1": "SHA-1", "sha256": "SHA-256"}
    return f"the same {names[exact[0].algorithm]} as {exact[0].bank}/{exact[0].entry}" + _more(exact)


def _about_near(near: Sequence[Match]) -> str:
    if not near:
        return "no picture within a bank's threshold"
    return f"PDQ distance {near[0].distance} to {near[0].bank}/{near[0].entry}" + _more(near)


def _about_suppressed(suppressed: Sequence[Match]) -> str:
    if not suppressed:
        return "nothing to suppress"
    first = suppressed[0]
    return f"near {first.bank}/{first.entry}, but {first.suppressed_by} (known benign) is at least as close"


def _about_part(status: Status) -> str:
    if status is Status.DEGRADED:
        return "part of the file could not be read; nothing matched in the rest"
    if status is Status.UNSUPPORTED:
        return "compared by its digests only: this type is not decoded"
    return "the whole file was examined"


def _about_clear(matches: Sequence[Match]) -> str:
    benign = next((m for m in matches if m.negative), None)
    return f"known benign: {benign.bank}/{benign.entry}" if benign else "no entry of the banks matched"


def _more(matches: Sequence[Match]) -> str:
    return f" and {len(matches) - 1} more" if len(matches) > 1 else ""
