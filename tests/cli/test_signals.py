"""`scan`, `explain`, `examine`: how files were made, as users meet it."""

import json
import shutil
import zipfile
from pathlib import Path

import pytest

from safelight.demo.declared import declared
from safelight.demo.folder import picture
from safelight.model.codec import from_json
from safelight.model.scan import ScanSummary
from tests.cli.conftest import Run
from tests.cli.test_scan import rows_of

SECRET = "watercolour"  # a word of the prompts in the demo's files


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("declared")
    for made in declared(picture):
        (folder / Path(made.path).name).write_bytes(made.data)
    return folder


def test_a_scan_tells_how_files_say_they_were_made(prepared: Path, run: Run, files: Path, tmp_path: Path) -> None:
    done = run("scan", files, "--bank", "known", "--out", tmp_path / "out")
    assert done.code == 0  # signals find nothing
    rows = rows_of(tmp_path / "out")
    expected = {Path(made.path).name: made.made for made in declared(picture)}
    assert {name: row.assessment.artificialness for name, row in rows.items()} == expected
    assert {row.decision.outcome.value for row in rows.values()} == {"no_match"}
    assert rows["graph.png"].signals[0].generator == "ComfyUI"
    summary = from_json((tmp_path / "out" / "summary.json").read_bytes(), ScanSummary)
    assert sum(summary.by_artificialness.values()) == len(rows)
    assert "fully_synthetic" in done.out


def test_prompts_are_in_their_own_folder_only(prepared: Path, run: Run, files: Path, tmp_path: Path) -> None:
    done = run("scan", files, "--bank", "known", "--out", tmp_path / "out")
    assert SECRET not in done.out + done.err
    holding = {
        path.relative_to(tmp_path / "out").parts[0]
        for path in (tmp_path / "out").rglob("*")
        if path.is_file() and SECRET.encode() in path.read_bytes()
    }
    assert holding == {"prompts"}
    assert len(list((tmp_path / "out" / "prompts").iterdir())) == 3


def test_without_signals_nothing_is_told(prepared: Path, run: Run, files: Path, tmp_path: Path) -> None:
    done = run("scan", files, "--bank", "known", "--out", tmp_path / "out", "--no-signals")
    assert done.code == 0
    assert all(
        not row.signals and row.assessment.artificialness == "unknown" for row in rows_of(tmp_path / "out").values()
    )
    assert not (tmp_path / "out" / "prompts").exists()


def test_a_hint_takes_signals(prepared: Path, run: Run, files: Path, tmp_path: Path) -> None:
    done = run("scan", files, "--bank", "known", "--out", tmp_path / "out", "--no-signals", "--hint")
    assert done.code == 2
    assert "--no-signals" in done.err


def test_explain_tells_signals_and_keeps_prompts_back(prepared: Path, run: Run, files: Path) -> None:
    done = run("explain", files / "settings.png")
    (stage,) = json.loads(done.out)["files"]
    assert stage["assessment"]["artificialness"] == "fully_synthetic"
    assert stage["prompts_found"] == 1
    assert SECRET not in done.out
    told = json.loads(run("explain", files / "settings.png", "--prompts").out)["files"][0]
    assert SECRET in told["examination"]["prompts"][0]["text"]


def test_examine_draws_maps(prepared: Path, run: Run, files: Path, tmp_path: Path) -> None:
    done = run("examine", files / "editor.jpg", "--out", tmp_path / "maps")
    assert done.code == 0
    written = {path.name for path in (tmp_path / "maps").iterdir()}
    assert {"examiner.html", "noise.png", "grid.png"} <= written
    assert (tmp_path / "maps" / "examiner.html").stat().st_mode & 0o077 == 0


def test_examine_says_why_it_cannot(prepared: Path, run: Run, tmp_path: Path) -> None:
    notes = prepared / "files" / "h-notes.txt"
    done = run("examine", notes, "--out", tmp_path / "maps")
    assert (done.code, done.out) == (run("examine", tmp_path / "none", "--out", tmp_path / "maps").code, "")
    assert str(notes) in done.err
    assert not (tmp_path / "maps").exists()


def test_examine_follows_no_link(prepared: Path, run: Run, files: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "maps").symlink_to(tmp_path / "elsewhere")
    done = run("examine", files / "editor.jpg", "--out", tmp_path / "maps")
    assert "is a link" in done.err
    assert not list((tmp_path / "elsewhere").iterdir())


def test_examine_replaces_its_own_pages_only(prepared: Path, run: Run, files: Path, tmp_path: Path) -> None:
    for picture_file in ("editor.jpg", "graph.png"):
        assert run("examine", files / picture_file, "--out", tmp_path / "maps").code == 0
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "noise.png").write_text("mine")
    done = run("examine", files / "editor.jpg", "--out", tmp_path / "mine")
    assert "holds 'noise.png'" in done.err
    assert (tmp_path / "mine" / "noise.png").read_text() == "mine"


def test_examine_takes_no_archive(prepared: Path, run: Run, files: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.write(files / "editor.jpg", "editor.jpg")
    done = run("examine", tmp_path / "a.zip", "--out", tmp_path / "maps")
    assert "is an archive" in done.err
    assert not (tmp_path / "maps").exists()


def test_a_new_scan_forgets_the_prompts_of_the_last(prepared: Path, run: Run, files: Path, tmp_path: Path) -> None:
    folder, out = tmp_path / "files", tmp_path / "files" / "out"
    folder.mkdir()
    shutil.copy(files / "graph.png", folder)
    run("scan", folder, "--bank", "known", "--out", out)
    assert len(list((out / "prompts").iterdir())) == 1
    (folder / "graph.png").unlink()
    shutil.copy(files / "editor.jpg", folder)
    run("scan", folder, "--bank", "known", "--out", out)
    assert not list((out / "prompts").iterdir())
    assert set(rows_of(out)) == {"editor.jpg"}
