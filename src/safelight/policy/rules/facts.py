"""What rules can ask about: one table of facts for each stage, and how they are taken from a row or a case."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from safelight.model.assessment import Artificialness, Strength
from safelight.model.case import Answer, Case, CaseState, Classification, Verdict
from safelight.model.decision import Outcome
from safelight.model.hint import HintVerdict
from safelight.model.match import Match, MatchKind
from safelight.model.policy import Stage
from safelight.model.provenance import ManifestState, Provenance
from safelight.model.scan import ScanRow
from safelight.model.segment import most_replaced
from safelight.model.signal import Says

Value = str | int | float | bool | list[str]
Facts = Mapping[str, Value]

NONE = "none"
"""The word of enumerated facts for: there is none."""
FARTHEST = 256
"""Bits of a PDQ hash: the distance where nothing was found."""


class Kind(StrEnum):
    """The type of a fact, as CEL calls it."""

    TEXT = "string"
    WHOLE = "int"
    REAL = "double"
    FLAG = "bool"
    TEXTS = "list(string)"


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact. `allowed`: all its words, where they are known. `least`, `most`: of numbers.

    `detector`: a detector has a say in it, so that nothing is done because of it but having people look.
    """

    kind: Kind
    default: Value
    about: str
    origin: str
    allowed: tuple[str, ...] = ()
    least: float = 0
    most: float = 0
    detector: bool = False


def _words(*kinds: type[StrEnum], none: bool = False) -> tuple[str, ...]:
    return (*((NONE,) if none else ()), *(str(word) for kind in kinds for word in kind))


MANIFEST = (NONE, "remote_only", "unreadable", "invalid", "untrusted", "trusted")
"""What there is of a C2PA manifest, from nothing to a valid one of a trusted signer."""
_MOST_BYTES = 1 << 62
_MOST = 1 << 31

FACTS: dict[Stage, dict[str, Fact]] = {
    Stage.FILE: {
        "outcome": Fact(Kind.TEXT, str(Outcome.CLEAR), "what the evidence says", "decision", _words(Outcome)),
        "kinds": Fact(Kind.TEXTS, [], "how it agrees with known items", "matches that count", _words(MatchKind)),
        "distance": Fact(
            Kind.WHOLE, FARTHEST, "bits of 256 that differ from the nearest known item", "finds", most=FARTHEST
        ),
        "p_false_match": Fact(Kind.REAL, 1.0, "the least probability of a chance match", "finds", most=1),
        "altered_area": Fact(
            Kind.REAL, 0.0, "share of a known picture that was replaced; of several, the largest", "finds", most=1
        ),
        "banks": Fact(Kind.TEXTS, [], "names of the banks that matched", "matches that count"),
        "classifications": Fact(Kind.TEXTS, [], "what list owners say of the entries", "matches that count"),
        "negative": Fact(Kind.FLAG, False, "a known-benign item matches", "matches"),
        "suppressed": Fact(Kind.FLAG, False, "a known-benign item explains a match", "matches"),
        "artificialness": Fact(
            Kind.TEXT, str(Artificialness.UNKNOWN), "how it was made", "assessment", _words(Artificialness)
        ),
        "strength": Fact(
            Kind.TEXT,
            str(Strength.NONE),
            "what that rests on; `hinted` is a detector's word",
            "assessment",
            _words(Strength),
            detector=True,
        ),
        "manifest": Fact(Kind.TEXT, NONE, "its C2PA manifest", "provenance", MANIFEST),
        "declared": Fact(Kind.TEXT, str(Says.NOTHING), "what that manifest says", "provenance", _words(Says)),
        "hint": Fact(
            Kind.TEXT, NONE, "what a detector makes of it", "hint", _words(HintVerdict, none=True), detector=True
        ),
        "source": Fact(Kind.TEXT, "items", "how it came: `gate`, `items`, or another name", "the item"),
        "mime": Fact(Kind.TEXT, "", "its sniffed media type, as `image/jpeg`", "the row"),
        "file_size": Fact(Kind.WHOLE, 0, "bytes", "the row", most=_MOST_BYTES),
        "degraded": Fact(Kind.FLAG, False, "part of it could not be read", "decision"),
        "checked": Fact(Kind.FLAG, True, "it was examined in full", "decision"),
    },
    Stage.CASE: {
        "verdict": Fact(Kind.TEXT, NONE, "what was found", "finding", _words(Verdict, none=True)),
        "classification": Fact(Kind.TEXT, str(Classification.NONE), "its class", "finding", _words(Classification)),
        "artificialness": Fact(
            Kind.TEXT, str(Artificialness.UNKNOWN), "how it was made", "finding", _words(Artificialness)
        ),
        "real_victim": Fact(
            Kind.TEXT, str(Answer.UNKNOWN), "whether a real child is depicted", "finding", _words(Answer)
        ),
        "by_policy": Fact(Kind.FLAG, False, "the finding is the policy's: nobody looked", "the case"),
        "was_confirmed": Fact(Kind.FLAG, False, "abuse was confirmed at some time", "the case"),
        "state": Fact(Kind.TEXT, str(CaseState.DECIDED), "where it stands", "the case", _words(CaseState)),
        "items": Fact(Kind.WHOLE, 1, "how many items it has", "the case", most=_MOST),
        "outcomes": Fact(Kind.TEXTS, [], "outcomes of its items", "items", _words(Outcome)),
        "sources": Fact(Kind.TEXTS, [], "how its items came", "items"),
        "degraded": Fact(Kind.FLAG, False, "an item was not examined in full", "items"),
        "viewed": Fact(Kind.WHOLE, 0, "items that somebody looked at", "the case", most=_MOST),
        "reported": Fact(Kind.FLAG, False, "a report about it was sent", "the case"),
        "jurisdictions": Fact(Kind.TEXTS, [], "whose law applies to you", "SAFELIGHT_JURISDICTIONS"),
        "queue": Fact(Kind.TEXT, "default", "where it waits, or waited", "the case"),
        "priority": Fact(Kind.WHOLE, 0, "how soon people should look", "the case", least=-_MOST, most=_MOST),
    },
}
"""What a rule can ask about, by stage and name. A fact that an example does not name has its default."""

_FINDS = frozenset((MatchKind.EXACT, MatchKind.NEAR, MatchKind.DERIVATIVE))


def complete(stage: Stage, facts: Facts) -> dict[str, Value]:
    """These facts, and the defaults of all others."""
    return {name: facts.get(name, fact.default) for name, fact in FACTS[stage].items()}


def without_detectors(facts: Facts) -> dict[str, Value]:
    """The same facts as if no detector had been asked."""
    silent = dict(facts)
    if "hint" in silent:
        silent["hint"] = NONE
    if silent.get("strength") == Strength.HINTED:
        silent["strength"] = str(Strength.NONE)
    return silent


def of_row(row: ScanRow, source: str) -> dict[str, Value]:
    """The facts of a file. `source`: how it came, see `Item.source`."""
    counted = [match for match in row.matches if _counts(match)]
    finds = [match for match in counted if match.kind in _FINDS]
    outcome = row.decision.outcome
    return {
        "outcome": str(outcome),
        "kinds": _set(str(match.kind) for match in counted),
        "distance": min((match.distance for match in finds if match.distance is not None), default=FARTHEST),
        "p_false_match": min((p for p in map(_chance, finds) if p is not None), default=1.0),
        "altered_area": max(map(_replaced, finds), default=0.0),
        "banks": _set(match.bank for match in counted),
        "classifications": _set(match.classification for match in counted if match.classification),
        "negative": any(match.negative for match in row.matches),
        "suppressed": any(match.suppressed_by is not None for match in row.matches),
        "artificialness": str(row.assessment.artificialness),
        "strength": str(row.assessment.strength),
        "manifest": _manifest(row.provenance),
        "declared": str(row.provenance.says if row.provenance else Says.NOTHING),
        "hint": str(row.hint.verdict) if row.hint else NONE,
        "source": source,
        "mime": row.mime,
        "file_size": row.size or 0,
        "degraded": row.decision.degraded,
        "checked": not (row.decision.degraded or outcome in {Outcome.UNCHECKED, Outcome.PARTIAL}),
    }


def of_case(case: Case, jurisdictions: Sequence[str]) -> dict[str, Value]:
    """The facts of a case. `jurisdictions`: ids of the law packs that apply."""
    finding = case.finding
    return {
        "verdict": str(finding.verdict) if finding else NONE,
        "classification": str(finding.classification if finding else Classification.NONE),
        "artificialness": str(finding.artificialness if finding else Artificialness.UNKNOWN),
        "real_victim": str(finding.real_victim if finding else Answer.UNKNOWN),
        "by_policy": case.by_policy,
        "was_confirmed": case.confirmed,
        "state": str(case.state),
        "items": len(case.items),
        "outcomes": _set(str(item.outcome) for item in case.items),
        "sources": _set(item.source for item in case.items),
        "degraded": any(item.degraded for item in case.items),
        "viewed": len(case.viewed),
        "reported": bool(case.reports),
        "jurisdictions": list(jurisdictions),
        "queue": case.queue,
        "priority": case.priority,
    }


def _set(words: Iterable[str]) -> list[str]:
    return sorted(set(words))


def _counts(match: Match) -> bool:
    """Whether it speaks of a known item; the very bytes of one do, whatever is benign besides."""
    return match.counts or (match.kind is MatchKind.EXACT and not match.negative)


def _chance(match: Match) -> float | None:
    """The probability of a match by chance; the same bytes never are one."""
    return 0.0 if match.kind is MatchKind.EXACT else match.p_false_match


def _replaced(match: Match) -> float:
    region = match.altered_region or most_replaced(match.segments)
    return region.area if region else 0.0


def _manifest(provenance: Provenance | None) -> str:
    if provenance is None:
        return NONE
    if provenance.state is not ManifestState.EMBEDDED:
        return str(provenance.state)
    if provenance.valid is False:
        return "invalid"
    return "trusted" if provenance.valid and provenance.trusted else "untrusted"
