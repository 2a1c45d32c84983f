"""Which parts of an index become one: so that they stay few, and each row is written again a few times only."""

from collections.abc import Sequence


def joining(sizes: Sequence[int], rows: int, ratio: int, most: int) -> int:
    """How many of the smallest parts are to be merged with `rows` new rows.

    A part is merged, with all smaller ones, when it is at most `ratio` times as large as these and the new rows
    together, unless that makes more than `most` rows. So n rows are in about log(n) parts. Source: the size-tiered
    variant of P. O'Neil et al., "The Log-Structured Merge-Tree (LSM-Tree)", Acta Informatica 33, 1996.

    Args:
        sizes: rows of each part, ascending.
        rows: rows that are merged in any case.
        ratio: see above, at least 1.
        most: rows that a part may have.
    """
    count = 0
    for number, size in enumerate(sizes, 1):
        if size <= ratio * rows and rows + size <= most:
            count = number
        rows += size
    return count
