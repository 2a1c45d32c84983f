"""The contract for others' scripts: names, shapes and exit codes that must not change."""

import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from tests.cli.conftest import Run


def distance(a: str, b: str) -> int:
    return (int(a, 16) ^ int(b, 16)).bit_count()


def test_hash_json(prepared: Path, run: Run) -> None:
    path = prepared / "files" / "d-mirrored.jpg"
    done = run("hash", "--json", path, prepared / "files" / "f-flat.png", prepared / "files" / "g-broken.jpg")
    assert done.code == 3
    picture, flat, broken = done.rows()
    data = path.read_bytes()
    for name in ("md5", "sha1", "sha256"):
        assert picture[name] == hashlib.new(name, data).hexdigest()
    assert (picture["path"], picture["width"], picture["height"], picture["error"]) == (str(path), 400, 300, None)
    assert len(picture["dihedral"]) == 8
    assert picture["dihedral"][0] == picture["pdq"]
    assert picture["pdq_quality"] == 100
    assert (flat["pdq"], flat["pdq_quality"], flat["dihedral"]) == (None, 0, None)
    assert broken["pdq"] is None
    assert broken["error"]
    assert broken["sha256"] == hashlib.sha256((prepared / "files" / "g-broken.jpg").read_bytes()).hexdigest()


def test_hash_looks_into_archives(prepared: Path, run: Run, tmp_path: Path) -> None:
    shutil.make_archive(str(tmp_path / "outer"), "zip", prepared / "known")
    paths = [row["path"] for row in run("hash", "--json", tmp_path / "outer.zip").rows()]
    assert f"{tmp_path}/outer.zip!/sub/item4.png" in paths
    assert paths[-1] == f"{tmp_path}/outer.zip"


def test_match_by_hash_and_by_file(prepared: Path, run: Run) -> None:
    item = run("hash", "--json", prepared / "known" / "item3.png").rows()[0]
    done = run("match", "--bank", "known", "--json", item["pdq"], item["md5"], "0" * 64, prepared / "known/item3.png")
    assert done.code == 1
    by_pdq, by_md5, nothing, by_file = done.rows()
    assert by_pdq["query"] == item["pdq"]
    assert [(m["entry"], m["distance"], m["kind"]) for m in by_pdq["matches"]] == [("item3.png", 0, "near")]
    assert [(m["entry"], m["algorithm"]) for m in by_md5["matches"]] == [("item3.png", "md5")]
    assert nothing["matches"] == []
    assert by_file["matches"][0]["kind"] == "exact"
    assert run("match", "--bank", "known", "--json", "0" * 64).code == 0


def test_match_equals_brute_force(fresh: Run, tmp_path: Path) -> None:
    generator = np.random.default_rng(5)
    codes = [generator.bytes(32).hex() for _ in range(400)]
    near = [
        f"{int(code, 16) ^ sum(1 << int(bit) for bit in generator.choice(256, flips, replace=False)):064x}"
        for code, flips in zip(codes, range(28, 36), strict=False)
    ]
    (tmp_path / "list.txt").write_text("\n".join(codes + near))
    assert fresh("bank", "create", "list").code == 0
    assert fresh("bank", "import", "list", tmp_path / "list.txt", "--format", "pdq-text").code == 0
    for row in fresh("match", "--bank", "list", "--json", *codes[:8]).rows():
        expected = sorted(d for code in codes + near if (d := distance(code, row["query"])) <= 31)
        assert [m["distance"] for m in row["matches"]] == expected
        assert all(distance(m["known"], row["query"]) == m["distance"] for m in row["matches"])


def test_explain_prints_every_stage(prepared: Path, run: Run) -> None:
    done = run("explain", prepared / "files" / "d-mirrored.jpg", "--bank", "known")
    assert done.code == 0
    told = json.loads(done.out)
    assert told["confinement"]
    assert told["banks"][0]["name"] == "known"
    (file,) = told["files"]
    assert file["examination"]["facts"]["width"] == 400
    assert len(file["queries"]) == 8
    assert file["matches"][0]["entry"] == "item2.png"
    assert file["decision"]["outcome"] == "near"


def test_what_a_list_says_cannot_steer_the_terminal(fresh: Run, tmp_path: Path) -> None:
    name = "\x1b]0;owned\x07\x1b[2Jfake\r\nno match\u202e"
    entry = {"name": name, "hashes": [{"kind": "pdq", "value": "ab" * 32, "quality": 100}], "classification": "\x9b2J"}
    (tmp_path / "list.jsonl").write_text(json.dumps(entry) + "\n")
    assert fresh("bank", "create", "list", "--description", "[/x] \x1b[2J").code == 0
    assert fresh("bank", "import", "list", tmp_path / "list.jsonl").code == 0
    for command in (["bank", "list"], ["bank", "show", "list"], ["match", "--bank", "list", "ab" * 32]):
        shown = fresh(*command)
        assert shown.code in {0, 1}
        assert not set("\x1b\x07\r\x9b\u202e") & set(shown.out + shown.err), (command, shown)


def test_banks_and_results_are_for_their_owner_alone(prepared: Path, run: Run, tmp_path: Path) -> None:
    run("scan", prepared / "files", "--bank", "known", "--out", tmp_path / "out", "--quiet")
    for path in [*(prepared / "home").rglob("*"), *(tmp_path / "out").rglob("*")]:
        assert path.stat().st_mode & 0o077 == 0, path


@pytest.mark.parametrize(
    "command", [[], ["bank"], ["scan"], ["hash"], ["match"], ["explain"], ["family"], ["demo"], ["bench"]]
)
def test_help_is_there(run: Run, command: list[str]) -> None:
    done = run(*command, "--help")
    assert done.code == 0
    assert "Usage:" in done.out
