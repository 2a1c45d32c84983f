"""The rules of the assessment as tables: who speaks, what is said, and which of it cannot both hold.

The order of `CLAIMS` settles what is equally strong: what leaves room for a real person in the picture comes before
what does not, and what is told exactly before what is not. Printed in docs/signals.md.
"""

from dataclasses import dataclass
from enum import StrEnum

from safelight.model.assessment import Artificialness, Strength
from safelight.model.signal import Says, SignalKind
from safelight.model.source_types import SOURCE_TYPES


class Voice(StrEnum):
    """Who says it."""

    REGION = "region"
    TRUSTED = "trusted"
    UNLISTED = "unlisted"
    PART = "part"
    BROKEN = "broken"
    METADATA = "metadata"
    FILE = "file"
    CODING = "coding"
    MARKER = "marker"


@dataclass(frozen=True, slots=True)
class Authority:
    """What a voice is worth. `source`: `Reason.source`. `words` begin a sentence that ends with a `Claim`'s words."""

    source: str
    strength: Strength
    words: str


AUTHORITIES = {
    Voice.REGION: Authority("match", Strength.MATCHED, "a comparison with a known picture shows that"),
    Voice.TRUSTED: Authority("provenance", Strength.SIGNED, "a manifest of a trusted signer says that"),
    Voice.UNLISTED: Authority(
        "provenance", Strength.DECLARED, "a signed manifest, whose signer no trust list vouches for, says that"
    ),
    Voice.PART: Authority(
        "provenance",
        Strength.DECLARED,
        "a manifest of something it was made from, whose signer no trust list vouches for, says that",
    ),
    Voice.BROKEN: Authority("provenance", Strength.DECLARED, "a manifest that does not hold says that"),
    Voice.METADATA: Authority("metadata", Strength.DECLARED, "a field of the file says that"),
    Voice.FILE: Authority("file", Strength.DECLARED, "an oddity of the file says that"),
    Voice.CODING: Authority("coding", Strength.DECLARED, "the way the file was encoded says that"),
    Voice.MARKER: Authority("marker", Strength.MARKED, "a mark in the pixels says that"),
}
"""What each voice is worth; of equal strength in this order."""

VOICES = {
    SignalKind.METADATA: Voice.METADATA,
    SignalKind.MARKER: Voice.MARKER,
    SignalKind.FILE: Voice.FILE,
    SignalKind.CODING: Voice.CODING,
}
"""The voice of each kind of signal."""


class Claim(StrEnum):
    """What can be said of how a file was made. Those of `Says` have its words; the others come from more than words."""

    REGION = "region"  # another picture's known content, replaced in part
    AI_EDITED = "ai_edited"
    AI_MADE = "ai_made"
    AI_USED = "ai_used"
    ALTERED = "altered"
    ALTERED_AFTER = "altered_after"  # captured, and changed afterwards
    ADJUSTED = "adjusted"  # captured, and only cropped, scaled or toned
    ORIGINAL = "original"  # captured, and nothing else, by the word of a trusted signer
    CAPTURED = "captured"  # the same by anyone's word
    CUT = "cut"  # captured, by the word of a trusted signer who tells more than is kept
    DRAWN = "drawn"
    OTHER_PICTURE = "other_picture"  # the thumbnail inside shows something else
    CROPPED = "cropped"  # the thumbnail inside shows more


@dataclass(frozen=True, slots=True)
class Meaning:
    """`points_to`: the level a claim speaks for; `unknown` when none. `note`: why it decides nothing, if so."""

    points_to: Artificialness
    words: str
    note: str = ""


CLAIMS = {
    Claim.REGION: Meaning(Artificialness.PARTIALLY_ALTERED, "a part of it was replaced"),
    Claim.AI_EDITED: Meaning(Artificialness.PARTIALLY_ALTERED, "a part of it was made by a generative model"),
    Claim.AI_MADE: Meaning(Artificialness.FULLY_SYNTHETIC, "all of it was made by a generative model"),
    Claim.AI_USED: Meaning(Artificialness.HYBRID, "a generative model was used, without saying how far"),
    Claim.ALTERED: Meaning(Artificialness.PARTIALLY_ALTERED, "it was composed or retouched"),
    Claim.ALTERED_AFTER: Meaning(
        Artificialness.PARTIALLY_ALTERED, "it was taken by a camera or scanner and changed afterwards"
    ),
    Claim.ADJUSTED: Meaning(
        Artificialness.MINIMALLY_MODIFIED,
        "it was taken by a camera or scanner and then only cropped, scaled, toned or stored anew",
    ),
    Claim.ORIGINAL: Meaning(
        Artificialness.CAMERA_ORIGINAL, "it was taken by a camera or scanner and not changed since"
    ),
    Claim.CAPTURED: Meaning(
        Artificialness.UNKNOWN,
        "it was taken by a camera or scanner",
        "anyone can write that, so it decides nothing",
    ),
    Claim.CUT: Meaning(
        Artificialness.UNKNOWN,
        "it was taken by a camera or scanner, and tells more of what was done since than is kept here",
        "what is not kept may be anything, so it decides nothing",
    ),
    Claim.DRAWN: Meaning(
        Artificialness.UNKNOWN,
        "it was drawn by a person or by a program that was not trained on data",
        "no level stands for that, so it decides nothing",
    ),
    Claim.OTHER_PICTURE: Meaning(
        Artificialness.UNKNOWN,
        "the small picture stored inside it shows something else",
        "the picture or the fields around it come from elsewhere, and nobody can tell which, so it decides nothing",
    ),
    Claim.CROPPED: Meaning(
        Artificialness.UNKNOWN,
        "the small picture stored inside it shows more than it does",
        "a crop does not tell how it was made, so it decides nothing",
    ),
}
"""What each claim means; of equal strength and voice the first decides."""

SAID = {
    Says.AI_MADE: Claim.AI_MADE,
    Says.AI_EDITED: Claim.AI_EDITED,
    Says.AI_USED: Claim.AI_USED,
    Says.ALTERED: Claim.ALTERED,
    Says.CAPTURED: Claim.CAPTURED,
    Says.DRAWN: Claim.DRAWN,
}
"""The claim behind each word of a signal or manifest; `nothing` claims nothing."""

NAMED = {"thumbnail_mismatch": Claim.OTHER_PICTURE, "thumbnail_shows_more": Claim.CROPPED}
"""Signals that say `altered` and whose names tell more: neither another picture nor a crop is a partial alteration."""

_AI_TERMS = frozenset(uri for uri, says in SOURCE_TYPES.items() if says in {Says.AI_MADE, Says.AI_EDITED, Says.AI_USED})
_CAPTURE_TERMS = frozenset(uri for uri, says in SOURCE_TYPES.items() if says is Says.CAPTURED)
OWN_TERMS = {
    Says.AI_MADE: _AI_TERMS,
    Says.AI_EDITED: _AI_TERMS,
    Says.AI_USED: _AI_TERMS,
    Says.CAPTURED: _CAPTURE_TERMS,
}
"""The digitalSourceTypes, as whole URIs, by one of which a manifest says so itself. Without one it only passes on the
word of what the file was made from: who opens a file with a home-made manifest in a trusted editor gets a trusted
signature around it, and must not get its words trusted too."""

UNVERIFIED_NOTE = "the rule behind it is not verified, so it decides nothing"

_ORIGINAL = (Claim.ORIGINAL, Claim.ADJUSTED)
_AI = (Claim.AI_EDITED, Claim.AI_MADE, Claim.AI_USED)
CONFLICTS = frozenset(
    {(Claim.ORIGINAL, Claim.CROPPED)}
    | {
        (original, other)
        for original in _ORIGINAL
        for other in (Claim.REGION, *_AI, Claim.ALTERED, Claim.OTHER_PICTURE)
    }
    | {(other, Claim.AI_MADE) for other in (Claim.REGION, Claim.ALTERED_AFTER, Claim.CAPTURED, Claim.CUT, Claim.DRAWN)}
    | {(captured, Claim.DRAWN) for captured in (*_ORIGINAL, Claim.ALTERED_AFTER, Claim.CAPTURED, Claim.CUT)}
)
"""Pairs of claims that cannot both hold of one file. What a detector hints at contradicts nothing."""

SAME_PICTURE = frozenset(
    {
        "c2pa.created",
        "c2pa.edited.metadata",
        "c2pa.opened",
        "c2pa.published",
        "c2pa.redacted",
        "c2pa.repackaged",
        "c2pa.watermarked",
        "c2pa.watermarked.bound",
        "c2pa.watermarked.unbound",
    }
)
"""Actions that leave the captured picture as it is."""

SAME_SCENE = frozenset(
    {
        "c2pa.color_adjustments",
        "c2pa.converted",
        "c2pa.cropped",
        "c2pa.enhanced",
        "c2pa.orientation",
        "c2pa.resized",
        "c2pa.resized.proportional",
        "c2pa.transcoded",
    }
)
"""Actions that change its size, tones or coding, and not what it shows. Any other may change that."""

OF_ANOTHER_FILE = ("ingredient.", "timeStamp.")
"""Beginnings of failure codes that say nothing about whether this file is what was signed."""

OF_A_PART = "ingredient"
"""In the subject of a failure: it is about what the file was made from."""
