"""From hits to matches: best agreement per entry, chance level, suppression by known-benign entries."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from safelight.match.chance import expected_false_matches
from safelight.match.queries import Query
from safelight.model.bank import Bank, BankEntry, KnownHash
from safelight.model.match import Match, MatchKind
from safelight.model.segment import covered

Hit = tuple[int, int, int]
"""(number of the query, hash id, distance), as a row of `ports.Hits`."""

LEFT_OVER = 0.05
"""Share of a picture, or of the time of a video, that a known-benign entry may leave unexplained: regions and
stretches are not told to the last pixel and second, and in so small a part another source can hardly be traced."""

_RANK = {kind: rank for rank, kind in enumerate(MatchKind)}


def near_matches(
    bank: Bank,
    queries: Sequence[Query],
    hits: Iterable[Hit],
    entries: Mapping[int, tuple[BankEntry, KnownHash]],
    size: int,
) -> list[Match]:
    """The best near match per entry, closest first.

    Args:
        bank: its threshold and minimum quality decide what counts.
        queries: what was asked; a query's position is the hit's query number.
        hits: what the index found, in any order.
        entries: the live entries behind the hash ids; hits on others (removed, expired) are dropped.
        size: number of PDQ hashes in the bank, for the chance level.
    """
    best: dict[str, tuple[int, int, BankEntry, KnownHash]] = {}
    for number, hash_id, distance in hits:
        if hash_id not in entries or distance > bank.threshold:
            continue
        entry, known = entries[hash_id]
        if min(known.quality, queries[number].quality) < bank.min_quality:
            continue
        held = best.get(entry.name)
        if held is None or (distance, number) < held[:2]:
            best[entry.name] = (distance, number, entry, known)
    matches = []
    for distance, number, entry, known in sorted(best.values(), key=lambda found: (*found[:2], found[2].name)):
        query = queries[number]
        expected = expected_false_matches(distance, size, len(queries), min(known.quality, query.quality))
        matches.append(
            Match(
                bank=bank.name,
                entry=entry.name,
                kind=MatchKind.NEAR,
                algorithm="pdq",
                distance=distance,
                query=query.code,
                known=known.value,
                frame=query.frame,
                view=query.view,
                dihedral=query.dihedral,
                classification=entry.classification,
                negative=bank.negative,
                expected_false_matches=expected,
                p_false_match=-math.expm1(-expected),
            )
        )
    return matches


def exact_matches(found: Iterable[tuple[Bank, BankEntry, KnownHash]]) -> list[Match]:
    """One exact match per entry, by the strongest digest that agreed."""
    strength = {"sha256": 0, "sha1": 1, "md5": 2}
    best: dict[tuple[str, str], Match] = {}
    for bank, entry, known in found:
        match = Match(
            bank=bank.name,
            entry=entry.name,
            kind=MatchKind.EXACT,
            algorithm=known.kind,
            distance=0,
            query=known.value,
            known=known.value,
            classification=entry.classification,
            negative=bank.negative,
        )
        held = best.get((bank.name, entry.name))
        if held is None or strength[match.algorithm] < strength[held.algorithm]:
            best[bank.name, entry.name] = match
    return [best[key] for key in sorted(best)]


def suppress(matches: Sequence[Match]) -> tuple[Match, ...]:
    """Mark the matches that a known-benign entry explains as well, and put the strongest match first.

    The order: exact; near by distance; derivatives by `p_false_match`, then the higher `log_ratio`; shared scenes.

    An exact match is never suppressed: lists that contradict each other on the very same bytes are for a person to
    settle. Everything else is when the file has the very bytes of a benign entry. Apart from those, a near match is
    suppressed by a benign entry that is at most as far from the file; a shared scene, being only a lead, by any benign
    near match; a derivative by a benign entry that is near, or a derivative of at least as high a `log_ratio`, and
    that accounts for the whole picture: a known picture put beside, or into, a harmless one must not hide behind it.

    Nor must it hide among harmless frames: what was found in a frame of a video is explained only by what was found in
    the same frame, and what was found in stretches of it only by stretches that cover these.
    """
    benign = [match for match in matches if match.negative]
    marked = []
    for match in matches:
        over = next((other for other in benign if not match.negative and _explains(other, match)), None)
        marked.append(replace(match, suppressed_by=f"{over.bank}/{over.entry}") if over else match)
    return tuple(sorted(marked, key=lambda m: (*_closeness(m), m.bank, m.entry)))


def _closeness(match: Match) -> tuple[int, float, float]:
    """Sorts matches, the strongest first."""
    rank = _RANK[match.kind]
    if match.kind is MatchKind.EXACT:
        return rank, 0, 0
    if match.kind is MatchKind.NEAR:
        return rank, _bits(match), 0
    return rank, 1.0 if match.p_false_match is None else match.p_false_match, -(match.log_ratio or 0.0)


def _bits(match: Match) -> int:
    """The distance of a near match, which always has one."""
    assert match.distance is not None
    return match.distance


def _explains(benign: Match, match: Match) -> bool:
    if match.kind is MatchKind.EXACT:
        return False
    if benign.kind is MatchKind.EXACT:
        return True
    if benign.time != match.time or not _covers(benign, match):
        return False
    if match.kind is MatchKind.DERIVATIVE:
        return _accounts_for_all(benign) and (benign.kind is MatchKind.NEAR or _at_least_as_likely(benign, match))
    if benign.kind is not MatchKind.NEAR:
        return False
    return match.kind is MatchKind.SHARED_SCENE or _bits(benign) <= _bits(match)


def _covers(benign: Match, match: Match) -> bool:
    """Whether next to nothing of the stretches of a video that match lies outside of those of the benign entry."""
    if not match.segments and not benign.segments:
        return True
    mine, either = covered(match.segments), covered((*match.segments, *benign.segments))
    return bool(match.segments) and either - covered(benign.segments) <= LEFT_OVER * mine


def _accounts_for_all(benign: Match) -> bool:
    """Whether next to nothing of the picture is left for another source. Where that was not told, it is not so."""
    region = benign.altered_region
    return region is not None and region.area + region.outside <= LEFT_OVER


def _at_least_as_likely(benign: Match, match: Match) -> bool:
    if benign.kind is not MatchKind.DERIVATIVE or benign.log_ratio is None or match.log_ratio is None:
        return False
    return benign.log_ratio >= match.log_ratio
