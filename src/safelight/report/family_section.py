"""The families of a scan as nested lists: each known item, and under it the files that hang together with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from safelight.model.family import Branch, DerivationEdge, EdgeKind, Family, FamilyMember, MemberKind, Sighting
from safelight.report.kinship import LEADS, edge_words, evidence_words, more_edges, names, relation
from safelight.report.text import count, visible

DEEPEST = 6
"""Levels of lists inside each other; what hangs deeper is listed at this level and says under what it hangs."""
PLACES = 3
"""Further paths that the page lists for one file."""
MORE_EDGES = 3
"""Edges beside the tree that the page lists for one file."""
MAX_LEADS = 10
"""Leads that the page lists for one family."""

_LABELS = {EdgeKind.EXACT: "same bytes", EdgeKind.DERIVATIVE: "derivative", EdgeKind.NEAR: "near"}
_MARKS = {EdgeKind.EXACT: "known", EdgeKind.DERIVATIVE: "derivative", EdgeKind.NEAR: "near"}
"""The outcome whose colour a kind has."""
_TALLY = {
    EdgeKind.EXACT: ("exact copy", "exact copies"),
    EdgeKind.DERIVATIVE: ("derivative", "derivatives"),
    EdgeKind.NEAR: ("near", "near"),
}


@dataclass(frozen=True, slots=True)
class ShownFamily:
    """One family of a scan as far as the page lists it.

    `rows`: rows of the scan in it, by the strongest kind that joins each. `left`: rows whose files are not in `parts`.
    `parts`: usually one; several where what joins them is among the files left out.
    """

    id: str
    rows: Mapping[EdgeKind, int]
    parts: tuple[Family, ...]
    left: int = 0

    @property
    def size(self) -> int:
        """Rows in all."""
        return sum(self.rows.values())


def tally(family: ShownFamily) -> str:
    """The rows of a family by kind: "2 exact copies, 4 derivatives"."""
    numbers = ((kind, family.rows.get(kind, 0)) for kind in EdgeKind)
    return ", ".join(f"{count(number)} {_TALLY[kind][number != 1]}" for kind, number in numbers if number)


def shares(family: ShownFamily) -> Markup:
    """The same as one bar of three colours."""
    left = 0.0
    pieces = []
    for kind in EdgeKind:
        width = 100 * family.rows.get(kind, 0) / max(family.size, 1)
        rect = Markup('<rect class="o-{}" x="{}%" width="{}%" height="8"/>')
        pieces.append(rect.format(_MARKS[kind], f"{left:.1f}", f"{width:.1f}"))
        left += width
    return Markup('<svg class="kinds" width="84" height="8" aria-hidden="true">{}</svg>').format(
        Markup("").join(pieces)
    )


def tree(family: Family, *, root: bool) -> Markup:
    """A family as lists inside each other, the strongest evidence first on each level; with its root or without."""
    members = {member.identity: member for member in family.members}
    shown, more = names(family), more_edges(family)
    pieces: list[Markup] = []
    open_lists = 0
    for branch in family.tree if root else family.tree[1:]:
        level = min(branch.depth - (not root), DEEPEST)
        if open_lists == level:
            pieces.append(Markup('<ul class="tree">') if level == 0 else Markup("<ul>"))
            open_lists += 1
        else:
            pieces.append(Markup("</li></ul>") * (open_lists - level - 1) + Markup("</li>"))
            open_lists = level + 1
        edge = None if branch.edge is None else family.edges[branch.edge]
        pieces.append(_item(branch, edge, members[branch.item], shown, more.get(branch.item, ())))
    return Markup("").join(pieces) + Markup("</li></ul>") * open_lists


def leads(families: Sequence[Family]) -> Markup:
    """The shared scenes beside a family, empty when there are none."""
    found = [(names(family), lead) for family in families for lead in family.leads]
    if not found:
        return Markup("")
    line = Markup('<li><bdi dir="ltr" class="path">{}</bdi> and <bdi dir="ltr">{}</bdi><small>{}</small></li>')
    lines = [
        line.format(
            visible(shown[lead.item], 240), visible(shown[lead.entry], 240), ", ".join(evidence_words(lead.evidence))
        )
        for shown, lead in found[:MAX_LEADS]
    ]
    if len(found) > MAX_LEADS:
        lines.append(Markup("<li>and {} more</li>").format(count(len(found) - MAX_LEADS)))
    return Markup('<p class="beside">See also. {}.</p><ul class="leads">{}</ul>').format(LEADS, Markup("").join(lines))


def _item(
    branch: Branch,
    edge: DerivationEdge | None,
    member: FamilyMember,
    shown: Mapping[str, str],
    more: Sequence[DerivationEdge],
) -> Markup:
    """A list item, left open for what hangs under it."""
    notes: list[str | Markup] = []
    if branch.under is not None and branch.depth > DEEPEST:
        notes.append(Markup("hangs under {}").format(visible(shown[branch.under], 240)))
    notes += [Markup("also at {}").format(visible(seen.path, 240)) for seen in _others(member)[:PLACES]]
    if (left := member.places - 1 - min(len(_others(member)), PLACES)) > 0:
        notes.append(f"and at {count(left)} more place{'' if left == 1 else 's'}")
    notes += [
        Markup("also {}: {}").format(edge_words(one, one.parent), visible(shown[one.parent], 240))
        for one in more[:MORE_EDGES]
    ]
    kind = "path" if member.kind is MemberKind.FILE else "entry"
    return Markup('<li><div>{}<bdi dir="ltr" class="{}">{}</bdi>{}</div>{}').format(
        _label(edge, branch.under),
        kind,
        visible(member.name, 300),
        _why(edge),
        Markup("").join(Markup("<small>{}</small>").format(note) for note in notes),
    )


def _label(edge: DerivationEdge | None, under: str | None) -> Markup:
    """What the member is to the one it hangs under."""
    if edge is None or under is None:
        return Markup('<span class="outcome root">known item</span> ')
    text = "source" if edge.directed and edge.child == under else _LABELS[edge.kind]
    return Markup('<span class="outcome o-{}" title="{}">{}</span> ').format(
        _MARKS[edge.kind], relation(edge, under), text
    )


def _why(edge: DerivationEdge | None) -> Markup:
    """The evidence, after a small bar of the share that was replaced where that is known."""
    if edge is None or not (words := ", ".join(evidence_words(edge.evidence))):
        return Markup("")
    altered = edge.evidence.altered if edge.kind is EdgeKind.DERIVATIVE else None
    return Markup(" <small>{}{}</small>").format("" if altered is None else _altered_bar(altered), words)


def _altered_bar(altered: float) -> Markup:
    return Markup(
        '<svg class="altered-share" width="48" height="8" aria-hidden="true"><rect class="track" width="100%" '
        'height="8"/><rect class="o-derivative" width="{}%" height="8"/></svg> '
    ).format(f"{100 * min(max(altered, 0.0), 1.0):.1f}")


def _others(member: FamilyMember) -> list[Sighting]:
    return [seen for seen in member.sightings if seen.path != member.name]
