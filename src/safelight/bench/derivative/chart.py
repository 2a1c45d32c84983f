"""A chart of recall per edit, as an SVG file that needs nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

ROW, BAR, LEFT, SPAN, TOP = 26, 9, 190, 420, 54
COLOURS = ("#1f6f8b", "#d98e32", "#9a9a9a")


@dataclass(frozen=True, slots=True)
class Series:
    """One bar for each label. `values`: 0 to 1."""

    name: str
    values: Sequence[float]


def recall_chart(title: str, labels: Sequence[str], series: Sequence[Series]) -> str:
    """Horizontal bars, one row for each label, at most three series; the text of an SVG file."""
    width, height = LEFT + SPAN + 60, TOP + ROW * len(labels) + 12
    rows = [_row(number, label, series) for number, label in enumerate(labels)]
    size = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    style = f'font-family="sans-serif" font-size="12" role="img" aria-label="{escape(title)}"'
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} {style}>',
            f'<rect width="{width}" height="{height}" rx="6" fill="#ffffff"/>',
            f'<text x="12" y="20" font-size="14" font-weight="bold" fill="#222222">{escape(title)}</text>',
            *_legend(series),
            *(_gridline(tenths, height) for tenths in (0, 25, 50, 75, 100)),
            *rows,
            "</svg>",
            "",
        ]
    )


def _legend(series: Sequence[Series]) -> list[str]:
    entries = []
    x = 12
    for one, colour in zip(series, COLOURS, strict=False):
        entries.append(f'<rect x="{x}" y="31" width="10" height="10" fill="{colour}"/>')
        entries.append(f'<text x="{x + 15}" y="40" fill="#222222">{escape(one.name)}</text>')
        x += 40 + 7 * len(one.name)
    return entries


def _gridline(percent: int, height: int) -> str:
    x = LEFT + SPAN * percent / 100
    return f'<line x1="{x}" x2="{x}" y1="{TOP - 4}" y2="{height - 8}" stroke="#dddddd"/>'


def _row(number: int, label: str, series: Sequence[Series]) -> str:
    top = TOP + ROW * number
    parts = [f'<text x="{LEFT - 8}" y="{top + 14}" text-anchor="end" fill="#222222">{escape(label)}</text>']
    thick = min(BAR, (ROW - 6) // max(1, len(series)))
    for place, (one, colour) in enumerate(zip(series, COLOURS, strict=False)):
        value = one.values[number]
        hint = f"{escape(label)}, {escape(one.name)}: {value:.2f}"
        size = f'width="{max(SPAN * value, 1):.1f}" height="{thick}"'
        y = top + 2 + place * (thick + 1)
        parts.append(f'<rect x="{LEFT}" y="{y}" {size} fill="{colour}"><title>{hint}</title></rect>')
    parts.append(f'<text x="{LEFT + SPAN + 8}" y="{top + 14}" fill="#222222">{series[0].values[number]:.2f}</text>')
    return "".join(parts)
