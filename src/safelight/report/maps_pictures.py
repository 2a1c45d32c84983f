"""The examiner's maps as heat pictures, and the levels of DCT frequencies as charts.

Colours are those of cividis, which reads alike with and without colour vision deficiency (Nunez et al., PLOS ONE 2018).
Squares where nothing can be said are left transparent.
"""

import cv2
import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from safelight.model.maps import BlockMap, Frequency
from safelight.report.text import count

SIDE = 8
"""Pixels of the drawing for each square."""
SHOWN_LEVELS = 24
"""Levels to each side of zero that a chart shows."""

_STOPS = 9
_FLOOR, _TOP, _HEIGHT = 112, 6, 132  # pixels: base line, top of the tallest column, whole chart
_TICKS = (-20, -10, 0, 10, 20)
_SLOT = 100 / (2 * SHOWN_LEVELS + 1)  # percent for each level


def heat_png(drawn: BlockMap) -> bytes:
    """A PNG of the map, `SIDE` pixels for each square, dark for `low` and bright for `high`."""
    span = max(drawn.high - drawn.low, 1e-9)
    level = np.nan_to_num(np.clip((drawn.values - drawn.low) / span, 0, 1))
    colours = cv2.applyColorMap(np.rint(255 * level).astype(np.uint8), cv2.COLORMAP_CIVIDIS)
    known = np.where(np.isfinite(drawn.values), np.uint8(255), np.uint8(0))
    squares = np.dstack([colours, known])
    whole = squares.repeat(SIDE, axis=0).repeat(SIDE, axis=1)
    done, data = cv2.imencode(".png", whole)
    assert done, "an array of this shape can always be encoded"
    return data.tobytes()


def scale_stops() -> tuple[tuple[str, str], ...]:
    """The colour scale from low to high: (offset in percent, colour) of each stop."""
    levels: NDArray[np.uint8] = np.rint(np.linspace(0, 255, _STOPS)).astype(np.uint8)
    colours = cv2.applyColorMap(levels[None], cv2.COLORMAP_CIVIDIS)[0]
    places = np.linspace(0, 100, _STOPS)
    return tuple(
        (f"{place:g}%", f"#{red:02x}{green:02x}{blue:02x}")
        for place, (blue, green, red) in zip(places, colours.tolist(), strict=True)
    )


def levels_chart(frequency: Frequency) -> Markup:
    """Columns: how many blocks have each level; as high as the square root, so that rare levels are seen too."""
    shown = {
        level: number
        for level, number in enumerate(frequency.counts, frequency.first)
        if abs(level) <= SHOWN_LEVELS and number
    }
    tallest = max(shown.values(), default=1) ** 0.5
    columns = Markup("").join(_column(level, number, tallest) for level, number in shown.items())
    tick = Markup('<text x="{}%" y="{}" text-anchor="middle">{}</text>')
    ticks = Markup("").join(tick.format(f"{_place(level) + _SLOT / 2:.2f}", _FLOOR + 16, level) for level in _TICKS)
    floor = Markup('<line class="grid" x1="0%" x2="100%" y1="{0}" y2="{0}"/>').format(_FLOOR)
    return Markup('<svg class="histogram" width="100%" height="{}" role="img" aria-label="{}">{}{}{}</svg>').format(
        _HEIGHT, _sentence(frequency), floor, columns, ticks
    )


def _column(level: int, number: int, tallest: float) -> Markup:
    height = max((_FLOOR - _TOP) * number**0.5 / tallest, 1.0)
    return Markup('<rect class="column" x="{}%" y="{}" width="{}%" height="{}"><title>{}</title></rect>').format(
        f"{_place(level) + _SLOT * 0.1:.2f}",
        f"{_FLOOR - height:.1f}",
        f"{_SLOT * 0.8:.2f}",
        f"{height:.1f}",
        f"level {level}: {count(number)} blocks",
    )


def _place(level: int) -> float:
    return _SLOT * (level + SHOWN_LEVELS)


def _sentence(frequency: Frequency) -> str:
    """The chart for those who do not see it."""
    pattern = f"repeats every {frequency.period:g} levels" if frequency.period else "too few blocks to tell a pattern"
    return (
        f"Blocks by level of the frequency {frequency.across} across, {frequency.down} down, "
        f"in steps of {frequency.step}; strongest pattern: {pattern}, strength {frequency.strength:g}"
    )
