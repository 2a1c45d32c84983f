"""The synthetic hint: what a detector that looks at pixels makes of a picture. It is never more than a hint."""

from dataclasses import dataclass
from enum import StrEnum


class HintVerdict(StrEnum):
    """What a detector may say. There is no word for "real", on purpose."""

    LIKELY_AI = "likely_ai"
    INCONCLUSIVE = "inconclusive"
    NO_INDICATION = "no_indication"  # nothing was seen; that is not a statement about the picture


@dataclass(frozen=True, slots=True)
class Hint:
    """A detector's answer. `detector`: its name and version. `card`: SHA-256 of its model card.

    `score`: calibrated, the share of pictures with this score that were AI-made in the held-out data of the card,
    0 to 1; None when the picture is outside of what the detector knows. `reason`: why it abstained, or on what it
    rests, in one line.
    """

    detector: str
    card: str
    verdict: HintVerdict
    score: float | None
    reason: str
