"""From hits to matches: best agreement per entry, chance level, suppression by known-benign entries."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from safelight.match.chance import expected_false_matches
from safelight.match.queries import Query
from safelight.model.bank import Bank, BankEntry, KnownHash
from safelight.model.match import Match, MatchKind

Hit = tuple[int, int, int]
"""(number of the query, hash id, distance), as a row of `ports.Hits`."""


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
    """Mark near matches that a known-benign entry explains as well or better.

    A near match is suppressed when an entry of a negative bank is at most as far from the file as it is. An exact
    match never is: lists that contradict each other on the very same bytes are for a person to settle. Exact matches
    come first, then by distance.
    """
    benign = [match for match in matches if match.negative]
    marked = []
    for match in matches:
        over = next((other for other in benign if not match.negative and _explains(other, match)), None)
        marked.append(replace(match, suppressed_by=f"{over.bank}/{over.entry}") if over else match)
    return tuple(sorted(marked, key=lambda m: (m.kind is not MatchKind.EXACT, m.distance, m.bank, m.entry)))


def _explains(benign: Match, match: Match) -> bool:
    if match.kind is MatchKind.EXACT:
        return False
    return benign.kind is MatchKind.EXACT or benign.distance <= match.distance
