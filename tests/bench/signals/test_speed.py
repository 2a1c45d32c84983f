"""The cost of reading signals, on pictures too small to mean anything."""

from pathlib import Path

import pytest

from safelight.bench.common import Row
from safelight.bench.signals import run, speed


def test_what_is_measured_and_judged(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SAFELIGHT_SHARED", str(tmp_path / "none"))
    monkeypatch.setattr(speed, "WIDTH", 480)
    monkeypatch.setattr(speed, "HEIGHT", 320)
    rows = speed.run(True, lambda _line: None)
    assert [(row.unit, row.bar, row.n) for row in rows] == [
        ("ms", 40, 2),
        ("ms", None, 2),
        ("ms", None, 2),
        ("ms", None, 2),
    ]
    assert 0 < rows[1].value <= rows[0].value
    assert min(rows[2].value, rows[3].value) > 0


def test_both_parts_make_the_benchmark(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = Row("a", 1.0, "", None, None, 1), Row("b", 2.0, "", None, None, 1)
    monkeypatch.setattr("safelight.bench.signals.marks.run", lambda *_: [first])
    monkeypatch.setattr("safelight.bench.signals.speed.run", lambda *_: [second])
    assert run(True, lambda _line: None) == [first, second]


@pytest.mark.shared
def test_files_with_manifests_are_told_apart(shared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAFELIGHT_SHARED", str(shared))
    monkeypatch.setattr(speed, "SIGNED", 2)
    monkeypatch.setattr(speed, "_everything", lambda *_: [])
    rows = speed.run(True, lambda _line: None)
    assert len(rows) == 2
    assert 0 < rows[0].value <= rows[1].value
