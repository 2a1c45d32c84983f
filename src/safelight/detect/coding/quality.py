"""The quality setting that a quantisation table stands for, on the scale of the Independent JPEG Group.

Source: libjpeg (IJG) jcparam.c, `jpeg_quality_scaling` and `jpeg_add_quant_table`; base tables of ITU-T T.81 annex K.1.
"""

from dataclasses import dataclass
from functools import cache

from safelight.model.maps import QuantTable

Steps = tuple[int, ...]
"""64 quantisation steps, row by row."""

# fmt: off
LUMA: Steps = (
    16, 11, 10, 16, 24, 40, 51, 61,
    12, 12, 14, 19, 26, 58, 60, 55,
    14, 13, 16, 24, 40, 57, 69, 56,
    14, 17, 22, 29, 51, 87, 80, 62,
    18, 22, 37, 56, 68, 109, 103, 77,
    24, 35, 55, 64, 81, 104, 113, 92,
    49, 64, 78, 87, 103, 121, 120, 101,
    72, 92, 95, 98, 112, 100, 103, 99,
)
CHROMA: Steps = (
    17, 18, 24, 47, 99, 99, 99, 99,
    18, 21, 26, 66, 99, 99, 99, 99,
    24, 26, 56, 99, 99, 99, 99, 99,
    47, 66, 99, 99, 99, 99, 99, 99,
    99, 99, 99, 99, 99, 99, 99, 99,
    99, 99, 99, 99, 99, 99, 99, 99,
    99, 99, 99, 99, 99, 99, 99, 99,
    99, 99, 99, 99, 99, 99, 99, 99,
)
# fmt: on
_NEAR_LOSSLESS = 2.0  # mean step below this: IJG quality 99 and 100


@dataclass(frozen=True, slots=True)
class Quality:
    """A setting from 1 to 100. `exact`: the table is just that one; else it is the nearest by the sum of its steps."""

    value: int
    exact: bool


def scaled(base: Steps, quality: int, largest: int = 255) -> Steps:
    """The table that libjpeg makes of `base` at `quality` (1 to 100); steps from 1 to `largest`."""
    percent = 5000 // quality if quality < 50 else 200 - 2 * quality
    return tuple(min(max((step * percent + 50) // 100, 1), largest) for step in base)


def estimate(table: QuantTable, base: Steps) -> Quality:
    """The IJG quality whose scaling of `base` is this table, or comes nearest."""
    if (exact := _settings(base).get(table.values)) is not None:
        return Quality(exact, exact=True)
    total = sum(table.values)
    return Quality(min(range(1, 101), key=lambda q: abs(sum(scaled(base, q)) - total)), exact=False)


def near_lossless(table: QuantTable) -> bool:
    """Whether the steps are so small that hardly anything was lost."""
    return sum(table.values) / 64 < _NEAR_LOSSLESS


@cache
def _settings(base: Steps) -> dict[Steps, int]:
    """Quality by table, for 8-bit tables and for the unlimited ones of 16 bits."""
    return {scaled(base, quality, largest): quality for largest in (32767, 255) for quality in range(1, 101)}
