"""tools/write_benchmarks.py: every figure as it was measured, missed bars included."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.docs.pages import ROOT, table_rows
from tools.write_benchmarks import INTRO, PLACEHOLDER, page


def result(name: str = "pdq", **row: Any) -> dict[str, Any]:
    filled = {"what": "speed", "value": 61.25, "unit": "x", "bar": 40, "holds": True, "n": 12000} | row
    return {"name": name, "versions": {"safelight": "0.1.0", "numba": "9"}, "rows": [filled]}


def test_figures_are_rounded_to_three_digits_and_counts_are_not() -> None:
    assert list(table_rows(page([result()]))) == [["speed", "61.2 x", "at least 40", "yes", "12,000"]]
    assert next(table_rows(page([result(value=123456.7, n=1)])))[1] == "123,457 x"
    assert next(table_rows(page([result(value=0.000123)])))[1] == "0.000123 x"


def test_bars_are_floors_or_ceilings() -> None:
    def bar(value: float, holds: bool) -> str:
        return next(table_rows(page([result(value=value, bar=1.4, holds=holds)])))[2]

    assert bar(2.0, holds=True) == bar(1.0, holds=False) == "at least 1.4"
    assert bar(2.0, holds=False) == bar(1.0, holds=True) == "at most 1.4"
    assert bar(1.4, holds=True) == "1.4"


def test_a_missed_bar_stays_and_stands_out() -> None:
    text = page([result(holds=False), result(name="search")])
    assert "| **no** |" in text
    assert "In this run 1 of 2 bars hold." in text


def test_a_figure_without_a_bar_is_not_judged() -> None:
    text = page([result(bar=None, holds=None)])
    assert list(table_rows(text)) == [["speed", "61.2 x", "", "", "12,000"]]
    assert "0 of 0 bars" in text


def test_quick_runs_say_so() -> None:
    assert "`safelight bench pdq --quick`" in page([result() | {"quick": True}])


def test_placeholder_without_results() -> None:
    assert page([]) == f"{INTRO}\n{PLACEHOLDER}"


def test_command_finds_results_in_folders(tmp_path: Path) -> None:
    for name in ("search", "pdq"):
        (tmp_path / "in" / name).mkdir(parents=True)
        (tmp_path / "in" / name / "results.json").write_text(json.dumps(result(name)), encoding="utf-8")
    target = tmp_path / "page.md"
    subprocess.run(
        [sys.executable, "tools/write_benchmarks.py", str(tmp_path / "in"), str(target)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    text = target.read_text(encoding="utf-8")
    assert 0 < text.index("## PDQ kernel") < text.index("## Search")


def test_a_chart_beside_the_results_comes_with_them(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "results.json").write_text(json.dumps(result("derivative")), encoding="utf-8")
    (tmp_path / "in" / "recall.svg").write_text("<svg/>", encoding="utf-8")
    target = tmp_path / "docs" / "page.md"
    target.parent.mkdir()
    command = [sys.executable, "tools/write_benchmarks.py", str(tmp_path / "in"), str(target)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    assert "(images/derivative-recall.svg)" in target.read_text(encoding="utf-8")
    assert (tmp_path / "docs" / "images" / "derivative-recall.svg").read_text(encoding="utf-8") == "<svg/>"
