"""The assessment of how a file was made: all signals and matches weighed together, with reasons, for a person."""

from dataclasses import dataclass
from enum import StrEnum


class Artificialness(StrEnum):
    """How far a file is artificial, after the CAC ontology's artificialness level, and what it cannot say."""

    CAMERA_ORIGINAL = "camera_original"
    MINIMALLY_MODIFIED = "minimally_modified"
    PARTIALLY_ALTERED = "partially_altered"
    FULLY_SYNTHETIC = "fully_synthetic"
    HYBRID = "hybrid"
    UNKNOWN = "unknown"


class Strength(StrEnum):
    """How much an answer rests on, from most to least."""

    MATCHED = "matched"  # a known source was found, and what differs from it
    SIGNED = "signed"  # a valid manifest of a trusted signer says so
    DECLARED = "declared"  # the file says so of itself; anyone can write that
    MARKED = "marked"  # a mark in the pixels says so; anyone can embed it
    HINTED = "hinted"  # only a detector leans that way
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason. `points_to`: what it speaks for. `source`: the kind of evidence. `text`: one line for people."""

    source: str
    points_to: Artificialness
    strength: Strength
    text: str


@dataclass(frozen=True, slots=True)
class Assessment:
    """What the evidence says of how a file was made; the strongest reason decides, all are listed, first the strongest.

    `conflicts`: pairs of reasons that cannot both hold, in words. A person decides what to make of it: nothing acts
    on an assessment, and `unknown` with no reasons is what most files get.
    """

    artificialness: Artificialness = Artificialness.UNKNOWN
    strength: Strength = Strength.NONE
    reasons: tuple[Reason, ...] = ()
    conflicts: tuple[str, ...] = ()
