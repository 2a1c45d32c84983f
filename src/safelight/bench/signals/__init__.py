"""The benchmark of signals: marks in pixels found and not found, and what reading all signals costs.

Marks are public watermarks, put into benign pictures by code; nothing else about a picture is changed.
"""

from collections.abc import Callable

from safelight.bench.common import Row
from safelight.bench.signals import marks, speed


def run(quick: bool, say: Callable[[str], None]) -> list[Row]:
    """Measure; `quick` takes fewer pictures."""
    return [*marks.run(quick, say), *speed.run(quick, say)]
