"""The report of a comparison as a PDF for print and archive: PDF/A-2a and PDF/UA-1, the same bytes for the same values.

Typst sets it in memory from our own template; texts reach it as JSON and are shown as strings, never read as markup.
It looks for no packages, and for no fonts but those it carries itself.
"""

from dataclasses import asdict, replace
from functools import cache

import jinja2
import msgspec
import typst

from safelight.model.comparison import Compared, Comparison
from safelight.report.compare_content import View
from safelight.report.compare_pictures import Panel
from safelight.report.compare_view import is_alarming, view
from safelight.report.text import LONGEST, count

_DRAWN = (
    (0x20, 0x7E), (0xA1, 0xAC), (0xAE, 0x17F), (0x384, 0x3CE), (0x400, 0x45F), (0x490, 0x491), (0x2010, 0x2023),
    (0x2026, 0x2026), (0x2030, 0x2037), (0x2039, 0x203A), (0x2070, 0x2071), (0x2074, 0x207E), (0x20AC, 0x20AC),
    (0x2190, 0x2193), (0x2212, 0x2212), (0x2248, 0x2248), (0x2260, 0x2260), (0x2264, 0x2265),
)  # fmt: skip
"""Characters that both fonts of the template have a shape for (tested), none of which can hide or reorder others."""


def render(comparison: Comparison, pictures: Compared) -> bytes:
    """The PDF; its dates are those of the comparison."""
    content = view(comparison, pictures)
    files = {"main.typ": _template(), "content.json": _content(comparison, content)}
    files |= {f"{panel.name}.svg": panel.svg.encode() for panel in _panels(content)}
    pdf: bytes = typst.compile(  # type: ignore[call-overload]  # its stub leaves out dictionaries of files
        files,
        format="pdf",
        ignore_system_fonts=True,
        timestamp=comparison.made,
        pdf_standards=["a-2a", "ua-1"],
    )
    return pdf


def plain(text: str, limit: int = LONGEST) -> str:
    """`text` in characters that the PDF can draw: others are named like [U+202E].

    A text longer than `limit` characters loses its middle and says so.
    """
    if len(text) > limit:
        head, tail = text[: limit // 2], text[-(limit - limit // 2) :]
        return f"{plain(head)} [{count(len(text) - limit)} characters not shown] {plain(tail)}"
    return "".join(char if _is_drawn(char) else f"[U+{ord(char):04X}]" for char in text)


def _is_drawn(char: str) -> bool:
    code = ord(char)
    return any(first <= code <= last for first, last in _DRAWN) and char.isprintable()


def _content(comparison: Comparison, content: View) -> bytes:
    """Everything that the template shows, as JSON, each text in characters that can be drawn."""
    values = _drawable(asdict(_without_drawings(content)))
    assert isinstance(values, dict)
    return msgspec.json.encode(values | {"found": is_alarming(comparison)})


def _panels(content: View) -> list[Panel]:
    return [*content.panels, *(panel for instant in content.instants for panel in instant.panels)]


def _without_drawings(content: View) -> View:
    """The same without the pictures themselves, which are files of their own."""

    def light(panels: tuple[Panel, ...]) -> tuple[Panel, ...]:
        return tuple(replace(panel, svg="") for panel in panels)

    instants = tuple(replace(instant, panels=light(instant.panels)) for instant in content.instants)
    return replace(content, panels=light(content.panels), instants=instants)


def _drawable(value: object) -> object:
    if isinstance(value, str):
        return plain(value)
    if isinstance(value, dict):
        return {key: _drawable(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_drawable(inner) for inner in value]
    return value


@cache
def _template() -> bytes:
    loader = jinja2.PackageLoader("safelight.report")
    return loader.get_source(jinja2.Environment(autoescape=True), "compare.typ")[0].encode()
