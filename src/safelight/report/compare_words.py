"""The words of a comparison: its verdict, what cannot be concluded from it, and figures as people read them."""

import math
from collections.abc import Iterator

import numpy as np

from safelight.model.comparison import Shares
from safelight.model.derivation import Affine, Derivation, Verdict
from safelight.report.text import share

NEAR = 31
"""PDQ distance, in bits, up to which two pictures are commonly called near: the default threshold of a bank."""

NOTICEABLE = 0.001
"""Share of a picture below which a part of it is not spoken of."""

VERDICTS = {
    Verdict.DERIVATIVE: "Derivative",
    Verdict.SHARED_SCENE: "Shared scene",
    Verdict.NOT_DERIVED: "Not derived",
    Verdict.UNDECIDED: "Undecided",
}

_MILLION = 1_000_000


def percent(part: float) -> str:
    """A share (0 to 1) in percent; never rounded to 0 or 100 when it is not that."""
    clipped = min(max(part, 0.0), 1.0)
    millionths = round(clipped * _MILLION)
    if 0 < clipped < 1:
        millionths = min(max(millionths, 1), _MILLION - 1)
    return share(millionths, _MILLION)


def statement(derivation: Derivation, shares: Shares | None, pdq_distance: int | None, *, same_bytes: bool) -> str:
    """The verdict in one or two plain sentences. `shares` go with `derivative` only."""
    if same_bytes:
        return "Both files hold the very same bytes: they are one and the same picture."
    if derivation.verdict is Verdict.DERIVATIVE and shares is not None:
        return _derived(shares)
    hashes = ""
    if pdq_distance is not None and pdq_distance <= NEAR:
        hashes = f" Yet their PDQ hashes are near ({pdq_distance} of 256 bits apart): a person should look at both."
    return {
        Verdict.DERIVATIVE: "The suspect picture derives from the original.",
        Verdict.SHARED_SCENE: "Not derived, but both pictures seem to show the same scene or object. "
        "This is a lead for a person to follow, and no more.",
        Verdict.NOT_DERIVED: "Not derived: no part of the original was found in the suspect picture.",
        Verdict.UNDECIDED: "Undecided: the pictures hold too little detail to be compared.",
    }[derivation.verdict] + hashes


def _derived(shares: Shares) -> str:
    first = f"The suspect picture derives from the original: {percent(shares.unchanged)} of it is unchanged"
    if shares.replaced >= NOTICEABLE:
        whole = f"{first}, and {percent(shares.replaced)} shows other content in place of the original\u2019s."
    else:
        whole = f"{first}, and no replaced part was found."
    if shares.overlay >= NOTICEABLE:
        whole += f" Text or other marks lie over {percent(shares.overlay)} of it."
    if shares.outside >= NOTICEABLE:
        whole += f" The original does not reach the remaining {percent(shares.outside)}."
    return whole


def cannot_conclude(derivation: Derivation, *, same_bytes: bool) -> tuple[str, ...]:
    """What a reader may be tempted to conclude, and must not."""
    return tuple(_limits(derivation.verdict, same_bytes=same_bytes))


def _limits(verdict: Verdict, *, same_bytes: bool) -> Iterator[str]:
    if same_bytes:
        yield "Which of the two files was there first, or who made, sent or kept either of them."
    elif verdict is Verdict.DERIVATIVE:
        yield (
            "Which of the two pictures came first. \u201cOriginal\u201d is what the person who ran this comparison "
            "calls that file; if it had been made from the suspect picture, the same would be found. What counts as "
            "replaced and what as kept is told from the original\u2019s side."
        )
        yield "Whether it was this very file, or another copy of the same picture, that the suspect was made from."
        yield "Who altered the picture, when, or with which program."
        yield "Where the content that was put in place came from, and whether it was photographed, drawn or generated."
        yield (
            "That the unchanged part is the same in every pixel. Changes of colour, brightness, sharpness and "
            "compression are allowed for, so an alteration as faint as those, or of a few pixels, is not told. The "
            "outline follows the alteration to within a few pixels only."
        )
    elif verdict is Verdict.SHARED_SCENE:
        yield "That one picture was made from the other. What agrees is a part of the scene, not the picture."
        yield "That both were taken at one place or one time: rooms, patterns and goods exist more than once."
    else:
        yield (
            "That the suspect picture holds nothing of the original. A small part, a part much reduced, redrawn or "
            "heavily altered, and parts without texture leave no trace that this comparison can find."
        )
        yield "That they do not show the same place, object or person in two different pictures."
    yield "Who is shown. Faces were not looked for, and nobody was identified."
    yield "Whether either picture is lawful to make, keep or pass on."


def transform(affine: Affine) -> str:
    """What was done to the original to lay it over the suspect, in words; `affine`: from suspect to original."""
    linear = np.linalg.inv(np.array([affine[:2], affine[3:5]], dtype=np.float64))
    mirrored = bool(np.linalg.det(linear) < 0)
    if mirrored:
        linear = linear @ np.diag([-1.0, 1.0])
    longer, shorter = np.linalg.svd(linear, compute_uv=False)
    turn = math.degrees(math.atan2(linear[1, 0] - linear[0, 1], linear[0, 0] + linear[1, 1]))
    words = ["mirrored"] if mirrored else []
    if abs(turn) >= 0.25:
        words.append(f"turned {'clockwise' if turn > 0 else 'counter-clockwise'} by {abs(turn):.1f}\u00b0")
    words.append(f"scaled to {100 * math.sqrt(longer * shorter):.0f} %")
    if longer / shorter >= 1.02:
        words.append(f"stretched by {100 * (longer / shorter - 1):.0f} %")
    return ", ".join(words)


def factor(nats: float) -> str:
    """A likelihood ratio's factor from its natural logarithm: times 40, divided by 3.5; beyond 10³⁰ a bound."""
    sign = "\u00d7" if nats >= 0 else "\u00f7"
    powers = abs(nats) / math.log(10)
    if powers > 30:
        return f"{sign} more than {_power(30)}"
    return f"{sign} {_amount(powers)}"


def likelihood(log_ratio: float) -> str:
    """The likelihood ratio in a sentence, from its natural logarithm."""
    powers = abs(log_ratio) / math.log(10)
    amount = f"more than {_power(30)}" if powers > 30 else f"about {_amount(powers)}"
    side = "derives from the original than if it does not"
    if log_ratio < 0:
        side = "does not derive from the original than if it does"
    return f"All in all, what was seen is {amount} times as likely if the suspect picture {side}."


def _amount(powers: float) -> str:
    """Ten to the power of `powers` (0 or more) with two digits."""
    value = 10**powers
    if value < 9.95:
        return f"{value:.1f}"
    if value < 99_500:
        digits = round(value, -math.floor(math.log10(value)) + 1)
        return f"{digits:,.0f}"
    mantissa, exponent = f"{value:.1e}".split("e")
    return f"{mantissa} \u00d7 {_power(int(exponent))}"


def _power(exponent: int) -> str:
    return f"10{str(exponent).translate(_SUPERSCRIPT)}"


_SUPERSCRIPT = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
