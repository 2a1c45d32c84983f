"""From a case to what a CyberTipline report says of it.

What stands in a report is what people found and what was computed; a detector is quoted as a hint and decides nothing.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from safelight.model.assessment import Artificialness, Strength
from safelight.model.case import Case, CaseItem, Classification, Finding
from safelight.model.filing import FiledItem, FileTold, Filing, Reporter
from safelight.model.match import Match, MatchKind
from safelight.model.scan import ScanRow
from safelight.model.service import Item
from safelight.report.closing.crosswalk import ARTIFICIAL, level
from safelight.report.cybertip.told_words import came
from safelight.report.cybertip.values import FileFacts, Incident
from safelight.report.cybertip.words import GENERATIVE

CLASSES: Final = frozenset((Classification.A1, Classification.A2, Classification.B1, Classification.B2))
"""The industry's classification; findings of others are not in its words, and are left out."""
_KINDS = {
    MatchKind.EXACT: "the same bytes",
    MatchKind.NEAR: "the same picture",
    MatchKind.DERIVATIVE: "an altered copy",
}
_NAMES_OURS = "match"  # the source of reasons whose words name a bank and an entry
_MOST = 10  # matches, and reasons, that are told of one file


def incident(filing: Filing, case: Case, items: Mapping[str, Item], reporter: Reporter) -> Incident:
    """A report about some items of a case, of which `items` has what is known besides.

    The reference is the case that it was drafted for, whatever that was merged into: so it stays what was confirmed.
    """
    there, told = {item.id: item for item in case.items}, filing.told
    came = min(there[one.item].added for one in filing.items)
    words = "" if told.when else "When the first of the files came to the provider."
    kept = (_kept(one, items[one.item].row, told_of(filing, one)) for one in filing.items if not one.upload)
    return Incident(told, reporter, told.when or came, words, (f"The provider's case: {filing.case}", *kept))


def file_facts(filing: Filing, filed: FiledItem, there: CaseItem, item: Item) -> FileFacts:
    """What is said of one file of a report.

    The finding is the one that the report was made of: what joins the case later changes nothing that is said.
    """
    marks = [mark for mark in (filing.told.annotations or {}).get(filed.item, ()) if mark != GENERATIVE]
    return FileFacts(
        name=filed.item,
        received=there.added,
        viewed=filed.viewed,
        annotations=(*marks, *((GENERATIVE,) if filed.generative else ())),
        classification=filing.classification if filing.classification in CLASSES else "",
        hashes=hashes(filed, item.row),
        evidence=tuple(_evidence(_found(filing, filed), there, item.row)),
        remarks=tuple(_remarks(there, item)),
        told=told_of(filing, filed),
    )


def told_of(filing: Filing, filed: FiledItem) -> FileTold:
    """What people say of how a file came."""
    return (filing.told.files or {}).get(filed.item, FileTold())


def says_generative(case: Case, finding: Finding, item: CaseItem) -> bool:
    """Whether a file is marked as made by generative AI: only when people found it to be, in whole or in part.

    The levels are those of the CAC ontology, and those that count are ARTIFICIAL. The source of an altered copy beside
    it is not marked, see `crosswalk.level`: it would be taken for artificial, and a real child with it.
    """
    return level(finding.artificialness, item.outcome, (one.outcome for one in case.items)) in ARTIFICIAL


def hashes(filed: FiledItem, row: ScanRow | None) -> tuple[tuple[str, str], ...]:
    """All hashes of a file that we have: kind and value."""
    found = {"MD5": filed.md5, "SHA1": row and row.sha1, "SHA256": filed.sha256, "PDQ": row and row.pdq}
    return tuple((kind, value) for kind, value in found.items() if value)


def _kept(filed: FiledItem, row: ScanRow | None, told: FileTold) -> str:
    """A file that is not sent along, by its hashes, with what is known of how it came."""
    parts = [f"Not sent along: {filed.item}", *(f"{kind} {value}" for kind, value in hashes(filed, row))]
    return "; ".join((*parts, *came(told)))


def _found(filing: Filing, filed: FiledItem) -> Artificialness:
    """The finding, where it is one on this file: what is artificial of a case is no word on the source beside it."""
    return (
        Artificialness.UNKNOWN
        if filing.artificialness in ARTIFICIAL and not filed.generative
        else filing.artificialness
    )


def _evidence(found: Artificialness, there: CaseItem, row: ScanRow | None) -> Iterator[tuple[str, str]]:
    yield "Compared with known items", str(there.outcome)
    if found is not Artificialness.UNKNOWN:
        yield "How it was made: found by people", str(found)
    if row is None:
        return
    yield from (("Known source", _source(match)) for match in row.matches[:_MOST] if match.counts)
    if row.assessment.strength is not Strength.NONE:
        weighed = f"{row.assessment.artificialness}, {row.assessment.strength}"
        yield "How it was made: weighed evidence, no verdict", weighed
        for reason in row.assessment.reasons[:_MOST]:
            words = "" if reason.source == _NAMES_OURS else f": {reason.text}"
            yield "A reason for that", f"{reason.source}, {reason.strength}{words}"
    if row.hint is not None:
        score = "" if row.hint.score is None else f", {row.hint.score:.3f}"
        yield "A detector, which is a hint and no verdict", f"{row.hint.detector}: {row.hint.verdict}{score}"


def _source(match: Match) -> str:
    """How a file agrees with a known one: no name of a bank or an entry, which are the provider's own."""
    parts = [f"{_KINDS.get(match.kind, match.kind)}, by {match.algorithm}"]
    if match.kind is MatchKind.NEAR and match.distance is not None:
        parts.append(f"{match.distance} of 256 bits differ")
    if match.altered_region is not None and match.altered_region.area:
        parts.append(f"{match.altered_region.area:.0%} of it was replaced")
    if match.expected_false_matches is not None:
        parts.append(f"{match.expected_false_matches:.2g} expected by chance")
    if match.known:
        parts.append(f"known {match.algorithm} {match.known}")
    if match.classification:
        parts.append(f"classified as {match.classification}")
    return "; ".join(parts)


def _remarks(there: CaseItem, item: Item) -> Iterator[str]:
    if there.reference:
        yield f"The provider's reference: {there.reference}"
    if item.account:
        yield f"Uploaded by the account: {item.account}"
