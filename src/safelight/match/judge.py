"""From hits to matches: best agreement per entry, chance level, suppression by known-benign entries."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

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


@dataclass(frozen=True, slots=True)
class NearHits:
    """What is near to one item in one bank: per entry and frame of the item, the nearest (distance, query, hash id).

    `entries`: the entry and the hash behind each hash id. `size`: PDQ hashes in the bank.
    """

    bank: Bank
    best: Mapping[str, Mapping[int, Hit]]
    entries: Mapping[int, tuple[BankEntry, KnownHash]]
    size: int


def near_hits(
    bank: Bank,
    queries: Sequence[Query],
    hits: Iterable[Hit],
    entries: Mapping[int, tuple[BankEntry, KnownHash]],
    size: int,
) -> NearHits:
    """What counts of the hits of one item, frame by frame.

    Args:
        bank: its threshold and minimum quality decide what counts.
        queries: what was asked; a query's position is the hit's query number.
        hits: what the index found, in any order.
        entries: the live entries behind the hash ids; hits on others (removed, expired) are dropped.
        size: number of PDQ hashes in the bank, for the chance level.
    """
    best: dict[str, dict[int, Hit]] = {}
    for number, hash_id, distance in hits:
        if hash_id not in entries or distance > bank.threshold:
            continue
        entry, known = entries[hash_id]
        if min(known.quality, queries[number].quality) < bank.min_quality:
            continue
        frames = best.setdefault(entry.name, {})
        held = frames.get(queries[number].frame)
        if held is None or (distance, number, hash_id) < (held[2], held[0], held[1]):
            frames[queries[number].frame] = number, hash_id, distance
    return NearHits(bank, best, entries, size)


def near_matches(queries: Sequence[Query], found: Sequence[NearHits]) -> list[Match]:
    """One near match per bank and entry, closest first; those that a known-benign entry explains are marked.

    `found`: of one item, by bank. A frame in which no benign entry is as near as the entry comes before one in which
    there is: what looks harmless in one frame must not hide what another frame shows.
    """
    benign = _nearest_benign(found)
    chosen: list[tuple[int, int, str, str, Match]] = []
    for hits in found:
        for name, frames in hits.best.items():
            hidden, distance, number, hash_id = min(
                (not hits.bank.negative and frame in benign and benign[frame][0] <= distance, distance, number, hash_id)
                for frame, (number, hash_id, distance) in frames.items()
            )
            match = _near(hits, queries, (number, hash_id, distance))
            if hidden:
                match = replace(match, suppressed_by=benign[match.frame][1])
            chosen.append((distance, number, hits.bank.name, name, match))
    return [match for *_order, match in sorted(chosen, key=lambda one: one[:4])]


def _nearest_benign(found: Iterable[NearHits]) -> dict[int, tuple[int, str]]:
    """Of each frame that is near to known-benign entries, the least distance, and whose it is."""
    nearest: dict[int, tuple[int, str]] = {}
    for hits in found:
        if hits.bank.negative:
            for name, frames in hits.best.items():
                for frame, (_number, _hash_id, distance) in frames.items():
                    one = distance, f"{hits.bank.name}/{name}"
                    nearest[frame] = min(one, nearest.get(frame, one))
    return nearest


def _near(hits: NearHits, queries: Sequence[Query], hit: Hit) -> Match:
    (number, hash_id, distance), bank = hit, hits.bank
    (entry, known), query = hits.entries[hash_id], queries[number]
    expected = expected_false_matches(distance, hits.size, len(queries), min(known.quality, query.quality))
    return Match(
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

    Nor must it hide among harmless frames: what was found in a frame of an animation or a video is explained only by
    what was found in the same frame, and what was found in stretches of it only by stretches that cover these but for
    `LEFT_OVER` of their time. What is marked already stays so.
    """
    benign = [match for match in matches if match.negative]
    marked = []
    for match in matches:
        over = next((other for other in benign if not match.negative and _explains(other, match)), None)
        marked.append(replace(match, suppressed_by=f"{over.bank}/{over.entry}") if over else match)
    return tuple(sorted(marked, key=lambda m: (*_closeness(m), m.bank, m.entry)))


def best_of_each(matches: Iterable[Match]) -> list[Match]:
    """One match per bank and entry, in the order given: of several the first that no benign entry explains.

    `matches`: as `suppress` gives them, the strongest first.
    """
    best: dict[tuple[str, str], Match] = {}
    kept = list(matches)
    for match in sorted(kept, key=lambda match: match.suppressed_by is not None):
        best.setdefault((match.bank, match.entry), match)
    return [match for match in kept if best[match.bank, match.entry] is match]


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
    if (benign.frame, benign.time) != (match.frame, match.time) or not _covers(benign, match):
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
