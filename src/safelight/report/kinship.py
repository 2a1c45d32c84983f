"""Why two members of a family belong together, as people read it: the words of the command line and of the page."""

from collections.abc import Iterator, Mapping, Sequence

from safelight.model.family import DerivationEdge, EdgeKind, Evidence, Family, FamilyMember, MemberKind
from safelight.report.compare_words import NOTICEABLE, percent
from safelight.report.text import chance, count, duration

LEADS = "Same scene, another picture: leads for people, joined to nothing"


def relation(edge: DerivationEdge, under: str) -> str:
    """What the member at the other end of an edge is to the member `under`."""
    if edge.kind is EdgeKind.EXACT:
        return "the same bytes"
    if edge.kind is EdgeKind.NEAR:
        return "near, direction not known"
    return "derivative" if edge.parent == under else "a source of it"


def evidence_words(evidence: Evidence) -> tuple[str, ...]:
    """What speaks for it, piece by piece; nothing for the same bytes."""
    return tuple(_evidence_words(evidence))


def _evidence_words(evidence: Evidence) -> Iterator[str]:
    most = "" if evidence.seconds is None else "up to "
    if evidence.seconds is not None:
        yield f"{duration(evidence.seconds)} of it"
    if evidence.altered is not None and evidence.altered >= NOTICEABLE:
        yield f"{most}{percent(evidence.altered)} replaced"
    if evidence.overlay is not None and evidence.overlay >= NOTICEABLE:
        yield f"{percent(evidence.overlay)} under text, stickers or marks"
    if evidence.distance is not None:
        bits = f"{evidence.distance} of 256 bits"
        yield f"{bits} differ" if evidence.seconds is None else f"frames differ in {bits}"
    if evidence.inliers:
        yield f"{count(evidence.inliers)} keypoints agree"
    if evidence.mirrored:
        yield "mirrored"
    if evidence.p_false_match is not None:
        yield f"chance of a false match {chance(evidence.p_false_match)}"


def edge_words(edge: DerivationEdge, under: str) -> str:
    """An edge in one line, seen from the member `under`."""
    return ": ".join(filter(None, (relation(edge, under), ", ".join(evidence_words(edge.evidence)))))


def more_edges(family: Family) -> Mapping[str, Sequence[DerivationEdge]]:
    """For each member, the edges outside the tree that it is the child of, the strongest first."""
    tree = {branch.edge for branch in family.tree}
    more: dict[str, list[DerivationEdge]] = {}
    for number, edge in enumerate(family.edges):
        if number not in tree:
            more.setdefault(edge.child, []).append(edge)
    return more


def names(family: Family) -> Mapping[str, str]:
    """What each identity is shown as, those beside the family included."""
    return {member.identity: member.name for member in (*family.members, *family.beside)}


def count_members(members: Sequence[FamilyMember]) -> str:
    """How many entries and files: "2 known entries, 1 file"."""
    known = sum(member.kind is MemberKind.KNOWN for member in members)
    files = len(members) - known
    entries = f"{count(known)} known {'entry' if known == 1 else 'entries'}"
    return f"{entries}, {count(files)} file{'' if files == 1 else 's'}"
