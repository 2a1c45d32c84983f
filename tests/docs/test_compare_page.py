"""docs/compare.md tells every field, verdict, file and exit code of a comparison."""

import dataclasses

import pytest

from safelight.adapter.outputs.comparison import NAMES
from safelight.cli.main import FOUND, NOTHING, UNCHECKED
from safelight.model.comparison import Blur, ClipComparison, ComparedFile, Comparison, Instant, Shares
from safelight.model.derivation import Derivation, EvidencePart, Verdict
from safelight.model.region import AlteredRegion
from safelight.report.compare_words import VERDICTS
from tests.docs.pages import DOCS, table_rows

PAGE = (DOCS / "compare.md").read_text(encoding="utf-8")
FIRST_CELLS = [row[0] for row in table_rows(PAGE)]


@pytest.mark.parametrize(
    "kind", [Comparison, ComparedFile, Shares, Derivation, EvidencePart, AlteredRegion, ClipComparison, Instant]
)
def test_every_field_is_told(kind: type) -> None:
    assert [field.name for field in dataclasses.fields(kind) if f"`{field.name}`" not in PAGE] == []


def test_every_field_of_the_file_has_its_row() -> None:
    told = {name.strip("` ") for cell in FIRST_CELLS for name in cell.split(",")}
    assert {field.name for field in dataclasses.fields(Comparison)} <= told


def test_every_verdict_file_and_blur_is_told() -> None:
    assert [label for label in VERDICTS.values() if label not in FIRST_CELLS] == []
    assert [value for value in (*Verdict, *Blur) if f"`{value}`" not in PAGE] == []
    assert [name for name in NAMES if f"`{name}`" not in PAGE] == []


def test_exit_codes_of_verify_are_told() -> None:
    assert [str(code) for code in (NOTHING, FOUND, UNCHECKED)] == [cell for cell in FIRST_CELLS if cell.isdigit()]
