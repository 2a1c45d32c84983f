"""Mosaics as grey SVG squares, for strips of frames: no picture file is made for them."""

import base64
import binascii
from collections import defaultdict

from markupsafe import Markup

from safelight.flow.mosaic import MOSAIC

_LEVELS = 12


def drawn(mosaic: str) -> Markup:
    """An SVG of a mosaic in few greys; empty when the text is none."""
    try:
        cells = base64.b64decode(mosaic, validate=True)
    except (binascii.Error, ValueError):
        return Markup("")
    if len(cells) != 3 * MOSAIC * MOSAIC:
        return Markup("")
    paths: dict[int, list[str]] = defaultdict(list)
    for place in range(MOSAIC * MOSAIC):
        red, green, blue = cells[3 * place : 3 * place + 3]
        grey = 0.299 * red + 0.587 * green + 0.114 * blue
        paths[round(grey / 255 * (_LEVELS - 1))].append(f"M{place % MOSAIC} {place // MOSAIC}h1v1h-1z")
    shapes = Markup("").join(
        Markup('<path fill="{}" d="{}"/>').format("#" + f"{round(level * 255 / (_LEVELS - 1)):02x}" * 3, "".join(parts))
        for level, parts in sorted(paths.items())
    )
    return Markup(
        '<svg class="still" viewBox="0 0 {0} {0}" aria-hidden="true" shape-rendering="crispEdges">{1}</svg>'
    ).format(MOSAIC, shapes)
