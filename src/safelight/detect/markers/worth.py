"""Whether a file's encoding can have left a mark of `dwt_dct` alive."""

from math import inf

from safelight.detect.buffer import Buffer
from safelight.detect.coding.jpeg import read_structure
from safelight.model.maps import QuantTable

WORST_STEPS = {1: inf, 2: 10.0, 4: 4.2}
"""By pixels for each chroma sample of a JPEG, up to the next: the coarsest mean chroma step that is worth a look.

Measured (`safelight bench signals`): at IJG quality 76 with 4:2:2 and 90 with 4:2:0, which these are, about one mark in
ten is found. With 4:4:4 blocks of the mark are blocks of the JPEG, and four in ten are found even at quality 40.
"""

_LOWEST = (0, 1, 8, 16, 9, 2)  # the frequencies that a mark is made of, row by row


def worth_decoding(data: Buffer, mime: str) -> bool:
    """Whether `read_markers` could find something in a file of this type.

    Of JPEGs, the chroma sampling and tables say it; nothing but these is read. Other formats do not tell, or lose
    little, and take much longer to decode than a mark takes to look for: True. `mime`: as sniffed. Never fails.
    """
    if mime != "image/jpeg":
        return True
    structure = read_structure(data)
    if structure is None or len(structure.components) < 3:
        return False
    if structure.lossless:
        return True
    tables: dict[int, QuantTable] = {table.id: table for table in structure.tables}
    densest = max(part.horizontal * part.vertical for part in structure.components)
    return any(
        _mean_step(tables[part.table]) <= _worst(densest / (part.horizontal * part.vertical))
        for part in structure.components[1:3]
        if part.table in tables and part.horizontal * part.vertical > 0
    )


def _worst(pixels: float) -> float:
    return next((step for most, step in WORST_STEPS.items() if pixels <= most), 0.0)


def _mean_step(table: QuantTable) -> float:
    return sum(table.values[place] for place in _LOWEST) / len(_LOWEST)
