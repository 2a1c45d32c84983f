"""Local features of a bank from the command line: kept encrypted, told, taken away, never exported."""

import json
from pathlib import Path

import pytest

from safelight.demo.draw import draw
from tests.cli.conftest import Run


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number in range(3):
        draw(number, 400, 300).save(folder / f"{number}.png")
    return folder


def shown(run: Run, name: str = "known") -> dict[str, object]:
    done = run("bank", "show", name, "--limit", 0, "--json")
    assert done.code == 0, done
    facts: dict[str, object] = json.loads(done.out)
    return facts


def test_from_making_a_bank_to_taking_its_features_away(fresh: Run, pictures: Path, tmp_path: Path) -> None:
    features, key = tmp_path / "home" / "features", tmp_path / "home" / "key"
    assert fresh("bank", "create", "known").code == 0
    assert shown(fresh)["local"] is True
    added = fresh("bank", "add", "known", pictures)
    assert added.out == ("added 3 entries to known; 0 were there already; took in the local features of 3\n")
    assert (shown(fresh)["local_entries"], key.stat().st_size) == (3, 32)
    assert "; local features of 3 entries\n" in fresh("bank", "show", "known", "--limit", 0).out
    assert fresh("bank", "remove", "known", "1.png").code == 0
    assert shown(fresh)["local_entries"] == 2

    plain = {"SAFELIGHT_VOLUME": "encrypted"}
    refused = fresh("bank", "add", "known", pictures, env=plain)
    assert (refused.code, "`safelight bank reindex`" in refused.err) == (20, True)
    assert fresh("bank", "reindex", "known", env=plain).code == 0
    key.unlink()
    assert fresh("bank", "add", "known", pictures, env=plain).code == 0
    assert b"SLFLISTS" in next(features.rglob("*.lists")).read_bytes()
    assert fresh("bank", "reindex", "known").code == 0  # a key is made, for nothing is encrypted by the old one
    assert (shown(fresh)["local_entries"], key.stat().st_size) == (3, 32)

    assert fresh("bank", "set", "known", "--no-local").code == 0
    assert "local features of 3 entries (switched off)" in fresh("bank", "show", "known", "--limit", 0).out
    assert fresh("bank", "reindex", "known", "--drop-local").code == 0
    assert shown(fresh)["local_entries"] == 0
    assert list(features.iterdir()) == []
    assert fresh("bank", "set", "known", "--local").code == 0
    assert "took in the local features of 3" in fresh("bank", "add", "known", pictures).out
    assert fresh("bank", "delete", "known", "--yes").code == 0
    assert list(features.iterdir()) == []


def test_a_missing_key_is_told_and_can_be_kept_elsewhere(fresh: Run, pictures: Path, tmp_path: Path) -> None:
    elsewhere = {"SAFELIGHT_KEY_FILE": str(tmp_path / "stick" / "key")}
    assert fresh("bank", "create", "known").code == 0
    missing = fresh("bank", "add", "known", pictures, env=elsewhere)
    assert (missing.code, missing.err.count("\n")) == (20, 1)
    assert "stick/key: the key of local features cannot be read: No such file or directory" in missing.err
    assert shown(fresh)["entries"] == 0
    (tmp_path / "stick").mkdir()
    (tmp_path / "stick" / "key").write_text("5a" * 32)
    assert fresh("bank", "add", "known", pictures, env=elsewhere).code == 0
    assert not (tmp_path / "home" / "key").exists()
    done = fresh("bank", "show", "known", "--limit", 0)
    assert (done.code, "local features unreadable" in done.out) == (0, True)
    assert "home/key: the key of local features cannot be read" in done.err


def test_switches_and_settings_that_cannot_be(fresh: Run) -> None:
    assert fresh("bank", "create", "lists", "--no-local").code == 0
    assert shown(fresh, "lists")["local"] is False
    wrong = fresh("bank", "list", env={"SAFELIGHT_VOLUME": "yes"})
    assert (wrong.code, "SAFELIGHT_VOLUME is 'yes'; it takes `encrypted`, or nothing" in wrong.err) == (2, True)


def test_an_export_of_a_bank_with_local_features_is_that_of_one_without(
    fresh: Run, pictures: Path, tmp_path: Path
) -> None:
    for name, switch in (("with", "--local"), ("without", "--no-local")):
        assert fresh("bank", "create", name, switch).code == 0
        assert fresh("bank", "add", name, pictures, "--processes", 1).code == 0
    for form in ("jsonl", "csv", "vics", "pdq-text"):
        exported = []
        for name in ("with", "without"):
            path = tmp_path / f"{name}.{form}"
            assert fresh("bank", "export", name, path, "--format", form).code == 0
            exported.append(path.read_bytes())
        assert exported[0] == exported[1] != b""
