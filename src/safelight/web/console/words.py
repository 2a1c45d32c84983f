"""What the console says: labels of states and findings, and one sentence for each event of a case's history."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, Final, TypeVar

from safelight.model.access import Actor
from safelight.model.assessment import Artificialness
from safelight.model.case import (
    NAMES,
    Absorbed,
    Answer,
    AppealDecided,
    AppealOpened,
    Approved,
    Body,
    CaseState,
    Classification,
    Decided,
    Finding,
    Grave,
    Hidden,
    HoldLifted,
    HoldPlaced,
    ItemAdded,
    ItemDestroyed,
    ItemExported,
    Merged,
    Noted,
    Opened,
    PreservationSet,
    Proposed,
    Rejected,
    Revealed,
    Routed,
    Seconded,
    Verdict,
    Verified,
)
from safelight.report.words import OUTCOMES
from safelight.web.console.closing_words import SENTENCES

_Said = TypeVar("_Said", bound=StrEnum)
_OPEN: Final = "unknown"
"""What both axes say of what was left open."""
STATES: Final = {
    CaseState.OPEN: "waits for a decision",
    CaseState.PROPOSED: "waits for a second person",
    CaseState.DECIDED: "decided",
    CaseState.APPEALED: "appealed",
    CaseState.MERGED: "merged into another case",
}
CHOICES: Final = (
    ("1", "A1", "A1", "Prepubescent, sex act"),
    ("2", "A2", "A2", "Prepubescent, lascivious exhibition"),
    ("3", "B1", "B1", "Pubescent, sex act"),
    ("4", "B2", "B2", "Pubescent, lascivious exhibition"),
    ("5", "other", "Other harm", "Harmful or exploiting, outside of the four"),
    ("0", "not_abuse", "Not abuse", "Nothing of the above"),
    ("u", "unsure", "Unsure", "A senior reviewer looks; that is always a good answer"),
)
"""Key, value, label and meaning of each choice of a decision. The categories are the Tech Coalition's."""
SURE: Final = CHOICES[:-1]
"""The same where somebody has to decide."""
ARTIFICIALNESS: Final = {
    Artificialness.UNKNOWN: "Not known",
    Artificialness.CAMERA_ORIGINAL: "Camera original",
    Artificialness.MINIMALLY_MODIFIED: "Camera picture, minimally modified",
    Artificialness.PARTIALLY_ALTERED: "Partially altered, or made by AI in part",
    Artificialness.HYBRID: "AI had a part, how large is not known",
    Artificialness.FULLY_SYNTHETIC: "Made wholly by AI",
}
ANSWERS: Final = {Answer.UNKNOWN: "Not known", Answer.YES: "Yes", Answer.NO: "No"}
GRAVE: Final = {
    Grave.DECIDE: "Decide the case",
    Grave.DESTROY: "Destroy an item's media",
    Grave.LIFT_HOLD: "Lift a hold",
    Grave.OVERTURN: "Overturn the decision",
}
REASONS: Final = (
    "the known facts do not settle it",
    "to compare with the matched source",
    "the altered part has to be seen",
    "second decision",
    "appeal",
)
"""Why somebody looks, to choose from."""
WORST_FIRST: Final = ("A1", "A2", "B1", "B2")
USUAL_WARNING: Final = "What this shows is not known. It may be abuse."


def finding_of(choice: str) -> Finding | None:
    """The verdict and classification that a choice stands for; None for none of them."""
    if choice == "unsure":
        return Finding(Verdict.UNSURE)
    if choice == "not_abuse":
        return Finding(Verdict.NOT_ABUSE)
    if choice in {"A1", "A2", "B1", "B2", "other"}:
        return Finding(Verdict.CONFIRMED, Classification(choice))
    return None


def finding_words(finding: Finding | None) -> str:
    """A finding in a few words."""
    if finding is None:
        return "nothing yet"
    if finding.verdict is Verdict.NOT_ABUSE:
        return "not abuse"
    if finding.verdict is Verdict.UNSURE:
        return "unsure"
    return "other harm" if finding.classification is Classification.OTHER else f"confirmed, {finding.classification}"


def axis_words(words: Mapping[_Said, str], first: _Said, second: _Said | None, *, two: bool) -> str:
    """What people say of one axis, and how many. `first`: whose finding stands. See `review_history.Weighed`."""
    if not two:
        return f"{words[first]}, by one person"
    if second is None:
        return f"{words[first]}, by one person; another agreed to the finding"
    if first == second:
        return f"{words[first]}, by two people" if first != _OPEN else f"{words[first]}: both left it open"
    if first == _OPEN:
        return f"{words[second]}, set by one of two; the first left it open, so it counts as not known"
    return f"{words[first]}, set by one of two; the second left it open"


def actor_words(actor: Actor, me: Actor | None = None) -> str:
    """Who acted: people are numbers to each other, but for oneself."""
    if actor == me:
        return "you"
    return {"user": f"person {actor.id}", "key": f"program {actor.id}", "system": "the service"}[actor.kind]


def event_words(body: Body, *, secret: bool = False) -> str:
    """An event in one sentence without its full stop. `secret`: without what somebody found."""
    say = _SENTENCES.get(type(body))
    if secret and isinstance(body, Proposed):
        return "asked for a second decision; what was found is shown once you have decided yourself"
    return say(body) if say else NAMES[type(body)]


def warning_for(classifications: set[str]) -> str:
    """The line that comes before a look: what is to be expected by the worst of what the banks say."""
    worst = next((one for one in WORST_FIRST if one in classifications), None)
    return f"The bank files what this matched as {worst}." if worst else USUAL_WARNING


def _proposed(body: Proposed) -> str:
    found = f": {finding_words(body.finding)}" if body.finding else ""
    return f"asked a second person to {GRAVE[body.action].lower()}{found}. Reason: {body.reason}"


def _region(body: Revealed) -> str:
    if body.region == (0.0, 0.0, 1.0, 1.0):
        return "all"
    left, top, right, bottom = (round(100 * edge) for edge in body.region)
    return f"the part from {left} % to {right} % across and {top} % to {bottom} % down"


def _revealed(body: Revealed) -> str:
    of = "the matched source" if body.what == "source" else "the item"
    filters = f", with {', '.join(body.view)}" if body.view else ", without filters"
    return f"saw {_region(body)} of {of}{filters}. Reason: {body.reason}"


def _absorbed(body: Absorbed) -> str:
    found: dict[Verdict | None, str] = {Verdict.CONFIRMED: "confirmed", Verdict.NOT_ABUSE: "not abuse"}
    stood = f", found there: {found[body.verdict]}" if body.verdict in found else ""
    undone = ", where a finding, or what was proposed, does not stand any more" if body.undone else ""
    return f"took in {len(body.items)} items of case {body.other}{stood}{undone}"


_SENTENCES: Final[dict[type[Body], Callable[[Any], str]]] = {
    Opened: lambda body: f"opened the case: {body.reason}",
    ItemAdded: lambda body: f"added an item ({OUTCOMES[body.outcome].lower()}, by {body.source})",
    Merged: lambda body: f"merged the case into {body.into}",
    Absorbed: _absorbed,
    Routed: lambda body: f"moved it to the queue {body.queue}{f': {body.reason}' if body.reason else ''}",
    Revealed: _revealed,
    Hidden: lambda body: f"covered it again after {body.seconds:.1f} s",
    Proposed: _proposed,
    Seconded: lambda body: (
        f"said how it was made: {ARTIFICIALNESS[body.artificialness].lower()}; "
        f"is a real child a victim: {ANSWERS[body.real_victim].lower()}"
    ),
    Approved: lambda body: f"agreed{f': {body.note}' if body.note else ''}",
    Rejected: lambda body: f"did not agree{f': {body.note}' if body.note else ''}",
    Decided: lambda body: (
        f"decided{' by policy, unseen' if body.by_policy else ''}: {finding_words(body.finding)}"
        f"{', for all items at once' if body.bulk else ''}{f'. Note: {body.finding.note}' if body.finding.note else ''}"
    ),
    AppealOpened: lambda body: f"appealed: {body.text}",
    AppealDecided: lambda body: (
        f"answered the appeal: the decision {'stands' if body.upheld else 'was changed'}"
        f"{f'. {body.note}' if body.note else ''}"
    ),
    HoldPlaced: lambda body: (
        f"placed a hold{f' until {body.until:%Y-%m-%d}' if body.until else ''}, nothing may be destroyed: {body.basis}"
    ),
    HoldLifted: lambda body: f"lifted a hold: {body.reason}",
    PreservationSet: lambda body: (
        f"set that media is kept {f'until {body.until:%Y-%m-%d}' if body.until else 'without end'}, by {body.rule}"
    ),
    ItemExported: lambda body: f"exported an item {'with' if body.media else 'without'} its media: {body.reason}",
    ItemDestroyed: lambda body: f"destroyed an item's media: {body.reason}",
    Verified: lambda body: f"read an item's media back: it is {'whole' if body.intact else 'DAMAGED'}",
    Noted: lambda body: f"noted: {body.text}",
} | SENTENCES
