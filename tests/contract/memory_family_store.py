"""`ports.FamilyStore` in plain lists: the obvious version that the others are compared with."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from safelight.model.family import (
    DerivationEdge,
    EdgeKind,
    FamilyMember,
    Lead,
    MemberKind,
    Relations,
    Sighting,
    bank_of,
    family_id,
)


@dataclass
class MemoryFamilyStore:
    """Looks everything up by reading all of it."""

    edges: dict[tuple[str, str, EdgeKind], DerivationEdge] = field(default_factory=dict)
    kept_leads: dict[tuple[str, str], Lead] = field(default_factory=dict)
    paths: dict[str, dict[str, datetime]] = field(default_factory=dict)

    def close(self) -> None:
        """Nothing is open."""

    def record(self, relations: Iterable[Relations], scan: datetime) -> None:
        for one in relations:
            self.paths.setdefault(one.sha256, {})[one.path] = scan
            self.edges |= {(edge.child, edge.parent, edge.kind): edge for edge in one.edges}
            self.kept_leads |= {(lead.item, lead.entry): lead for lead in one.leads}

    def component(self, identities: Iterable[str]) -> list[DerivationEdge]:
        reached = set(identities)
        before = 0
        while len(reached) > before:
            before = len(reached)
            for edge in self.edges.values():
                if {edge.child, edge.parent} & reached:
                    reached |= {edge.child, edge.parent}
        return [edge for edge in self.edges.values() if edge.child in reached]

    def leads(self, identities: Iterable[str]) -> list[Lead]:
        asked = set(identities)
        return [lead for lead in self.kept_leads.values() if {lead.item, lead.entry} & asked]

    def members(self, identities: Iterable[str], sightings: int) -> dict[str, FamilyMember]:
        found = {}
        for identity in identities:
            seen = [Sighting(path, scan) for path, scan in self.paths.get(identity, {}).items()]
            if seen:
                seen.sort(key=lambda one: (-one.scan.timestamp(), one.path))
                newest = tuple(seen[:sightings])
                found[identity] = FamilyMember(MemberKind.FILE, seen[0].path, identity, newest, len(seen))
        return found

    def named(self, family: str) -> str | None:
        return next((item for item in self._items() if bank_of(item) and family_id(item) == family), None)

    def forget(self, identities: Iterable[str]) -> None:
        gone = set(identities)
        around = {
            end
            for ends in [*((e.child, e.parent) for e in self.edges.values()), *self.kept_leads]
            for end in ends
            if set(ends) & gone
        }
        self.edges = {key: edge for key, edge in self.edges.items() if not {edge.child, edge.parent} & gone}
        self.kept_leads = {key: lead for key, lead in self.kept_leads.items() if not set(key) & gone}
        left = self._items()
        self.paths = {file: paths for file, paths in self.paths.items() if file not in gone | around or file in left}

    def forget_bank(self, bank: str) -> None:
        self.forget([item for item in self._items() if bank_of(item) == bank])

    def _items(self) -> set[str]:
        """Everything that an edge or a lead is about."""
        return {end for edge in self.edges.values() for end in (edge.child, edge.parent)} | {
            end for ends in self.kept_leads for end in ends
        }
