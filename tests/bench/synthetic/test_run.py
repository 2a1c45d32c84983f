import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from safelight.bench import synthetic
from safelight.cli.bench import bench


def test_without_the_encoder_it_says_so_and_measures_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(synthetic, "find_model", lambda: None)
    assert synthetic.run(True, said.append, out=tmp_path) == []
    assert said == ["skipped: the encoder is not installed (docs/hint.md)"]


def test_without_the_corpus_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(synthetic, "find_model", lambda: tmp_path / "model.onnx")
    monkeypatch.setenv("SAFELIGHT_SHARED", str(tmp_path))
    assert synthetic.run(True, said.append, out=tmp_path) == []
    assert said[0].startswith("skipped: the corpus is not at hand")


def test_the_command_goes_on_where_there_is_nothing_to_measure_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(synthetic, "find_model", lambda: None)
    done = CliRunner().invoke(bench, ["synthetic", "--quick", "--out", str(tmp_path)])
    assert done.exit_code == 0
    assert "skipped" in done.output
    assert json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))["rows"] == []
