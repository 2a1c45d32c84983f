"""Files, entries, edges and leads for tests of families."""

from hashlib import sha256

from safelight.model.family import DerivationEdge, EdgeKind, Evidence, Lead, Relations


def file(number: int) -> str:
    """The identity of a file."""
    return sha256(f"file {number}".encode()).hexdigest()


def edge(
    number: int, entry: str, kind: EdgeKind = EdgeKind.NEAR, chance: float = 1e-9, **evidence: object
) -> DerivationEdge:
    """File `number` joined to an entry."""
    values = {"p_false_match": chance, **({"distance": 12} if kind is EdgeKind.NEAR else {"inliers": 90}), **evidence}
    return DerivationEdge(
        file(number),
        entry,
        kind,
        Evidence() if kind is EdgeKind.EXACT else Evidence(**values),  # type: ignore[arg-type]  # tests name the fields
    )


def lead(number: int, entry: str, inliers: int = 20) -> Lead:
    """File `number` shows the scene of an entry."""
    return Lead(file(number), entry, Evidence(inliers=inliers, p_false_match=0.001))


def relations(number: int, *ties: DerivationEdge | Lead, path: str = "") -> Relations:
    """What a scan says of file `number`."""
    return Relations(
        file(number),
        path or f"/files/{number}.jpg",
        tuple(tie for tie in ties if isinstance(tie, DerivationEdge)),
        tuple(tie for tie in ties if isinstance(tie, Lead)),
    )
