"""The examiner's page of one picture: heat maps, charts and tables, self-contained, without any script.

The picture itself is nowhere in it. All text is taken for hostile; nothing is asked of the network.
"""

import base64
from collections.abc import Sequence
from datetime import datetime
from functools import cache

from jinja2 import Environment

from safelight.model.maps import BlockMap, Maps, QuantTable
from safelight.model.signal import Forgeable, Signal
from safelight.report import maps_pictures, page, text

PAGE = "examiner.html"
CHARTS = 4
"""Frequencies that are drawn, the strongest pattern first; the table has them all."""

_FORGED = {
    Forgeable.ANYONE: "Anyone, with common tools",
    Forgeable.PUBLIC_CODE: "Who runs a public program",
    Forgeable.SIGNER: "Who holds a signing key",
    Forgeable.HARD: "Only who holds a key that a trust list vouches for",
}
CANNOT = (
    "That a picture is real, or was never altered: most alterations leave nothing to see here.",
    (
        "That a picture was altered because a map is uneven: every picture's maps are, most of all where smooth and "
        "textured parts meet."
    ),
    "That a part is made by a generative model. No map looks for that.",
    (
        "Anything at all of pictures that were resized, sent through messengers or photographed from a screen: that "
        "wipes the traces out, and leaves its own."
    ),
)


def render(
    maps: Maps, signals: Sequence[Signal] = (), *, name: str, sha256: str = "", made: datetime
) -> dict[str, bytes]:
    """The files of the report by name: `examiner.html`, and `<map>.png` for each map.

    `signals`: what is listed of the file's coding. `name`: of the file, as it is to be shown. `made`: when.
    """
    pictures = {drawn.name: maps_pictures.heat_png(drawn) for drawn in maps.blocks}
    style = page.source("report.css", _environment()) + page.source("maps.css", _environment())
    content = (
        _environment()
        .get_template("maps.html.j2")
        .render(
            maps=maps,
            signals=signals,
            name=name,
            sha256=sha256,
            stamp=made,
            pictures={key: "data:image/png;base64," + _base64(data) for key, data in pictures.items()},
            stops=maps_pictures.scale_stops(),
            charts=[(found, maps_pictures.levels_chart(found)) for found in maps.frequencies[:CHARTS]],
            cannot=CANNOT,
            forged=_FORGED,
            style=style,
            policy=page.policy(style),
        )
    )
    return {PAGE: content.encode()} | {f"{key}.png": data for key, data in pictures.items()}


def rows(table: QuantTable) -> list[tuple[int, ...]]:
    """The 64 steps as 8 rows."""
    return [table.values[start : start + 8] for start in range(0, 64, 8)]


def ends(drawn: BlockMap) -> tuple[str, str]:
    """The two ends of the colour scale in words."""
    above = " or more" if drawn.unit == "levels" else ""
    return f"{drawn.low:.3g}", f"{drawn.high:.3g}{above} ({drawn.unit})"


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


@cache
def _environment() -> Environment:
    environment = page.environment()
    environment.filters |= {"rows": rows, "ends": ends, "moment": text.moment, "count": text.count}
    environment.globals |= {"side": maps_pictures.SIDE}
    return environment
