"""The assessment: matches, provenance, signals and the hint weighed together, for a person to read.

Each piece of evidence is a voice that makes a claim (see `assess_rules`). The strongest claim that points to a level
decides; all of them are listed, and so are those that cannot both hold. What is not there is no evidence: a file
without metadata gets `unknown`, and nothing lowers what was found. Nothing acts on an assessment.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from safelight.model.assessment import Artificialness, Assessment, Reason, Strength
from safelight.model.hint import Hint, HintVerdict
from safelight.model.match import Match, MatchKind
from safelight.model.provenance import CUT, Failure, ManifestState, Provenance
from safelight.model.segment import most_replaced
from safelight.model.signal import RuleStatus, Signal
from safelight.policy.assess_rules import (
    AUTHORITIES,
    CLAIMS,
    CONFLICTS,
    NAMED,
    OF_A_PART,
    OF_ANOTHER_FILE,
    OWN_TERMS,
    SAID,
    SAME_PICTURE,
    SAME_SCENE,
    UNVERIFIED_NOTE,
    VOICES,
    Claim,
    Voice,
)

MOST_NAMES = 3
"""Programs or findings that one reason names; the rest is counted."""
LONGEST_NAME = 120
"""Characters of a name inside a reason."""

_STRENGTHS = {strength: rank for rank, strength in enumerate(Strength)}
_CLAIMS = {claim: rank for rank, claim in enumerate(CLAIMS)}
_VOICES = {voice: rank for rank, voice in enumerate(AUTHORITIES)}


@dataclass(frozen=True, slots=True)
class _Finding:
    """One claim by one voice, with all that was found of it."""

    voice: Voice
    claim: Claim
    names: tuple[str, ...] = ()
    verified: bool = True

    @property
    def statement(self) -> str:
        """The claim as the middle of a sentence."""
        shown = ", ".join(self.names[:MOST_NAMES])
        more = f" and {len(self.names) - MOST_NAMES} more" if len(self.names) > MOST_NAMES else ""
        return f"{AUTHORITIES[self.voice].words} {CLAIMS[self.claim].words}" + (f" ({shown}{more})" if shown else "")

    @property
    def reason(self) -> Reason:
        """The claim as a reason; one that decides nothing points to `unknown`."""
        authority, meaning = AUTHORITIES[self.voice], CLAIMS[self.claim]
        note = meaning.note if self.verified else UNVERIFIED_NOTE
        points_to = meaning.points_to if self.verified else Artificialness.UNKNOWN
        text = _sentence(f"{self.statement}; {note}" if note else self.statement)
        return Reason(authority.source, points_to, authority.strength, text)

    @property
    def place(self) -> tuple[int, int, int]:
        """Sorts what decides first."""
        return _STRENGTHS[AUTHORITIES[self.voice].strength], _CLAIMS[self.claim], _VOICES[self.voice]


def assess(
    matches: Sequence[Match], signals: Sequence[Signal], provenance: Provenance | None, hint: Hint | None
) -> Assessment:
    """What the evidence says of how a file was made.

    Args:
        matches: after suppression. Only a replaced part of a known picture says anything, and only where the match
            counts: known-benign and suppressed ones, leads, and matches without a replaced part say nothing new.
        signals: in any order; several that say the same make one reason.
        provenance: of the file's manifest, None without one.
        hint: only `likely_ai` is a reason, and one that decides nothing. `no_indication` is none for anything.

    Returns:
        The same for the same evidence in any order. Of the reasons, those that point to a level come first, the
        strongest before the others; the first one decides. `strength` is that reason's; without one it is `hinted`
        when a detector leans, else `none`.
    """
    findings = [*_region(matches), *_manifest(provenance), *_said(signals)]
    findings.sort(key=lambda finding: finding.place)
    reasons = [*(finding.reason for finding in findings), *_besides(matches, provenance, hint)]
    reasons.sort(key=lambda r: (r.points_to is Artificialness.UNKNOWN, _STRENGTHS[r.strength]))
    conflicts = (*_contradictions(findings), *_broken_word(findings, provenance))
    first = reasons[0] if reasons else None
    if first is None or first.points_to is Artificialness.UNKNOWN:
        leans = any(reason.strength is Strength.HINTED for reason in reasons)
        strength = Strength.HINTED if leans else Strength.NONE
        return Assessment(Artificialness.UNKNOWN, strength, tuple(reasons), conflicts)
    return Assessment(first.points_to, first.strength, tuple(reasons), conflicts)


def _counted(matches: Iterable[Match]) -> list[Match]:
    """Matches of a picture with its known source, or the like, that no known-benign picture explains."""
    kinds = {MatchKind.NEAR, MatchKind.DERIVATIVE}
    return [m for m in matches if m.kind in kinds and m.counts]


def _replaced(match: Match) -> float:
    """Share of the picture that was replaced; of a video, of the frame in which it is the largest."""
    region = match.altered_region or most_replaced(match.segments)
    return region.area if region else 0.0


def _region(matches: Sequence[Match]) -> Iterator[_Finding]:
    """A replaced part of a known picture; of several the largest names the reason."""
    altered = sorted(
        (match for match in _counted(matches) if _replaced(match) > 0),
        key=lambda match: (-_replaced(match), match.bank, match.entry),
    )
    if altered:
        area = 100 * _replaced(altered[0])
        share = f"{area:.0f} %" if area >= 1 else "less than 1 %"
        share = f"up to {share} of a frame" if altered[0].segments else share
        first, others = _entry(altered[0]), {_entry(match) for match in altered}
        yield _Finding(Voice.REGION, Claim.REGION, (f"{share} differs from {first}", *sorted(others - {first})))


def _entry(match: Match) -> str:
    return _cut(f"{match.bank}/{match.entry}")


def _manifest(provenance: Provenance | None) -> Iterator[_Finding]:
    """What an embedded manifest declares."""
    if provenance is not None and provenance.state is ManifestState.EMBEDDED and provenance.says in SAID:
        voice = _voice(provenance)
        claim = SAID[provenance.says]
        if claim is Claim.CAPTURED and voice is Voice.TRUSTED:
            claim = _captured(provenance)
        yield _Finding(voice, claim, _names((provenance.claim_generator,)))


def _voice(provenance: Provenance) -> Voice:
    """Whose word a manifest's is: its signer's, or that of what the file was made from."""
    if not provenance.valid:
        return Voice.BROKEN
    if not provenance.trusted:
        return Voice.UNLISTED
    if provenance.says not in OWN_TERMS:
        return Voice.TRUSTED
    terms = OWN_TERMS[provenance.says]
    parts = [part for part in provenance.ingredients if OWN_TERMS.get(part.says) == terms]
    own = any(uri in terms for uri in provenance.source_types)
    return Voice.TRUSTED if own or (parts and all(part.valid and part.trusted for part in parts)) else Voice.PART


def _captured(provenance: Provenance) -> Claim:
    """A capture by the word of a trusted signer counts as far as nothing was done to it afterwards."""
    actions = {action.name for action in provenance.actions}
    actions |= {action.name for part in provenance.ingredients for action in part.actions}
    composed = any(part.relationship != "parentOf" for part in provenance.ingredients)
    if composed or actions - SAME_PICTURE - SAME_SCENE:
        return Claim.ALTERED_AFTER
    if any(failure.code == CUT for failure in provenance.failures):
        return Claim.CUT
    return Claim.ADJUSTED if provenance.ingredients or actions & SAME_SCENE else Claim.ORIGINAL


def _said(signals: Iterable[Signal]) -> Iterator[_Finding]:
    """The claims of signals, those of one voice together."""
    groups: defaultdict[tuple[Voice, Claim, bool], set[str]] = defaultdict(set)
    for signal in signals:
        if signal.says in SAID:
            claim = SAID[signal.says]
            claim = NAMED.get(signal.name, claim) if claim is Claim.ALTERED else claim
            verified = signal.rule is None or signal.rule.status is not RuleStatus.UNVERIFIED
            groups[VOICES[signal.kind], claim, verified].add(signal.generator or signal.detail or signal.name)
    for (voice, claim, verified), names in sorted(groups.items()):
        yield _Finding(voice, claim, _names(names), verified)


def _besides(matches: Sequence[Match], provenance: Provenance | None, hint: Hint | None) -> Iterator[Reason]:
    """What is worth telling and decides nothing."""
    whole = sorted(_entry(m) for m in _counted(matches) if m.altered_region and not _replaced(m))
    if whole:
        text = (
            f"No part was found to be replaced in comparison with {whole[0]}; how that known picture itself was made, "
            "a match does not say."
        )
        yield Reason("match", Artificialness.UNKNOWN, Strength.MATCHED, text)
    if provenance is not None and (broken := _changed(provenance)):
        text = (
            "The file is not what its manifest was signed for: it was changed afterwards, or the manifest is another "
            f"file's ({'; '.join(_names(failure.words or failure.code for failure in broken)[:MOST_NAMES])})."
        )
        yield Reason("provenance", Artificialness.UNKNOWN, Strength.DECLARED, text)
    if hint is not None and hint.verdict is HintVerdict.LIKELY_AI:
        text = (
            f"The detector {_cut(hint.detector)} leans towards AI-made. That is a hint, often wrong on pictures unlike "
            "those it learnt from, and decides nothing."
        )
        yield Reason("hint", Artificialness.UNKNOWN, Strength.HINTED, text)


def _contradictions(findings: Sequence[_Finding]) -> Iterator[str]:
    """The strongest two findings of each pair of claims that cannot both hold. Unverified rules contradict nothing."""
    strongest: dict[Claim, _Finding] = {}
    for finding in findings:
        if finding.verified:
            strongest.setdefault(finding.claim, finding)
    for one, other in product(strongest.values(), repeat=2):
        if (one.claim, other.claim) in CONFLICTS:
            yield _sentence(f"{one.statement}; but {other.statement}")


def _broken_word(findings: Iterable[_Finding], provenance: Provenance | None) -> Iterator[str]:
    """A claim of a manifest that was signed for something else than this file."""
    if provenance is not None and _changed(provenance):
        for finding in findings:
            if finding.voice is Voice.BROKEN:
                yield _sentence(f"{finding.statement}; but the file is not what that manifest was signed for")


def _changed(provenance: Provenance) -> list[Failure]:
    """Failures that mean: what was signed is not what is here."""
    if provenance.valid is not False:
        return []
    own = (failure for failure in provenance.failures if OF_A_PART not in failure.subject)
    return [f for f in own if f.code.endswith(".mismatch") and not f.code.startswith(OF_ANOTHER_FILE)]


def _names(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({_cut(text) for text in texts if text}))


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_NAME else text[: LONGEST_NAME - 1] + "\u2026"


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:].rstrip('.')}."
