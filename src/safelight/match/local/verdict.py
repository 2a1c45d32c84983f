"""The calibrated likelihood ratio of a pair, in its parts, and the two verdicts.

The ratio sets "the query came from this picture" against "it did not, though it was the best aligned": unrelated
pictures, and other pictures of the same room or thing. It is the sum of a base and one part for each measure; weights
were fitted by logistic regression on pictures kept for it alone (tools/calibrate_verdict.py writes `verdict_table`
and says which and how many). Measures are bounded before they are weighed, so no single one can carry a verdict.
"""

import math
from collections.abc import Callable, Mapping

from safelight.match.local import verdict_table as table
from safelight.match.local.measure import Measures
from safelight.model.derivation import EvidencePart, Verdict

SCALES: Mapping[str, Callable[[Measures], float | None]] = {
    "found": lambda m: math.log1p(min(m.found, 100)),
    "share": lambda m: math.log(m.share / (1 - m.share)),
    "inliers": lambda m: math.log1p(min(m.inliers, 100)),
    "residual": lambda m: min(m.residual, 6.0),
    "shear": lambda m: None if m.shear is None else math.log(0.004 + min(m.shear, 0.5)),
    "aspect": lambda m: None if m.aspect is None else math.log(0.02 + min(m.aspect, 0.7)),
    "closeness": lambda m: m.closeness,
}
"""What is weighed of each measure; None when there is nothing to weigh, which counts as typical."""

_TEXTS: Mapping[str, Callable[[Measures], str]] = {
    "found": lambda m: f"{m.found} keypoints of the source are there that were not used to align",
    "share": lambda m: f"{m.found} of {m.looked_for} that were looked for",
    "inliers": lambda m: f"{m.inliers} detected keypoints agree on one map",
    "residual": lambda m: f"they miss it by {m.residual:.2f} thousandths of the diagonal",
    "shear": lambda m: "too few to tell a shear" if m.shear is None else f"the map is sheared by {m.shear:.3f}",
    "aspect": lambda m: (
        "too few to tell a stretch" if m.aspect is None else f"the map changes the aspect by {math.expm1(m.aspect):.1%}"
    ),
    "closeness": lambda m: f"the keypoints found differ by {m.closeness:.0f} of 128 bits on average",
}


def weigh(measures: Measures) -> tuple[EvidencePart, ...]:
    """The parts of the log likelihood ratio, in nats: the base first, then one for each measure."""
    parts = [EvidencePart("base", 0.0, table.BASE, "a best aligned pair of typical measures")]
    for name, scale in SCALES.items():
        scaled = scale(measures)
        value = table.TYPICAL[name] if scaled is None else scaled
        nats = table.WEIGHTS[name] * (value - table.TYPICAL[name])
        parts.append(EvidencePart(name, round(value, 4), round(nats, 4), _TEXTS[name](measures)))
    return tuple(parts)


def verdict(measures: Measures, log_ratio: float) -> Verdict:
    """What the evidence of one aligned pair says."""
    if log_ratio >= table.DERIVATIVE and measures.found >= table.LEAST_FOUND:
        return Verdict.DERIVATIVE
    if measures.found >= table.SCENE_FOUND and measures.inliers >= table.SCENE_INLIERS:
        return Verdict.SHARED_SCENE
    return Verdict.NOT_DERIVED


def p_false_match(log_ratio: float, size: int) -> float:
    """Chance that a picture that came from none of `size` known pictures gets a log ratio as high as this.

    The tail of the best ratio of negative queries, same-scene ones included, was fitted by a falling exponential;
    beyond the bank it was measured on, chances add up with the size.
    """
    share = table.TAIL_SHARE * math.exp(-(log_ratio - table.TAIL_FROM) / table.TAIL_FALL)
    return -math.expm1(-min(share, 1.0) * size / table.TAIL_SIZE)
