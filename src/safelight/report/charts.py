"""Charts as HTML with SVG bars. Positions are in percent, so that charts fit any width and their text never scales."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from safelight.report.text import count, share, visible

MAX_DISTANCE = 40
"""Largest PDQ distance that a bank's threshold may have."""

_LEFT = 5.0  # percent kept for the numbers of the vertical axis
_SLOT = (100 - _LEFT) / (MAX_DISTANCE + 1)
_TOP, _FLOOR, _HEIGHT = 34, 160, 182  # pixels: top of the tallest column, base line, whole picture


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its label, its number, and the CSS class that colours it."""

    label: str
    number: int
    css: str = ""


def bars(items: Sequence[Bar]) -> Markup:
    """Horizontal bars as rows of a table: label, bar, number, share. Any number above zero gets a bar one can see."""
    longest = max((bar.number for bar in items), default=0) or 1
    total = sum(bar.number for bar in items)
    row = Markup(
        '<tr><th scope="row">{}</th><td class="bar"><svg width="100%" height="14" aria-hidden="true">'
        '<rect class="track" width="100%" height="14" rx="3"/><rect class="{}" width="{}%" height="14" rx="3"/></svg>'
        '</td><td class="num">{}</td><td class="num share">{}</td></tr>'
    )
    head = Markup(
        '<thead class="hush"><tr><th scope="col">What</th><th scope="col">Bar</th>'
        '<th scope="col">Files</th><th scope="col">Share</th></tr></thead>'
    )
    body = Markup("").join(
        row.format(
            visible(bar.label, 60),
            bar.css,
            f"{max(100 * bar.number / longest, 0.8) if bar.number else 0:.2f}",
            count(bar.number),
            share(bar.number, total),
        )
        for bar in items
    )
    return Markup('<table class="bars">{}<tbody>{}</tbody></table>').format(head, body)


def top_bars(numbers: Mapping[str, int], keep: int, css: str = "") -> Markup:
    """Bars of the `keep` largest numbers and, in one more bar, of all others together."""
    ordered = sorted(numbers.items(), key=lambda item: (-item[1], item[0]))
    if len(ordered) > keep + 1:  # a single other one is named: its bar takes no more room
        rest = ordered[keep:]
        ordered[keep:] = [(f"{len(rest)} other types", sum(number for _, number in rest))]
    return bars([Bar(label, number, css) for label, number in ordered])


def histogram(distances: Mapping[int, int], thresholds: Iterable[int]) -> Markup:
    """Columns: how many rows have their best near match at each PDQ distance 0-40; dashed lines mark thresholds."""
    tallest = _ceiling(max(distances.values(), default=0))
    scale = (_FLOOR - _TOP) / tallest
    columns = Markup("").join(
        _column(distance, distances[distance], scale)
        for distance in range(MAX_DISTANCE + 1)
        if distances.get(distance, 0) > 0
    )
    marks = Markup("").join(_threshold(value, step) for step, value in enumerate(sorted(set(thresholds))))
    return Markup('<svg class="histogram" width="100%" height="{}" role="img" aria-label="{}">{}{}{}{}</svg>').format(
        _HEIGHT, _sentence(distances), _grid(tallest), columns, marks, _ticks()
    )


def _ceiling(tallest: int) -> int:
    """The next round number that can be halved: 2, 4, 6, 8, 10, 20, 30, 40, 50, 60, 80, 100, 200 ..."""
    step = 1
    while True:
        for factor in (2, 4, 6, 8) if step == 1 else (1, 2, 3, 4, 5, 6, 8):
            if tallest <= factor * step:
                return factor * step
        step *= 10


def _column(distance: int, number: int, scale: float) -> Markup:
    height = max(number * scale, 1.5)
    return Markup('<rect class="column" x="{}%" y="{}" width="{}%" height="{}"><title>{}</title></rect>').format(
        f"{_LEFT + _SLOT * (distance + 0.1):.2f}",
        f"{_FLOOR - height:.1f}",
        f"{_SLOT * 0.8:.2f}",
        f"{height:.1f}",
        f"distance {distance}: {count(number)}",
    )


def _grid(tallest: int) -> Markup:
    line = Markup(
        '<line class="grid" x1="{0}%" x2="100%" y1="{1}" y2="{1}"/><text x="{2}%" y="{3}" text-anchor="end">{4}</text>'
    )
    levels = ((value, _FLOOR - (_FLOOR - _TOP) * value / tallest) for value in (0, tallest // 2, tallest))
    return Markup("").join(line.format(_LEFT, f"{y:.1f}", _LEFT - 0.8, f"{y + 4:.1f}", count(v)) for v, y in levels)


def _ticks() -> Markup:
    tick = Markup('<text x="{}%" y="{}" text-anchor="middle">{}</text>')
    return Markup("").join(
        tick.format(f"{_LEFT + _SLOT * (value + 0.5):.2f}", _FLOOR + 17, value)
        for value in range(0, MAX_DISTANCE + 1, 5)
    )


def _threshold(value: int, step: int) -> Markup:
    x = f"{_LEFT + _SLOT * (value + 1):.2f}"
    y = 11 + 12 * (step % 2)  # neighbours on two levels, so that their numbers do not overlap
    return Markup(
        '<line class="threshold" x1="{0}%" x2="{0}%" y1="{1}" y2="{2}"/>'
        '<text x="{0}%" dx="-5" y="{3}" text-anchor="end">threshold {4}</text>'
    ).format(x, y - 9, _FLOOR, y, value)


def _sentence(distances: Mapping[int, int]) -> str:
    """The chart for those who do not see it."""
    spans = ((0, 10), (11, 20), (21, 31), (32, MAX_DISTANCE))
    parts = (f"{low} to {high}: {count(sum(distances.get(d, 0) for d in range(low, high + 1)))}" for low, high in spans)
    return "Files by the distance of their best near match. " + "; ".join(parts)
