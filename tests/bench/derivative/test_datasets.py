"""Public sets in their own layouts, drawn tiny."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from safelight.bench.common import texture
from safelight.bench.derivative.datasets import DISC21_LAYOUTS, copydays, disc21, measure
from safelight.bench.derivative.tracer import PdqTracer
from safelight.model.errors import InputError


def save(path: Path, seed: int, quality: int = 90) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(texture(160, 120, seed)).save(path, quality=quality)


def lay_out_disc(root: Path, layout: tuple[str, str, str], head: bool) -> None:
    references, queries, truth = layout
    for number in range(4):
        save(root / references / f"R00000{number}.jpg", number)
    for number, seed in enumerate((2, 0, 77)):
        save(root / queries / f"Q0000{number}.jpg", seed, 50)
    lines = ["Q00000,R000002", "Q00001,R000000", "Q00002,"]
    (root / truth).write_text("\n".join((["query_id,reference_id"] if head else []) + lines) + "\n")


@pytest.mark.parametrize("layout", DISC21_LAYOUTS)
@pytest.mark.parametrize("head", [True, False])
def test_disc21(tmp_path: Path, layout: tuple[str, str, str], head: bool) -> None:
    lay_out_disc(tmp_path, layout, head)
    read = disc21(tmp_path)
    assert [one.key for one in read.references] == ["R000000", "R000001", "R000002", "R000003"]
    assert {asked.picture.key: set(asked.right) for asked in read.queries} == {
        "Q00000": {"R000002"},
        "Q00001": {"R000000"},
        "Q00002": set(),
    }
    rows = measure(read, "PDQ", PdqTracer(dihedral=False), print)
    assert [(row.what, row.value, row.n) for row in rows] == [
        ("DISC21: uAP, PDQ", 1, 3),
        ("DISC21: recall at 90 % precision, PDQ", 1, 3),
        ("DISC21: recall at our thresholds, PDQ", 1, 2),
        ("DISC21: queries said to come from a wrong reference, PDQ", 0, 3),
    ]


def test_pairs_that_name_nothing_are_refused(tmp_path: Path) -> None:
    lay_out_disc(tmp_path, DISC21_LAYOUTS[0], head=False)
    truth = tmp_path / DISC21_LAYOUTS[0][2]
    for line in ("Q00000,R999999", "Q99999,R000001", "Q00000", "Q00000,R000001,1"):
        truth.write_text(f"Q00001,R000000\n{line}\n")
        with pytest.raises(InputError, match="line 2 does not pair"):
            disc21(tmp_path)


def test_copydays(tmp_path: Path) -> None:
    for number in range(3):
        save(tmp_path / "original" / f"200{number}00.jpg", number)
        save(tmp_path / "jpegqual" / "5" / f"200{number}00.jpg", number, 15)
        save(tmp_path / "crops" / "10" / f"200{number}00.jpg", number)
    save(tmp_path / "strong" / "200101.jpg", 1, 40)
    save(tmp_path / "strong" / "200102.jpg", 60)
    read = copydays(tmp_path)
    assert [(asked.block, asked.picture.key, set(asked.right)) for asked in read.queries][:4] == [
        ("strong", "200101", {"200100"}),
        ("strong", "200102", {"200100"}),
        ("jpegqual/5", "200000", {"200000"}),
        ("jpegqual/5", "200100", {"200100"}),
    ]
    recalled = {row.what: row.value for row in measure(read, "PDQ", PdqTracer(dihedral=False), print)}
    assert recalled["Copydays strong: recall at our thresholds, PDQ"] == 0.5
    assert recalled["Copydays jpegqual/5: recall at our thresholds, PDQ"] == 1
    assert len(recalled) == 6


@pytest.mark.parametrize("read", [disc21, copydays])
def test_other_layouts_are_refused(tmp_path: Path, read: Callable[[Path], object]) -> None:
    (tmp_path / "original").mkdir()
    with pytest.raises(InputError, match="not laid out as"):
        read(tmp_path)
