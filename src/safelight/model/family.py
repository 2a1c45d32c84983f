"""Families: known items, the files that come from them or look like them, and the evidence that joins them.

An item is named by its *identity*, one text: a file by its SHA-256 (64 hexadecimal digits), an entry of a bank by
`BANK/ENTRY`. Names of banks hold no slash and digests neither, so that no two items share an identity.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256

from safelight.model.derivation import Affine


class MemberKind(StrEnum):
    """What a member of a family is."""

    KNOWN = "known"  # an entry of a bank
    FILE = "file"  # bytes that a scan saw, under one or many paths


class EdgeKind(StrEnum):
    """What joins two members, the strongest first. A shared scene is none of these: it never joins."""

    EXACT = "exact"  # the same bytes
    DERIVATIVE = "derivative"  # the child was made from the parent: the only kind whose direction is known
    NEAR = "near"  # the same picture by PDQ; which of the two came first is not known


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for an edge or a lead; None where it does not apply.

    `distance`: PDQ bits of 256. `inliers`: keypoints of both that agree on one placement. `p_false_match`: as in
    `Match`. `altered`, `overlay`: shares of the child, 0 to 1, that were replaced, or lie under text or stickers.
    `mirrored`: the child is a mirror image. `affine`: from the child's pixels to the parent's. `seconds`: of the child,
    a video, that show the parent, a video.
    """

    distance: int | None = None
    inliers: int | None = None
    p_false_match: float | None = None
    altered: float | None = None
    overlay: float | None = None
    mirrored: bool = False
    affine: Affine | None = None
    seconds: float | None = None


NO_EVIDENCE = Evidence()
"""For the same bytes there is nothing more to say."""


@dataclass(frozen=True, slots=True)
class DerivationEdge:
    """Two members, by their identities, and why they belong together. Where a scan saw it, `parent` is the entry."""

    child: str
    parent: str
    kind: EdgeKind
    evidence: Evidence = NO_EVIDENCE

    @property
    def directed(self) -> bool:
        """Whether it is known which of the two came from the other."""
        return self.kind is EdgeKind.DERIVATIVE


@dataclass(frozen=True, slots=True)
class Lead:
    """File `item` shows the scene of entry `entry`, in another picture: for people to look at, joins nothing."""

    item: str
    entry: str
    evidence: Evidence = NO_EVIDENCE


@dataclass(frozen=True, slots=True)
class Relations:
    """All that one row of a scan says about its file's families. `path` as the row shows it."""

    sha256: str
    path: str
    edges: tuple[DerivationEdge, ...] = ()
    leads: tuple[Lead, ...] = ()


@dataclass(frozen=True, slots=True)
class Sighting:
    """A path under which a file was seen, and the start of the scan that saw it last: what `summary.json` calls it."""

    path: str
    scan: datetime


@dataclass(frozen=True, slots=True)
class FamilyMember:
    """One item of a family.

    `name`: what people are shown, `BANK/ENTRY` or a path. `sha256`: of a file. `sightings`: of a file, the newest
    first, at most as many as were asked for; `places` counts all of them.
    """

    kind: MemberKind
    name: str
    sha256: str | None = None
    sightings: tuple[Sighting, ...] = ()
    places: int = 0

    @property
    def identity(self) -> str:
        """The text that names the item."""
        return self.sha256 or self.name


@dataclass(frozen=True, slots=True)
class Branch:
    """One member's place in the tree. `under`: the member it hangs on, by edge number `edge` of the family's edges.

    Both are None for the root, which has `depth` 0.
    """

    item: str
    depth: int = 0
    under: str | None = None
    edge: int | None = None


@dataclass(frozen=True, slots=True)
class Family:
    """Members joined by edges, directly or through others.

    `id`: 16 hexadecimal digits, see docs/families.md. `members`: entries first, each by identity. `edges`: the
    strongest first. `tree`: each member once, under the one it is most strongly joined to, a member before those under
    it. `leads`: shared scenes that involve a member; `beside`: the items outside the family that they name.
    """

    id: str
    members: tuple[FamilyMember, ...]
    edges: tuple[DerivationEdge, ...] = ()
    tree: tuple[Branch, ...] = ()
    leads: tuple[Lead, ...] = ()
    beside: tuple[FamilyMember, ...] = ()


def entry_identity(bank: str, entry: str) -> str:
    """The identity of an entry."""
    return f"{bank}/{entry}"


def kind_of(identity: str) -> MemberKind:
    """Whether an identity is that of an entry or of a file."""
    return MemberKind.KNOWN if "/" in identity else MemberKind.FILE


def member_order(identity: str) -> tuple[bool, str]:
    """Sorts members: entries before files, each by identity."""
    return "/" not in identity, identity


def bank_of(identity: str) -> str:
    """The bank of an entry's identity, empty for a file."""
    return identity.partition("/")[0] if "/" in identity else ""


def identity_key(identity: str) -> bytes:
    """16 bytes that stand for an identity: the first of its SHA-256."""
    return sha256(identity.encode()).digest()[:16]


def family_id(identity: str) -> str:
    """The id of the family that is named after this member."""
    return identity_key(identity)[:8].hex()
