"""Declared provenance: what a C2PA manifest says, whether it holds, and who vouches for its signer."""

from dataclasses import dataclass
from enum import StrEnum

from safelight.model.signal import Place, Says

CUT = "safelight.cut"
"""Our own failure code: the manifest declares more than is kept."""

UNCOVERED = "safelight.uncovered"
"""Our own failure code: bytes that no signature covers lie where only the manifest store may."""


class ManifestState(StrEnum):
    """What there is of a C2PA manifest."""

    EMBEDDED = "embedded"  # in the file, and read
    REMOTE_ONLY = "remote_only"  # the file only names an address; nothing is ever fetched
    UNREADABLE = "unreadable"  # there is one, and it cannot be read


@dataclass(frozen=True, slots=True)
class TrustList:
    """Who may vouch for signers. PEM certificates: `anchors` of signers, `time_anchors` of time stamps.

    `usages`: object identifiers of allowed extended key usages, one a line. `as_of`: ISO date of the official list,
    `name` what is in force in words, `sha256` over all of it: a result is understood only with these.
    """

    name: str
    as_of: str
    sha256: str
    anchors: str
    time_anchors: str
    usages: str


@dataclass(frozen=True, slots=True)
class ManifestAction:
    """One action that a manifest declares. `name`: as `c2pa.created`. `source_type`: its exact URI, empty for none.

    `agent`: a program, where its name has the form of one. `description`: always empty: it may be a prompt.
    """

    name: str
    source_type: str = ""
    agent: str = ""
    when: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class Failure:
    """A check that failed. `code`: of the C2PA specification; `words`: what that means; `subject`: where, in words."""

    code: str
    words: str
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Ingredient:
    """What the file was made from, as declared. `depth`: 1 for the file's own, 2 for theirs; in order of a tree walk.

    `says`: what the ingredient's own manifest declares. `valid`, `trusted` as in `Provenance`; None where it has none.
    `title`: how long it is, in words; never quoted, as it may be a prompt.
    """

    title: str
    media_type: str
    relationship: str
    depth: int
    says: Says = Says.NOTHING
    source_types: tuple[str, ...] = ()
    actions: tuple[ManifestAction, ...] = ()
    claim_generator: str = ""
    valid: bool | None = None
    trusted: bool | None = None


@dataclass(frozen=True, slots=True)
class Provenance:
    """What a file's C2PA manifest declares (`says` and what follows), whether it is `valid`, whether `trusted`.

    Three questions that are kept apart: anyone can declare anything; a valid manifest was not changed since some key
    signed it; a trusted one was signed by a key that the trust list vouches for. `valid` and `trusted` are None when
    there is nothing to check (remote only, unreadable). `source_types`: every digitalSourceType URI of the active
    manifest, as written. `says`: what these and the actions amount to, by `detect.provenance.declared`; of ingredients,
    what was put into the picture counts, and its parent when nothing but its form was changed since. `title`: how long
    it is, in words. `signed_at`: of a time stamp that holds and whose maker is vouched for, ISO, else empty.
    `remote`: the address named. `cause`: why it is unreadable. `trust_list`,
    `trust_as_of`: what trust was judged by. `places`: bytes of the manifest store.
    """

    state: ManifestState
    says: Says = Says.NOTHING
    source_types: tuple[str, ...] = ()
    actions: tuple[ManifestAction, ...] = ()
    claim_generator: str = ""
    title: str = ""
    signer: str = ""
    issuer: str = ""
    signed_at: str = ""
    valid: bool | None = None
    trusted: bool | None = None
    failures: tuple[Failure, ...] = ()
    ingredients: tuple[Ingredient, ...] = ()
    remote: str = ""
    cause: str = ""
    trust_list: str = ""
    trust_as_of: str = ""
    places: tuple[Place, ...] = ()
