"""The scan's decision: a fixed, small rule list whose every step is kept as proof.

A match is evidence: the strongest action here is to hold a file for a person. Nothing reports or removes by itself,
and what was read only in part is never held automatically. Only the very bytes of an entry are held at all; a near
picture and a derivative ask for a person, and so does a shared scene, which is a lead and never a find.
"""

from collections.abc import Iterator, Sequence

from safelight.model.decision import Action, Decision, Outcome, RuleTrace
from safelight.model.match import Match, MatchKind, moments
from safelight.model.scan import Status
from safelight.model.segment import most_replaced

_ACTIONS = {
    Outcome.KNOWN: (Action.HOLD, Action.QUEUE),
    Outcome.NEAR: (Action.QUEUE,),
    Outcome.DERIVED: (Action.QUEUE,),
    Outcome.LEAD: (Action.QUEUE,),
}


def decide(status: Status, matches: Sequence[Match], error: str | None = None) -> Decision:
    """The decision on one file.

    Args:
        status: how far its examination came.
        matches: its matches after suppression; reasons name the first of each kind.
        error: why it could not be examined, if so.

    Returns:
        The first rule that matches gives the outcome; all rules are in the trace, in order, also those not reached.
        What was seen comes before what could not be: a file that was read in part and shows something says so. An
        unreadable one was never looked at, and can match by its digests only.
    """
    positive = [m for m in matches if not m.negative]
    counted = [m for m in positive if m.suppressed_by is None]
    exact = [m for m in positive if m.kind is MatchKind.EXACT]
    near = [m for m in counted if m.kind is MatchKind.NEAR]
    derived = [m for m in counted if m.kind is MatchKind.DERIVATIVE]
    scenes = [m for m in counted if m.kind is MatchKind.SHARED_SCENE]
    # A lead that a benign entry explains is no reason to say that anything was suppressed.
    suppressed = [m for m in positive if m.suppressed_by is not None and m.kind is not MatchKind.SHARED_SCENE]
    unchecked = status in {Status.UNREADABLE, Status.SKIPPED}
    partial = status in {Status.DEGRADED, Status.UNSUPPORTED}
    rules = (
        RuleTrace("known-bytes", bool(exact), _about_exact(exact)),
        RuleTrace("near-known", bool(near), _about_near(near), failed=unchecked),
        RuleTrace("derived-from-known", bool(derived), _about_derived(derived), failed=unchecked),
        RuleTrace("known-benign", bool(suppressed), _about_suppressed(suppressed), failed=unchecked),
        RuleTrace("shared-scene", bool(scenes), _about_scenes(scenes), failed=unchecked),
        RuleTrace("could-not-check", unchecked, error or ("not examined" if unchecked else "the file was examined")),
        RuleTrace("checked-in-part", partial, _about_part(status)),
    )
    outcomes = (
        Outcome.KNOWN,
        Outcome.NEAR,
        Outcome.DERIVED,
        Outcome.SUPPRESSED,
        Outcome.LEAD,
        Outcome.UNCHECKED,
        Outcome.PARTIAL,
    )
    degraded = unchecked or status is Status.DEGRADED
    for rule, outcome in zip(rules, outcomes, strict=True):
        if rule.matched:
            return Decision(outcome, _actions(outcome, degraded=degraded), rule.reason, rules, degraded)
    return Decision(Outcome.CLEAR, (Action.NONE,), _about_clear(matches), rules, degraded)


def _actions(outcome: Outcome, *, degraded: bool) -> tuple[Action, ...]:
    actions = _ACTIONS.get(outcome, (Action.NONE,))
    return tuple(action for action in actions if not (degraded and action is Action.HOLD))


def _about_exact(exact: Sequence[Match]) -> str:
    if not exact:
        return "no digest is on a list"
    names = {"md5": "MD5", "sha1": "SHA-1", "sha256": "SHA-256"}
    return f"the same {names[exact[0].algorithm]} as {_entry(exact[0])}" + _more(exact)


def _about_near(near: Sequence[Match]) -> str:
    if not near:
        return "no picture within a bank's threshold"
    if near[0].segments:
        figures = ", ".join((*moments(near[0], _percent), *_replaced(near[0]), *_agreement(near[0])))
        return f"near {_entry(near[0])}: {figures}, PDQ distance {near[0].distance} at the median" + _more(near)
    figures = "".join(f", {text}" for text in (*moments(near[0], _percent), *_replaced(near[0])))
    return f"PDQ distance {near[0].distance} to {_entry(near[0])}{figures}" + _more(near)


def _about_derived(derived: Sequence[Match]) -> str:
    if not derived:
        return "no part of an entry's picture was found"
    figures = [*moments(derived[0], _percent), *_replaced(derived[0]), *_agreement(derived[0])]
    if derived[0].p_false_match is not None:
        figures.append(f"p_false_match {derived[0].p_false_match:.2g}")
    return ": ".join(filter(None, (f"derivative of {_entry(derived[0])}", ", ".join(figures)))) + _more(derived)


def _about_suppressed(suppressed: Sequence[Match]) -> str:
    if not suppressed:
        return "nothing to suppress"
    first = suppressed[0]
    if first.kind is MatchKind.DERIVATIVE:
        what = "video" if first.segments else "picture"
        return f"derivative of {_entry(first)}, but {first.suppressed_by} (known benign) explains the whole {what}"
    return f"near {_entry(first)}, but {first.suppressed_by} (known benign) is at least as close"


def _about_scenes(scenes: Sequence[Match]) -> str:
    if not scenes:
        return "no lead to another picture of the same scene"
    first, what = scenes[0], "video" if scenes[0].segments else "picture"
    figures = ", ".join((*moments(first, _percent), *_agreement(first)))
    told = f" ({figures})" if figures else ""
    return f"seems to show the scene of {_entry(first)}{_more(scenes)}, in another {what}{told}: only a lead"


def _about_part(status: Status) -> str:
    if status is Status.DEGRADED:
        return "part of the file could not be read; nothing matched in the rest"
    if status is Status.UNSUPPORTED:
        return "compared by its digests only: this type is not decoded"
    return "the whole file was examined"


def _about_clear(matches: Sequence[Match]) -> str:
    benign = next((m for m in matches if m.negative), None)
    if benign is None:
        return "no entry of the banks matched"
    what = "video" if benign.segments else "picture"
    kinds = {
        MatchKind.DERIVATIVE: f"derivative of a known-benign {what}",
        MatchKind.SHARED_SCENE: f"same scene as a known-benign {what}",
    }
    return f"{kinds.get(benign.kind, 'known benign')}: {_entry(benign)}"


def _replaced(match: Match) -> Iterator[str]:
    """How much of the picture was replaced, when anything was and it could be told; of videos, in what frame most."""
    region = match.altered_region or most_replaced(match.segments)
    if region and region.area > 0:
        most = "up to " if match.segments and region.area >= 0.01 else ""
        yield f"{most}{_percent(region.area)} replaced"


def _agreement(match: Match) -> Iterator[str]:
    if match.segments:
        agreeing = sum(segment.agreeing for segment in match.segments)
        yield f"{agreeing} of {sum(segment.frames for segment in match.segments)} frames agree"
    elif match.inliers:
        yield f"{match.inliers} keypoints agree"
    elif match.tiles:
        yield f"{match.tiles_agree} of {match.tiles} tiles agree"


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %" if share >= 0.01 else "less than 1 %"


def _entry(match: Match) -> str:
    return f"{match.bank}/{match.entry}"


def _more(matches: Sequence[Match]) -> str:
    return f" and {len(matches) - 1} more" if len(matches) > 1 else ""
