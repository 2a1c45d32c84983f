"""From matches to families: which members belong together, and along which evidence.

The result depends on the set of edges alone, never on their order or on how they were split between scans.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from safelight.match.unions import Unions
from safelight.model.family import (
    Branch,
    DerivationEdge,
    EdgeKind,
    Evidence,
    Family,
    FamilyMember,
    Lead,
    Relations,
    entry_identity,
    family_id,
    kind_of,
    member_order,
)
from safelight.model.family import MemberKind as Kind
from safelight.model.match import Match, MatchKind
from safelight.model.scan import ScanRow
from safelight.model.segment import covered, most_replaced

MAX_EDGES = 100
"""Edges, and leads, of one file that are kept, the strongest: it may lie in a crowd of near-identical entries."""

_MIRRORED = frozenset({"flip_x", "flip_y", "flip_plus_1", "flip_minus_1"})
_JOINING = {kind.value: kind for kind in EdgeKind}
_RANK = {kind: rank for rank, kind in enumerate(EdgeKind)}


def relations_of(row: ScanRow) -> Relations | None:
    """What a row says about its file's families; None when that is nothing.

    A match with a known-benign entry, or suppressed by one, says nothing here, and a shared scene is a lead only.
    """
    if row.sha256 is None:
        return None
    edges: list[DerivationEdge] = []
    leads: list[Lead] = []
    for match in row.matches:
        if match.negative or match.suppressed_by is not None:
            continue
        entry, evidence = entry_identity(match.bank, match.entry), _evidence(match)
        if kind := _JOINING.get(match.kind.value):
            edges.append(DerivationEdge(row.sha256, entry, kind, evidence))
        else:
            leads.append(Lead(row.sha256, entry, evidence))
    if not edges and not leads:
        return None
    return Relations(
        row.sha256,
        row.path,
        tuple(sorted(edges, key=edge_strength)[:MAX_EDGES]),
        tuple(sorted(leads, key=lead_strength)[:MAX_EDGES]),
    )


def edge_strength(edge: DerivationEdge) -> tuple[int, float, int, int, str, str]:
    """Sorts edges, the strongest first: same bytes, then derivatives, then near; then by chance and distance."""
    evidence = edge.evidence
    chance = evidence.p_false_match
    if chance is None:
        chance = 0.0 if edge.kind is EdgeKind.EXACT else 1.0
    return _RANK[edge.kind], chance, evidence.distance or 0, -(evidence.inliers or 0), edge.child, edge.parent


def lead_strength(lead: Lead) -> tuple[float, int, str, str]:
    """Sorts leads, the strongest first: by chance, then by inliers."""
    chance = lead.evidence.p_false_match
    return 1.0 if chance is None else chance, -(lead.evidence.inliers or 0), lead.item, lead.entry


class FamilyTies:
    """Edges and leads, gathered in any order; `families` tells what they make."""

    def __init__(self) -> None:
        self._edges: dict[tuple[str, str, EdgeKind], DerivationEdge] = {}
        self._leads: dict[tuple[str, str], Lead] = {}

    def add(self, edges: Iterable[DerivationEdge], leads: Iterable[Lead] = ()) -> None:
        """Take in more; of two edges or leads that join the same pair in the same way the stronger one is kept."""
        for edge in edges:
            held = self._edges.setdefault((edge.child, edge.parent, edge.kind), edge)
            if held is not edge and held != edge:
                stronger = min(held, edge, key=lambda one: (edge_strength(one), repr(one.evidence)))
                self._edges[edge.child, edge.parent, edge.kind] = stronger
        for lead in leads:
            other = self._leads.setdefault((lead.item, lead.entry), lead)
            if other is not lead and other != lead:
                better = min(other, lead, key=lambda one: (lead_strength(one), repr(one.evidence)))
                self._leads[lead.item, lead.entry] = better

    def families(self, members: Mapping[str, FamilyMember] | None = None) -> tuple[Family, ...]:
        """The families, by the member they are named after; `members` tells more of members than their identity.

        Time grows as that of sorting the edges.
        """
        known = members or {}
        # Members as their places in the order, so that the sets compare numbers and come out sorted.
        items = sorted({end for edge in self._edges.values() for end in (edge.child, edge.parent)}, key=member_order)
        place = {item: number for number, item in enumerate(items)}
        unions = Unions[int](int)
        parts: defaultdict[int, _Part] = defaultdict(_Part)
        joined = [
            (edge, unions.join(place[edge.child], place[edge.parent]))
            for edge in sorted(self._edges.values(), key=edge_strength)
        ]
        for edge, spans in joined:
            part = parts[unions.name(place[edge.child])]
            part.spanning += [len(part.edges)] * spans
            part.edges.append(edge)
        for number, item in enumerate(items):
            parts[unions.name(number)].items.append(item)
        for lead in sorted(self._leads.values(), key=lead_strength):
            for root in {unions.name(place[item]) for item in (lead.item, lead.entry) if item in place}:
                parts[root].leads.append(lead)
        return tuple(_family(part, known) for _, part in sorted(parts.items()))


def lone_family(item: str, leads: Iterable[Lead], members: Mapping[str, FamilyMember]) -> Family:
    """What an item that no edge joins to anything has instead of a family: itself and its leads."""
    return _family(_Part([item], leads=sorted(leads, key=lead_strength)), members)


@dataclass(slots=True)
class _Part:
    """What makes one family: its items in order, its edges and leads by strength, and which edges span it."""

    items: list[str] = field(default_factory=list)
    edges: list[DerivationEdge] = field(default_factory=list)
    spanning: list[int] = field(default_factory=list)
    leads: list[Lead] = field(default_factory=list)


def _family(part: _Part, known: Mapping[str, FamilyMember]) -> Family:
    def told(items: Iterable[str]) -> tuple[FamilyMember, ...]:
        return tuple(known.get(item) or plain_member(item) for item in items)

    beside = {end for lead in part.leads for end in (lead.item, lead.entry)}.difference(part.items)
    return Family(
        id=family_id(part.items[0]),
        members=told(part.items),
        edges=tuple(part.edges),
        tree=_tree(part),
        leads=tuple(part.leads),
        beside=told(sorted(beside, key=member_order)),
    )


def plain_member(identity: str) -> FamilyMember:
    """A member of which no more is known than its identity."""
    kind = kind_of(identity)
    return FamilyMember(kind, identity, identity if kind is Kind.FILE else None)


def _tree(part: _Part) -> tuple[Branch, ...]:
    """The spanning tree of the strongest edges (Kruskal, Proc. AMS 7(1), 1956), read from the first item.

    Branches of one member come by their strength.
    """
    around: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)
    for number in part.spanning:
        edge = part.edges[number]
        around[edge.child].append((number, edge.parent))
        around[edge.parent].append((number, edge.child))
    tree: list[Branch] = []
    waiting = [Branch(part.items[0])]
    while waiting:
        branch = waiting.pop()
        tree.append(branch)
        waiting += [
            Branch(item, branch.depth + 1, branch.item, number)
            for number, item in reversed(around[branch.item])
            if number != branch.edge
        ]
    return tuple(tree)


def _evidence(match: Match) -> Evidence:
    if match.kind is MatchKind.EXACT:
        return Evidence()
    region = match.altered_region or most_replaced(match.segments)
    return Evidence(
        distance=match.distance,
        inliers=match.inliers,
        p_false_match=match.p_false_match,
        altered=region.area if region else None,
        overlay=region.overlay if region else None,
        mirrored=match.mirrored or match.dihedral in _MIRRORED,
        affine=match.affine,
        seconds=covered(match.segments) if match.segments else None,
    )
