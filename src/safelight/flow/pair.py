"""What keypoints and tiles say of two pictures at hand: `flow.compare.Align`. Loads compiled code."""

from safelight.flow.looking import WorkingLook
from safelight.match.local.derive import MIRROR, fine_tiles, in_frame
from safelight.match.local.frames import from_source, full_frame
from safelight.match.local.pair import align_pair
from safelight.match.local.quantise import Quantiser
from safelight.match.local.sketch import make_sketch
from safelight.model.derivation import Derivation, Verdict
from safelight.model.fingerprint import DIHEDRAL
from safelight.model.local import LocalExamination

LEAST_TILES = 2
"""Tiles that have to agree where nothing else speaks for a derivative: one alone does so by chance too often."""


def derivation_of_pair(
    suspect: LocalExamination, original: LocalExamination, quantiser: Quantiser
) -> Derivation | None:
    """How a suspect hangs together with an original, as a scan of a bank of that one picture would find.

    By keypoints; where they do not make a derivative of it, by the tiles of a suspect that stands in the original's
    frame, as it is or mirrored. None when nothing of the original was found.

    Args:
        suspect: as `model.local.OF_QUERY` asks for.
        original: as `model.local.OF_KNOWN` asks for.
        quantiser: of the codebook that the program ships.
    """
    traced = align_pair(suspect, original, WorkingLook(suspect.working), quantiser)
    if traced is not None and traced.derivation.verdict is Verdict.DERIVATIVE:
        return traced.derivation
    framed = max((_in_frame(suspect, original, quantiser, v) for v in (DIHEDRAL[0], MIRROR)), key=lambda d: d.log_ratio)
    if framed.verdict is Verdict.DERIVATIVE and framed.tiles_agree >= LEAST_TILES:
        return framed
    return traced.derivation if traced else None


def _in_frame(suspect: LocalExamination, original: LocalExamination, quantiser: Quantiser, variant: str) -> Derivation:
    """By the tiles alone, the whole suspect held against the whole original."""
    look, sketch = WorkingLook(suspect.working), make_sketch(original, quantiser)
    source = (sketch.work_width, sketch.work_height)
    to_query = from_source(full_frame(variant, (0, 0, *look.size), source))
    agreement = fine_tiles(sketch, look.tiles(to_query, *source), to_query, look.size)
    full = (suspect.working.width, suspect.working.height)
    return in_frame(agreement, variant, full, (sketch.width, sketch.height), 1)
