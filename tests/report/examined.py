"""A made-up examination of one picture."""

from datetime import UTC, datetime

import numpy as np

from safelight.model.maps import BlockMap, Frequency, Maps, QuantTable
from safelight.model.signal import Forgeable, Rule, Says, Signal, SignalKind

MADE = datetime(2026, 11, 22, 7, 0, tzinfo=UTC)


def block_map(name: str = "ghost-65", **changes: object) -> BlockMap:
    """A slope from `low` to `high`, its first square without a value."""
    values = np.linspace(0, 1, 30 * 20, dtype=np.float32).reshape(20, 30)
    values[0, 0] = np.nan
    fields: dict[str, object] = {
        "title": f"Map {name}",
        "values": values,
        "block": 16,
        "unit": "levels",
        "low": 0.0,
        "high": 1.0,
        "caption": "How to read it, and how it misleads.",
    }
    return BlockMap(name=name, **(fields | changes))  # type: ignore[arg-type]  # the fields' own types


def frequency(across: int = 1, down: int = 0, **changes: object) -> Frequency:
    """A comb of every fourth level."""
    counts = tuple(400 - 8 * abs(level) if level % 4 == 0 else 3 for level in range(-48, 49))
    fields: dict[str, object] = {"step": 3, "first": -48, "counts": counts, "period": 4.0, "strength": 21.5}
    return Frequency(across, down, **(fields | changes))  # type: ignore[arg-type]  # the fields' own types


def maps(**changes: object) -> Maps:
    """Five maps, ten frequencies and two tables."""
    names = ("ghost-50", "ghost-59", "ghost-65", "noise", "double")
    fields: dict[str, object] = {
        "width": 487,
        "height": 325,
        "area": (0, 0, 480, 320),
        "blocks": tuple(block_map(name) for name in names),
        "frequencies": tuple(frequency(at % 5, at // 5 + 1) for at in range(10)),
        "frequencies_caption": "What the charts show.",
        "tables": (QuantTable(0, 8, tuple(range(1, 65))), QuantTable(1, 16, tuple(range(900, 964)))),
        "notes": ("Something was left out.",),
    }
    return Maps(**(fields | changes))  # type: ignore[arg-type]  # the fields' own types


def signal(detail: str = "JPEG written by: libjpeg") -> Signal:
    """What coding says."""
    rule = Rule("encoder-ijg", "libjpeg jcparam.c", "2026-11-22")
    return Signal("encoder", detail, SignalKind.CODING, Says.NOTHING, forgeable=Forgeable.ANYONE, rule=rule)
