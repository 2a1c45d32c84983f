"""The families that the page lists, gathered while the rows pass by on their way to the other files."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime

from safelight.match.families import FamilyTies, relations_of
from safelight.model.family import EdgeKind, Family, FamilyMember, MemberKind, Relations, Sighting
from safelight.model.scan import ScanRow
from safelight.report.family_section import PLACES, ShownFamily

MAX_FAMILIES = 50
"""Families that the page lists, the largest. Those of one file are not worth it: the file's row says all."""
MAX_FILES = 100
"""Files that it lists of one family, the first of the listing."""
MAX_LEADS = 1_000
"""Leads that are held."""
_EDGES = 10  # of one file that are held, the strongest


class FamilyGathering:
    """Counts families in one pass over the rows and gathers those worth listing in a second.

    Memory is bounded by the number of families, not of rows.
    """

    def __init__(self) -> None:
        self._sizes: Counter[str] = Counter()
        self._kinds: defaultdict[str, Counter[EdgeKind]] = defaultdict(Counter)
        self._family: dict[str, str] = {}
        self._files: Counter[str] = Counter()
        self._left: Counter[str] = Counter()
        self._paths: defaultdict[str, list[str]] = defaultdict(list)
        self._places: Counter[str] = Counter()
        self._ties = FamilyTies()
        self._leads = 0

    def counted(self, rows: Iterator[ScanRow]) -> Iterator[ScanRow]:
        """The rows as they are; counts the families on the way."""
        for row in rows:
            if row.family is not None:
                self._sizes[row.family] += 1
            yield row

    def gathered(self, rows: Iterator[ScanRow]) -> Iterator[ScanRow]:
        """The rows as they are; keeps what the page lists of the largest families. After all were `counted`."""
        largest = sorted(self._sizes, key=lambda family: (-self._sizes[family], family))
        chosen = frozenset(family for family in largest[:MAX_FAMILIES] if self._sizes[family] > 1)
        for row in rows:
            if row.matches and (relations := relations_of(row)) is not None:
                joined = row.family in chosen and self._take(row.family or "", relations)
                if self._take_leads(relations) or joined:
                    self._note_path(relations)
            yield row

    def shown(self, scan: datetime) -> list[ShownFamily]:
        """The families that were gathered, the largest first, in a scan that began at `scan`."""
        members = {
            sha256: FamilyMember(
                MemberKind.FILE, paths[0], sha256, tuple(Sighting(path, scan) for path in paths), self._places[sha256]
            )
            for sha256, paths in self._paths.items()
        }
        parts: defaultdict[str, list[Family]] = defaultdict(list)
        for family in self._ties.families(members):
            of_file = next(one.sha256 for one in family.members if one.sha256 is not None)
            parts[self._family[of_file]].append(family)
        return [
            ShownFamily(family, self._kinds[family], tuple(parts[family]), self._left[family])
            for family in sorted(parts, key=lambda one: (-self._sizes[one], one))
        ]

    def _take(self, family: str, relations: Relations) -> bool:
        """Count a row of a family, and keep its edges while there is room; True when its file is listed."""
        sha256 = relations.sha256
        self._kinds[family][relations.edges[0].kind] += 1
        if sha256 not in self._family:
            if self._files[family] >= MAX_FILES:
                self._left[family] += 1
                return False
            self._files[family] += 1
            self._family[sha256] = family
            self._ties.add(relations.edges[:_EDGES])
        return True

    def _take_leads(self, relations: Relations) -> bool:
        """Keep leads while there is room, of any file: the entry may be in a family that is listed."""
        room = relations.leads[: MAX_LEADS - self._leads]
        self._leads += len(room)
        self._ties.add((), room)
        return bool(room)

    def _note_path(self, relations: Relations) -> None:
        self._places[relations.sha256] += 1
        if len(self._paths[relations.sha256]) <= PLACES:
            self._paths[relations.sha256].append(relations.path)
