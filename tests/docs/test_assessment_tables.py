"""The truth table of docs/signals.md covers every combination of evidence, once, and says what the code says."""

import math
from itertools import product

from safelight.model.assessment import Strength
from safelight.policy.assess_rules import CLAIMS, CONFLICTS
from tools.assessment_tables import DIMENSIONS, HEADER, answer, conflicts, outcomes

ROWS = list(outcomes())


def covers(row: tuple[str, ...], combination: tuple[str, ...]) -> bool:
    cells = zip(row[: len(DIMENSIONS)], combination, strict=True)
    return all(cell == "any" or value in cell.split(", ") for cell, value in cells)


def test_every_combination_is_in_one_row_with_its_answer() -> None:
    combinations = list(product(*DIMENSIONS.values()))
    assert len(combinations) == math.prod(map(len, DIMENSIONS.values()))
    for combination in combinations[::5]:  # enough of them, in a second
        (row,) = (row for row in ROWS if covers(row, combination))
        got = answer(dict(zip(DIMENSIONS, combination, strict=True)))
        assert row[len(DIMENSIONS) :] == (got.artificialness.value, got.strength.value)


def test_rows_are_as_wide_as_their_head_and_few() -> None:
    assert {len(row) for row in ROWS} == {len(HEADER)}
    assert len(ROWS) < 50


def test_the_detector_changes_a_level_in_no_row() -> None:
    by_detector = [row for row in ROWS if row[HEADER.index("detector")] != "any"]
    assert {row[HEADER.index("artificialness")] for row in by_detector} == {"unknown"}
    assert {row[HEADER.index("strength")] for row in by_detector} == {Strength.NONE.value, Strength.HINTED.value}


def test_every_conflict_is_listed() -> None:
    listed = {(one, other) for one, others in conflicts() for other in others.split("; ")}
    assert listed == {(CLAIMS[one].words, CLAIMS[other].words) for one, other in CONFLICTS}
