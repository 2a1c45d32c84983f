"""Marks put into drawn pictures and looked for, as a small whole run."""

from pathlib import Path

import numpy as np
import pytest

from safelight.bench.common import Row
from safelight.bench.signals import marks


@pytest.fixture
def rows(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Row]:
    monkeypatch.setenv("SAFELIGHT_SHARED", str(tmp_path / "none"))
    monkeypatch.setattr(marks, "QUICK_DRAWN", 9)
    monkeypatch.setattr(marks, "QUICK_MARKED", 3)
    return marks.run(True, lambda _line: None)


def test_what_is_measured_and_judged(rows: list[Row]) -> None:
    judged = {row.what: (row.value, row.bar, row.holds, row.n) for row in rows if row.bar is not None}
    assert judged == {
        "recall of the mark of SDXL, untouched": (1.0, 0.7, True, 3),
        "recall of the mark of SD1, untouched": (1.0, 0.7, True, 3),
        "unmarked pictures in which a mark was found": (0.0, 0, True, 9),
    }
    told = {row.what: row.value for row in rows}
    assert len(told) == len(rows)
    assert told["recall of the mark of SDXL, saved as PNG"] == 1
    assert told["recall of the mark of SDXL, 8 pixels cropped off"] == 0
    for payload in ("SDXL", "SD1", "SD2", "FLUX"):
        largest = next(row.value for row in rows if f"the mark of {payload} (needed" in row.what)
        assert 0 < largest < 0.6


def test_changes_keep_what_they_say() -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (64, 80, 3), dtype=np.uint8)
    assert np.array_equal(marks.CHANGES["untouched"](pixels), pixels)
    assert np.array_equal(marks.CHANGES["saved as PNG"](pixels), pixels)
    assert np.array_equal(marks.CHANGES["8 pixels cropped off"](pixels), pixels[8:, 8:])
    for name in set(marks.CHANGES) - {"untouched", "saved as PNG", "8 pixels cropped off"}:
        changed = marks.CHANGES[name](pixels)
        assert changed.shape == pixels.shape
        assert not np.array_equal(changed, pixels)


@pytest.mark.shared
def test_photographs_are_taken_where_they_are_at_hand(shared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAFELIGHT_SHARED", str(shared))
    monkeypatch.setattr(marks, "QUICK_DRAWN", 2)
    monkeypatch.setattr(marks, "QUICK_MARKED", 2)
    monkeypatch.setattr(marks, "QUICK_UNMARKED", 5)
    said: list[str] = []
    found = {row.what: row for row in marks.run(True, said.append)}
    assert said == ["marking 2 photographs, 6 ways", "reading 7 unmarked pictures"]
    assert found["unmarked pictures in which a mark was found"].n == 7
