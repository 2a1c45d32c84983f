"""Two pictures without a bank: does one come from the other?"""

from safelight.match.local.derive import Derived, derive
from safelight.match.local.guided import Look
from safelight.match.local.quantise import Quantiser
from safelight.match.local.sketch import lists_of, make_sketch
from safelight.match.local.trace import trace
from safelight.model.local import LocalExamination


def align_pair(
    suspect: LocalExamination, original: LocalExamination, look: Look, quantiser: Quantiser
) -> Derived | None:
    """What is known of a suspect against an original; None when nothing of it was found.

    `look`: into the suspect's working picture.
    """
    sketch = make_sketch(original, quantiser)
    traced = trace(suspect.features, [lists_of([sketch])], lambda _segment, _picture: sketch, look, quantiser)
    full = (suspect.working.width, suspect.working.height)
    return derive(traced[0], look, full, 1) if traced else None
