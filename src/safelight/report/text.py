"""Text that is safe to show: hostile names made visible, and numbers as people read them."""

from collections.abc import Iterable
from datetime import datetime
from itertools import groupby

from markupsafe import Markup, escape

from safelight.model.fingerprint import View
from safelight.model.match import Match, MatchKind
from safelight.model.region import Box
from safelight.model.segment import Segment, clock, longest
from safelight.report.words import ALGORITHMS, DIHEDRALS, VIEWS

LONGEST = 1000
"""Characters of one text that the page shows; results.jsonl has the whole of it."""

# Blank though `str.isprintable` says otherwise: joiners, fillers, variation selectors, the empty Braille cell.
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0") | frozenset(
    chr(code)
    for first, last in ((0x180B, 0x180F), (0xFE00, 0xFE0F), (0xE0100, 0xE01EF))
    for code in range(first, last + 1)
)


def visible(text: str, limit: int = LONGEST) -> Markup:
    """`text` as HTML in which nothing can hide: escaped, and every character without a shape of its own named.

    Controls, direction overrides, zero-width and private characters, lone surrogates and unusual spaces become
    `U+202E` and the like, neighbours together in one span of the class `code`, so that a name cannot disguise itself.
    A text longer than `limit` characters loses its middle and says so; both ends matter in a path.
    """
    if len(text) > limit:
        head, tail = text[: limit // 2], text[-(limit - limit // 2) :]
        gap = Markup(' <span class="code">{} characters not shown</span> ').format(count(len(text) - limit))
        return visible(head) + gap + visible(tail)
    if text.isprintable() and _BLANK.isdisjoint(text):
        return escape(text)
    return Markup("").join(_named(run) if hidden else escape("".join(run)) for hidden, run in groupby(text, _hidden))


def _hidden(char: str) -> bool:
    return char in _BLANK or not char.isprintable()


def _named(run: Iterable[str]) -> Markup:
    return Markup('<span class="code">{}</span>').format(" ".join(f"U+{ord(char):04X}" for char in run))


def count(number: int) -> str:
    """A whole number with its thousands set apart: 12,345."""
    return f"{number:,}"


def place(box: Box) -> str:
    """Size of a box and where it begins, in pixels."""
    left, top, right, bottom = box
    return f"{count(right - left)} \u00d7 {count(bottom - top)} pixels at ({count(left)}, {count(top)})"


def share(part: int, whole: int) -> str:
    """`part` of `whole` in percent; never rounded to 0 or 100 when it is not exactly that. Empty for a whole of 0."""
    if whole <= 0:
        return ""
    percent = 100 * part / whole
    if 0 < percent < 0.1:
        return "< 0.1 %"
    if 99.9 < percent < 100:
        return "> 99.9 %"
    return f"{percent:.1f} %" if 0 < percent < 100 else f"{percent:.0f} %"


_UNITS = (("TB", 1e12), ("GB", 1e9), ("MB", 1e6), ("kB", 1e3))


def size(number: int) -> str:
    """A number of bytes in decimal units, three digits: 1.23 GB."""
    for unit, scale in _UNITS:
        value = number / scale
        if value >= 0.9995:
            return f"{value:,.{2 if value < 9.995 else 1 if value < 99.95 else 0}f} {unit}"
    return f"{number} B"


def duration(seconds: float) -> str:
    """Seconds as people say them: 0.4 s, 12 s, 3 min 05 s, 2 h 07 min."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02} s"
    return f"{whole // 3600:,} h {whole % 3600 // 60:02} min"


def rate(amount: float, seconds: float) -> str:
    """`amount` per second with three digits."""
    value = amount / seconds
    return count(round(value)) if value >= 100 else f"{value:.3g}"


def moment(when: datetime) -> str:
    """A moment to the second, with its zone: 2026-11-21 14:03:22 UTC."""
    return when.strftime("%Y-%m-%d %H:%M:%S %Z").rstrip()


def chance(probability: float) -> str:
    """A probability: 3.2 %, 0.04 %, or a power of ten with raised digits; no smaller than 10⁻³⁰, a false precision."""
    if probability >= 0.0001:
        return f"{100 * probability:.2g} %" if probability < 0.995 else "nearly 100 %"
    if probability < 1e-30:
        return "< 10⁻³⁰"
    mantissa, exponent = f"{probability:.1e}".split("e")
    return f"{mantissa} \u00d7 10{str(int(exponent)).translate(_SUPERSCRIPT)}"


_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def variant(match: Match) -> str:
    """Which form of the file's picture matched, in words: moment or frame, view and turn, where not the usual."""
    if match.kind is MatchKind.EXACT:
        return f"same {ALGORITHMS.get(match.algorithm, match.algorithm)}"
    if match.segments:
        return ", ".join(segment_form(longest(match.segments))) or "as it plays"
    frame = f"frame {match.frame}" if match.frame else ""
    if match.time is not None:
        frame = f"at {clock(match.time)}"
    view = VIEWS[match.view] if match.view and match.view is not View.UPRIGHT else ""
    turn = DIHEDRALS.get(match.dihedral, match.dihedral) if match.dihedral else "mirrored" if match.mirrored else ""
    return ", ".join(filter(None, (frame, view, turn))) or VIEWS[View.UPRIGHT]


USUAL_SPEED = 0.02
"""A speed that differs less from 1 is not spoken of: it is within what a few frames can tell."""


def segment_form(segment: Segment) -> tuple[str, ...]:
    """What was done to a stretch of video, where anything was: mirrored, sped up, slowed down."""
    speed = segment.speed
    paced = f"{speed:.2f} times as fast" if abs(speed - 1) > USUAL_SPEED else ""
    return tuple(filter(None, ("mirrored" if segment.mirrored else "", paced)))
