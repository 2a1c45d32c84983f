"""How a file was made, as an examiner reads it: every signal with its place and rule, the manifest, the hint.

Everything is bounded, so that no file makes the page heavy; what is left out is counted, and is in results.jsonl.
"""

from collections.abc import Iterator, Sequence, Sized
from dataclasses import dataclass

from markupsafe import Markup

from safelight.model.hint import Hint
from safelight.model.provenance import Failure, Ingredient, ManifestAction, ManifestState, Provenance
from safelight.model.scan import ScanRow
from safelight.model.signal import Place, Says, Signal
from safelight.model.source_types import SOURCE_TYPES
from safelight.report.signal_words import (
    FORGEABLE,
    LEVELS,
    MANIFESTS,
    RULE_STATES,
    SAYS,
    SHOWN_STRENGTHS,
    SIGNAL_KINDS,
    STRENGTHS,
    VERDICTS,
)
from safelight.report.text import count, visible

MAX_SIGNALS = 20
"""Signals that the page lists for one file."""
MAX_REASONS = 12
"""Reasons, and conflicts, that the page lists for one file."""
MAX_ITEMS = 10
"""Actions, source types, failures and ingredients each that the page lists for one manifest."""
MAX_PLACES = 3
MAX_FIGURES = 8
LONGEST = 300
"""Characters of one text from a file."""
_SCORE = "the share of pictures with this score that were AI-made in the held-out data of the card"
DEEPEST = 5
"""Levels of the ingredient tree that are set in; deeper ones stand at the last."""


@dataclass(frozen=True, slots=True)
class ShownSignal:
    """One signal in words; texts from the file in them are not escaped."""

    kind: str
    name: str
    detail: str
    says: str
    notes: tuple[tuple[str, str], ...]


def badge(row: ScanRow) -> Markup:
    """The assessment in the list of files: empty for most, and for what only a detector leans to."""
    assessment = row.assessment
    if assessment.strength not in SHOWN_STRENGTHS:
        return Markup("")
    conflict = Markup('<br><span class="conflict">conflict</span>') if assessment.conflicts else Markup("")
    return Markup('<small class="made">{}<br>{}{}</small>').format(
        LEVELS[assessment.artificialness], STRENGTHS[assessment.strength], conflict
    )


def worth_showing(row: ScanRow) -> bool:
    """Whether the examiner's panel has anything to say of how the file was made."""
    return bool(row.signals or row.provenance or row.hint or row.assessment.reasons)


def shown(signals: Sequence[Signal]) -> list[ShownSignal]:
    """The first `MAX_SIGNALS`, those that say something before the others."""
    ordered = sorted(signals, key=lambda signal: signal.says is Says.NOTHING)
    return [_shown(signal) for signal in ordered[:MAX_SIGNALS]]


def _shown(signal: Signal) -> ShownSignal:
    says = f"says that {SAYS[signal.says]}" if signal.says is not Says.NOTHING else ""
    return ShownSignal(SIGNAL_KINDS[signal.kind], signal.name, signal.detail, says, tuple(_notes(signal)))


def _notes(signal: Signal) -> Iterator[tuple[str, str]]:
    if signal.generator:
        yield "Names", signal.generator
    if signal.places:
        yield "Where", places(signal.places)
    if signal.forgeable is not None:
        yield "Can be forged", FORGEABLE[signal.forgeable]
    if signal.rule is not None:
        rule = signal.rule
        yield "Rule", f"{rule.id}, {RULE_STATES[rule.status]}; source: {rule.source}, as of {rule.as_of}"
    if signal.figures:
        figures = [
            f"{name.replace('_', ' ')} {value:,.6g}" for name, value in list(signal.figures.items())[:MAX_FIGURES]
        ]
        yield "Figures", "; ".join((*figures, *_more(signal.figures, MAX_FIGURES)))
    if signal.withheld is not None:
        text = signal.withheld
        plural = "" if text.characters == 1 else "s"
        yield (
            "Prompt",
            f"of {count(text.characters)} character{plural}, found and kept apart; SHA-256 {text.sha256}",
        )


def places(found: Sequence[Place]) -> str:
    """Where in the file, in words."""
    shown = [f"bytes {count(place.start)} to {count(place.end)} ({place.label})" for place in found[:MAX_PLACES]]
    return "; ".join((*shown, *_more(found, MAX_PLACES)))


def manifest(provenance: Provenance) -> Iterator[tuple[str, str]]:
    """The facts of a manifest: declared, valid and trusted are three lines, as they are three questions."""
    yield "Manifest", MANIFESTS[provenance.state]
    if provenance.cause:
        yield "Cause", provenance.cause
    if provenance.remote:
        yield "Address", provenance.remote
    if provenance.state is ManifestState.EMBEDDED:
        yield "Declared", SAYS[provenance.says]
        yield "Valid", _validity(provenance)
        yield "Trusted", _trust(provenance)
        yield "Signer", provenance.signer or "not named"
        if provenance.issuer:
            yield "Certificate by", provenance.issuer
        yield "Signed at", provenance.signed_at or "not told by a time stamp that holds"
    if provenance.claim_generator:
        yield "Written by", provenance.claim_generator
    if provenance.source_types:
        types = provenance.source_types
        yield "Source types", "; ".join((*types[:MAX_ITEMS], *_more(types, MAX_ITEMS)))
    if provenance.places:
        yield "Where", places(provenance.places)


def _validity(provenance: Provenance) -> str:
    if provenance.valid is None:
        return "there was nothing to check"
    return "yes: not changed since it was signed" if provenance.valid else "no: see what failed"


def _trust(provenance: Provenance) -> str:
    if provenance.trusted is None:
        return "there was nothing to check"
    by, as_of = provenance.trust_list or "the trust list", provenance.trust_as_of
    by += f", as of {as_of}" if as_of not in by else ""
    return f"yes, by {by}" if provenance.trusted else f"no, not by {by}"


def actions(found: Sequence[ManifestAction]) -> str:
    """Declared actions in their order, in one line."""
    return "; ".join((*map(_action, found[:MAX_ITEMS]), *_more(found, MAX_ITEMS)))


def _action(action: ManifestAction) -> str:
    about = ", ".join(filter(None, (_term(action.source_type), action.agent, action.when)))
    return f"{action.name} ({about})" if about else action.name


def _term(source_type: str) -> str:
    """A known source type by its term; another as it is written, as one may end like a known one."""
    return source_type.rpartition("/")[2] if source_type in SOURCE_TYPES else source_type


def failures(found: Sequence[Failure]) -> list[tuple[str, str]]:
    """Code and words of the first failures."""
    return [
        (failure.code, f"{failure.words}{f' ({failure.subject})' if failure.subject else ''}")
        for failure in found[:MAX_ITEMS]
    ]


def ingredients(found: Sequence[Ingredient]) -> Markup:
    """What a file was made from, as declared: a list in which each level is set in; empty when there is none."""
    if not found:
        return Markup("")
    item = Markup('<li class="d{}"><bdi dir="ltr">{}</bdi><small>{}</small></li>')
    items = [
        item.format(min(max(part.depth, 1), DEEPEST), visible(part.title or "without a title", LONGEST), _about(part))
        for part in found[:MAX_ITEMS]
    ]
    items += [Markup("<li>{}</li>").format(more) for more in _more(found, MAX_ITEMS)]
    return Markup('<ul class="parts">{}</ul>').format(Markup("").join(items))


def _about(part: Ingredient) -> Markup:
    checked = {None: "", True: "valid", False: "not valid"}[part.valid]
    vouched = {None: "", True: "trusted", False: "not trusted"}[part.trusted]
    says = f"says that {SAYS[part.says]}" if part.says is not Says.NOTHING else ""
    acts = f"actions: {actions(part.actions)}" if part.actions else ""
    texts = (part.relationship, part.media_type, part.claim_generator, says, checked, vouched, acts)
    return Markup(", ").join(visible(text, LONGEST) for text in texts if text)


def hint_facts(hint: Hint) -> Iterator[tuple[str, str]]:
    """What a detector said, and what that is worth."""
    yield "Detector", f"{hint.detector} {VERDICTS[hint.verdict]}"
    yield "Score", "none: outside of what it knows" if hint.score is None else f"{hint.score:.2f}: {_SCORE}"
    yield "Reason", hint.reason or "none given"
    yield "Model card", f"SHA-256 {hint.card}"
    yield (
        "Worth",
        "a hint for a person, never evidence of anything by itself; nothing acts on it, and nothing is ranked by it",
    )


def _more(found: Sized, most: int) -> tuple[str, ...]:
    left = len(found) - most
    return (f"and {count(left)} more",) if left > 0 else ()
