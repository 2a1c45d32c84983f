import json
import os
import random
import resource
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

import msgspec
import pyarrow.parquet
import pytest

from safelight.adapter.outputs import FileOutputs, parquet
from safelight.model.codec import from_json
from safelight.model.decision import Outcome
from safelight.model.errors import StorageError
from safelight.model.region import AlteredRegion, RegionBasis
from safelight.model.scan import RESULT_SCHEMA, ScanRow, ScanSummary
from safelight.report.order import best_match
from tests.report.samples import derivative, exact, mosaic, near, row, scene, summary

NAMES = ["report.html", "results.jsonl", "results.parquet", "summary.json"]
ROWS = [row(number, thumbnail=mosaic(number) if number % 10 == 0 else None) for number in range(200)]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_all_four_files_hold_the_same_scan(tmp_path: Path) -> None:
    out = tmp_path / "made" / "here"
    written = FileOutputs(out).write(lambda: iter(ROWS), summary(ROWS))
    assert sorted(written) == names(out) == NAMES
    assert all(Path(path) == out / name for name, path in written.items())
    lines = (out / "results.jsonl").read_bytes().splitlines()
    assert [from_json(line, ScanRow) for line in lines] == ROWS
    assert from_json((out / "summary.json").read_bytes(), ScanSummary) == summary(ROWS)
    assert (out / "report.html").read_text(encoding="utf-8").count('<tbody class="file"') == len(ROWS)


def test_summary_is_for_people_too(tmp_path: Path) -> None:
    FileOutputs(tmp_path).write(lambda: iter(ROWS), summary(ROWS, distances={10: 2, 2: 1, 30: 4}))
    text = (tmp_path / "summary.json").read_text(encoding="utf-8")
    assert text.startswith(f'{{\n  "schema": {RESULT_SCHEMA},\n')
    assert text.endswith("}\n")
    assert list(json.loads(text)["distances"]) == ["2", "10", "30"]


def test_parquet_gives_back_every_row(tmp_path: Path) -> None:
    FileOutputs(tmp_path).write(lambda: iter(ROWS), summary(ROWS))
    table = pyarrow.parquet.read_table(tmp_path / "results.parquet")
    assert table.schema.equals(parquet.SCHEMA)
    assert [restored(values) for values in table.to_pylist(maps_as_pydicts="strict")] == ROWS


def restored(values: dict[str, Any]) -> ScanRow:
    values["decision"] = {name: values.pop(name) for name in ("outcome", "actions", "reason", "rules", "degraded")}
    values["assessment"] = {name: values.pop(name) for name in ("artificialness", "strength", "conflicts")}
    values["assessment"]["reasons"] = values.pop("assessment_reasons")
    signal_names = values.pop("signal_names")
    names = ("bank", "entry", "kind", "distance", "inliers", "p_false_match")
    best = {name: values.pop(f"best_{name}") for name in names}
    got = from_json(json.dumps(values), ScanRow)
    assert signal_names == sorted({signal.name for signal in got.signals})
    expected = best_match(got)
    assert best == {name: getattr(expected, name, None) for name in best}
    return got


def test_parquet_keeps_figures_and_region_of_every_kind(tmp_path: Path) -> None:
    region = AlteredRegion(0.2, (1, 2, 30, 40), RegionBasis.TILES, 0.1, 0.0, 0.8, "masks/0.png", face=False)
    rng = random.Random(3)
    kinds = (exact(rng, "00"), near(rng, 8, "", altered_region=region), derivative(rng, (400, 300)), scene(rng))
    rows = [row(number, Outcome.CLEAR, matches=(match,)) for number, match in enumerate(kinds)]
    FileOutputs(tmp_path).write(lambda: iter(rows), summary(rows))
    table = pyarrow.parquet.read_table(tmp_path / "results.parquet").to_pylist(maps_as_pydicts="strict")
    assert [values["best_distance"] for values in table] == [0, 8, None, None]
    assert [values["best_inliers"] for values in table] == [None, None, kinds[2].inliers, kinds[3].inliers]
    assert table[1]["matches"][0]["altered_region"] == msgspec.to_builtins(region) | {"bbox": [1, 2, 30, 40]}
    assert [len(values["matches"][0]["affine"] or ()) for values in table] == [0, 0, 6, 6]
    assert [restored(values) for values in table] == rows


def test_parquet_is_written_in_groups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "BATCH_ROWS", 16)
    monkeypatch.setattr(parquet, "GROUP_ROWS", 64)
    FileOutputs(tmp_path).write(lambda: iter(ROWS), summary(ROWS))
    file = pyarrow.parquet.ParquetFile(tmp_path / "results.parquet")
    groups = [file.metadata.row_group(number).num_rows for number in range(file.metadata.num_row_groups)]
    assert groups == [64, 64, 64, 8]
    assert Counter(file.read().column("outcome").to_pylist()) == Counter(r.decision.outcome.value for r in ROWS)


def test_a_scan_of_nothing_has_its_files_too(tmp_path: Path) -> None:
    FileOutputs(tmp_path).write(lambda: iter(()), summary(()))
    assert (tmp_path / "results.jsonl").read_bytes() == b""
    assert pyarrow.parquet.read_table(tmp_path / "results.parquet").num_rows == 0
    assert "There was no file to check." in (tmp_path / "report.html").read_text(encoding="utf-8")


class Break(Protocol):
    def __call__(self, monkeypatch: pytest.MonkeyPatch, out: Path) -> Callable[[], Iterator[ScanRow]]: ...


def broken_listing(monkeypatch: pytest.MonkeyPatch, out: Path) -> Callable[[], Iterator[ScanRow]]:
    calls = iter(range(3))

    def rows() -> Iterator[ScanRow]:
        if next(calls) == 2:
            raise OSError(5, "Input/output error")
        return iter(ROWS)

    return rows


def broken_sync(monkeypatch: pytest.MonkeyPatch, out: Path) -> Callable[[], Iterator[ScanRow]]:
    def fsync(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fsync)
    return lambda: iter(ROWS)


def folder_in_the_way(monkeypatch: pytest.MonkeyPatch, out: Path) -> Callable[[], Iterator[ScanRow]]:
    (out / ".results.parquet.part").mkdir()
    return lambda: iter(ROWS)


@pytest.mark.parametrize(
    ("breakage", "message"),
    [
        (broken_listing, "report.html: Input/output error"),
        (broken_sync, "results.jsonl: No space left on device"),
        (folder_in_the_way, ".results.parquet.part: Is a directory"),
    ],
)
def test_a_failure_leaves_the_old_files_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, breakage: Break, message: str
) -> None:
    FileOutputs(tmp_path).write(lambda: iter(ROWS[:3]), summary(ROWS[:3]))
    before = contents(tmp_path)
    rows = breakage(monkeypatch, tmp_path)
    with pytest.raises(StorageError) as raised:
        FileOutputs(tmp_path).write(rows, summary(ROWS))
    assert str(raised.value) == f"{tmp_path}/{message}"
    monkeypatch.undo()
    for leftover in tmp_path.glob(".*.part"):
        leftover.rmdir()  # the folder that was in the way, and nothing else
    assert contents(tmp_path) == before


def test_a_full_disk_is_one_line_and_costs_nothing(tmp_path: Path) -> None:
    """A real failing write, in the middle of a file: the limit on file sizes stands for the full disk."""
    FileOutputs(tmp_path).write(lambda: iter(ROWS[:3]), summary(ROWS[:3]))
    before = contents(tmp_path)
    old = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, old[1]))
    try:
        with pytest.raises(StorageError) as raised:
            FileOutputs(tmp_path).write(lambda: iter(ROWS), summary(ROWS))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, old)
    assert str(raised.value) == f"{tmp_path}/results.jsonl: File too large"
    assert contents(tmp_path) == before


KILLED = """
import os, sys
from pathlib import Path
from safelight.adapter.outputs import FileOutputs
from tests.report.samples import row, summary

def rows():
    yield from (row(number) for number in range(200))
    os.kill(os.getpid(), 9)

FileOutputs(Path(sys.argv[1])).write(rows, summary([row(0)]))
"""


def test_a_killed_run_leaves_no_half_file(tmp_path: Path) -> None:
    FileOutputs(tmp_path).write(lambda: iter(ROWS[:3]), summary(ROWS[:3]))
    before = contents(tmp_path)
    root = Path(__file__).parents[3]
    assert subprocess.run([sys.executable, "-c", KILLED, tmp_path], cwd=root, check=False).returncode == -9
    assert {name: data for name, data in contents(tmp_path).items() if name in NAMES} == before
    FileOutputs(tmp_path).write(lambda: iter(ROWS), summary(ROWS))
    assert names(tmp_path) == NAMES
    assert len((tmp_path / "results.jsonl").read_bytes().splitlines()) == len(ROWS)


def test_a_link_in_the_way_is_replaced_not_followed(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("mine", encoding="utf-8")
    out = tmp_path / "out"
    out.mkdir()
    (out / ".summary.json.part").symlink_to(victim)
    (out / "summary.json").symlink_to(victim)
    FileOutputs(out).write(lambda: iter(ROWS[:3]), summary(ROWS[:3]))
    assert victim.read_text(encoding="utf-8") == "mine"
    assert not (out / "summary.json").is_symlink()


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match="file/out: Not a directory"):
        FileOutputs(tmp_path / "file" / "out").write(lambda: iter(()), summary(()))


def test_hostile_names_reach_every_file(tmp_path: Path) -> None:
    name = "a\u202egpj.exe\n\x00\u2028<script>" + "x" * 5000
    FileOutputs(tmp_path).write(lambda: iter([row(1, Outcome.CLEAR, path=name)]), summary([row(1)]))
    lines = (tmp_path / "results.jsonl").read_bytes().splitlines()
    assert [from_json(line, ScanRow).path for line in lines] == [name]
    assert pyarrow.parquet.read_table(tmp_path / "results.parquet").column("path").to_pylist() == [name]
