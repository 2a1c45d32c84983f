import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
from click.testing import CliRunner

from safelight.bench.common import Row, at_least, at_most
from safelight.cli.bench import BENCHES, bench


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> Callable[[list[Row]], None]:
    """Put given rows in the place of what the `pdq` benchmark would measure."""

    def put(rows: list[Row]) -> None:
        module = ModuleType("safelight.bench.pdq")
        module.run = lambda quick, say: say(f"quick: {quick}") or rows  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, "safelight.bench.pdq", module)

    return put


def test_results_json_has_the_promised_shape(measured: Callable[[list[Row]], None], tmp_path: Path) -> None:
    measured([at_least("speed", 60.0, "x", 40, 16), Row("cost", 0.25, "ns/px", None, None, 16)])
    done = CliRunner().invoke(bench, ["pdq", "--out", str(tmp_path), "--quick"])
    assert done.exit_code == 0, done.output
    result = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))
    assert result["name"] == "pdq"
    assert result["versions"]["pdqhash"]
    assert result["rows"] == [
        {"what": "speed", "value": 60.0, "unit": "x", "bar": 40, "holds": True, "n": 16},
        {"what": "cost", "value": 0.25, "unit": "ns/px", "bar": None, "holds": None, "n": 16},
    ]
    assert "quick: True" in done.output


def test_a_bar_that_does_not_hold_is_said_and_is_the_exit_code(
    measured: Callable[[list[Row]], None], tmp_path: Path
) -> None:
    measured([at_most("delay", 3.0, "ms", 2, 5)])
    done = CliRunner().invoke(bench, ["pdq", "--out", str(tmp_path)])
    assert done.exit_code == 1
    assert "DOES NOT HOLD" in done.output
    assert json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))["rows"][0]["holds"] is False


def test_options_are_taken_by_the_benchmarks_that_know_them(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked: list[tuple[str, dict[str, object]]] = []

    def take(name: str) -> None:
        def run(_quick: bool, _say: object, **options: object) -> list[Row]:
            asked.append((name, options))
            return []

        module = ModuleType(name)
        module.run = run  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, f"safelight.bench.{name}", module)

    for name in BENCHES:
        take(name)
    done = CliRunner().invoke(bench, ["all", "--out", str(tmp_path), "--seed", "3", "--known", "4"])
    assert done.exit_code == 0, done.output
    assert dict(asked)["video"] == {"out": tmp_path / "video", "seed": 3, "known": 4}
    assert dict(asked)["derivative"] == {"out": tmp_path / "derivative", "seed": 3}
    assert dict(asked)["pdq"] == {}
    refused = CliRunner().invoke(bench, ["derivative", "--out", str(tmp_path), "--known", "4"])
    assert refused.exit_code == 2
    assert "--known is an option of `bench video`" in refused.output
