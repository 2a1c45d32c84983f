import json
import shutil
from pathlib import Path

import pyarrow.parquet
import pytest

from safelight.model.codec import from_json
from safelight.model.scan import ScanRow, ScanSummary
from tests.cli.conftest import Run


def rows_of(out: Path) -> dict[str, ScanRow]:
    lines = (out / "results.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [from_json(line, ScanRow) for line in lines]
    return {Path(row.path).name: row for row in rows}


def test_every_file_gets_its_decision(prepared: Path, run: Run, tmp_path: Path) -> None:
    done = run("scan", prepared / "files", "--bank", "known", "--out", tmp_path / "out")
    assert done.code == 1
    rows = rows_of(tmp_path / "out")
    assert {name: row.decision.outcome.value for name, row in rows.items()} == {
        "a-copy.png": "known",
        "b-copy-again.png": "known",
        "c-recompressed.jpg": "near",
        "d-mirrored.jpg": "near",
        "e-unrelated.jpg": "no_match",
        "f-flat.png": "no_match",
        "g-broken.jpg": "not_checked",
        "h-notes.txt": "partly_checked",
    }
    assert rows["a-copy.png"].matches[0].entry == "item0.png"
    assert rows["b-copy-again.png"].duplicate_of == rows["a-copy.png"].path
    mirrored = rows["d-mirrored.jpg"].matches[0]
    assert (mirrored.entry, mirrored.dihedral) == ("item2.png", "flip_y")
    assert mirrored.p_false_match is not None
    assert 0 < mirrored.p_false_match < 1e-6
    assert rows["f-flat.png"].pdq is None
    assert rows["f-flat.png"].signals[0].name == "unhashable"
    assert "image/jpeg" in (rows["g-broken.jpg"].error or "")


def test_all_four_outputs_agree(prepared: Path, run: Run, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = run("scan", prepared / "files", "--bank", "known", "--out", out)
    assert sorted(path.name for path in out.iterdir()) == [
        "report.html",
        "results.jsonl",
        "results.parquet",
        "summary.json",
    ]
    summary = from_json((out / "summary.json").read_bytes(), ScanSummary)
    assert (summary.files, summary.rows, summary.found, summary.duplicates) == (8, 8, 4, 1)
    assert summary.confinement
    table = pyarrow.parquet.read_table(out / "results.parquet")
    assert table.column("path").to_pylist() == [
        json.loads(line)["path"] for line in (out / "results.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    report = (out / "report.html").read_text(encoding="utf-8")
    assert "d-mirrored.jpg" in report
    assert "report.html" in done.out


def test_same_folder_scanned_twice_gives_the_same_lines(prepared: Path, run: Run, tmp_path: Path) -> None:
    for out in ("one", "two"):
        run("scan", prepared / "files", "--bank", "known", "--out", tmp_path / out, "--processes", "2", "--quiet")
    assert (tmp_path / "one" / "results.jsonl").read_bytes() == (tmp_path / "two" / "results.jsonl").read_bytes()


@pytest.mark.parametrize(("names", "code"), [(["e-unrelated.jpg"], 0), (["e-unrelated.jpg", "g-broken.jpg"], 3)])
def test_exit_codes_without_a_find(prepared: Path, run: Run, tmp_path: Path, names: list[str], code: int) -> None:
    folder = tmp_path / "some"
    folder.mkdir()
    for name in names:
        shutil.copy(prepared / "files" / name, folder)
    assert run("scan", folder, "--bank", "known", "--out", tmp_path / "out", "--quiet").code == code


def test_out_inside_the_scanned_folder_is_left_out(prepared: Path, run: Run, tmp_path: Path) -> None:
    shutil.copy(prepared / "files" / "e-unrelated.jpg", tmp_path)
    for _ in range(2):
        assert run("scan", tmp_path, "--bank", "known", "--out", tmp_path / "out", "--quiet").code == 0
        assert list(rows_of(tmp_path / "out")) == ["e-unrelated.jpg"]


def test_thumbnails_only_when_asked_for(prepared: Path, run: Run, tmp_path: Path) -> None:
    folder = prepared / "files"
    run("scan", folder, "--bank", "known", "--out", tmp_path / "without", "--quiet")
    run("scan", folder, "--bank", "known", "--out", tmp_path / "with", "--quiet", "--thumbnails", "blurred")
    assert not any(row.thumbnail for row in rows_of(tmp_path / "without").values())
    assert rows_of(tmp_path / "with")["e-unrelated.jpg"].thumbnail


def test_nothing_hides_in_the_output_folder(prepared: Path, run: Run, tmp_path: Path) -> None:
    out = tmp_path / "tree" / "results"
    out.mkdir(parents=True)
    shutil.copy(prepared / "files" / "a-copy.png", out / "k.png")
    assert run("scan", tmp_path / "tree", "--bank", "known", "--out", out, "--quiet").code == 1
    assert list(rows_of(out)) == ["k.png"]


def test_a_file_in_the_way_of_an_output_is_not_overwritten(prepared: Path, run: Run, tmp_path: Path) -> None:
    shutil.copy(prepared / "files" / "a-copy.png", tmp_path / "results.jsonl")
    before = (tmp_path / "results.jsonl").read_bytes()
    done = run("scan", tmp_path, "--bank", "known", "--out", tmp_path, "--quiet")
    assert done.code == 13
    assert "holds results.jsonl, which no scan left there" in done.err
    assert (tmp_path / "results.jsonl").read_bytes() == before


def test_an_output_folder_that_is_a_link_is_refused(prepared: Path, run: Run, tmp_path: Path) -> None:
    (tmp_path / "pictures").mkdir()
    (tmp_path / "out").symlink_to("pictures")
    done = run("scan", prepared / "files", "--bank", "known", "--out", tmp_path / "out", "--quiet")
    assert done.code == 13
    assert list((tmp_path / "pictures").iterdir()) == []
