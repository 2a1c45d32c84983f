"""`safelight evidence`, on a vault in a folder."""

import io
import json
import os
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from safelight.app import App
from safelight.cli.evidence import evidence
from safelight.model.errors import EvidenceDamagedError, VaultKeyError
from safelight.settings import read_settings
from tests.cli.conftest import run_in


def app_in(home: Path, **settings: str) -> App:
    return App(read_settings({"SAFELIGHT_HOME": str(home), **settings}))


@pytest.fixture
def app(tmp_path: Path) -> App:
    return app_in(tmp_path)


def filled(app: App, count: int = 3) -> list[str]:
    return [app.evidence.put(io.BytesIO(b"media %d" % number), "image/png").id for number in range(count)]


def run(app: App, *arguments: str) -> Result:
    return CliRunner().invoke(evidence, arguments, obj=app)


def test_status(app: App) -> None:
    ids = filled(app)
    app.evidence.destroy(ids[0])
    key = app.evidence.blob(ids[1]).key
    assert run(app, "status").output.splitlines() == [
        "media: 2 (0.0 MB), destroyed: 1",
        f"wrapped with key {key}: 2",
    ]
    told = json.loads(run(app, "status", "--json").output)
    assert told == {"blobs": 2, "bytes": 14, "destroyed": 1, "keys": {key: 2}}


def test_verify_names_what_is_damaged_and_goes_on(app: App, tmp_path: Path) -> None:
    ids = filled(app)
    assert run(app, "verify").output.endswith("whole: 3\n")
    (file,) = (tmp_path / "blobs").glob(f"*/{ids[1]}")
    file.write_bytes(file.read_bytes()[:-1])
    done = run(app, "verify", "--quiet")
    assert done.output == (f"damaged: media {ids[1]}: frame 0 is not what was written there, or frames are missing\n")
    assert isinstance(done.exception, EvidenceDamagedError)
    assert str(done.exception) == "evidence: 1 of 3 blobs are damaged, each named above"
    assert run(app, "verify", "--after", ids[1], "-q").output == "whole: 1\n"


def test_what_a_script_sees(app: App, tmp_path: Path) -> None:
    (blob,) = filled(app, 1)
    safelight = run_in(tmp_path)
    assert safelight("evidence", "verify").code == 0
    (file,) = (tmp_path / "blobs").glob("*/*")
    file.write_bytes(b"")
    damaged = safelight("evidence", "verify")
    assert (damaged.code, damaged.out) == (27, f"damaged: media {blob}: its header is damaged, or another blob's\n")
    assert damaged.err == "safelight: evidence: 1 of 1 blobs are damaged, each named above\n"
    (tmp_path / "evidence.key").write_bytes(bytes(32))
    locked = safelight("evidence", "verify")
    assert (locked.code, locked.out) == (20, "")
    assert "SAFELIGHT_EVIDENCE_OLD_KEYS" in locked.err


def test_verify_that_is_interrupted_says_how_to_go_on(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = filled(app)
    check = app.evidence.check

    def interrupted(blob: str) -> None:
        if blob == ids[1]:
            raise KeyboardInterrupt
        check(blob)

    monkeypatch.setattr(app.evidence, "check", interrupted)
    done = run(app, "verify", "-q")
    assert f"go on with: safelight evidence verify --after {ids[0]}\n" in done.output
    assert done.exit_code == 1  # what click makes of it; `safelight` itself ends with 130


def test_rewrap_after_the_key_changed(tmp_path: Path) -> None:
    first = app_in(tmp_path)
    filled(first)
    (tmp_path / "new.key").write_text(os.urandom(32).hex())
    settings = {"SAFELIGHT_EVIDENCE_KEY": str(tmp_path / "new.key")}
    locked = run(app_in(tmp_path, **settings), "rewrap", "-q")
    assert isinstance(locked.exception, VaultKeyError)
    settings["SAFELIGHT_EVIDENCE_OLD_KEYS"] = str(tmp_path / "evidence.key")
    app = app_in(tmp_path, **settings)
    assert run(app, "rewrap").output.endswith("wrapped anew: 3\n")
    assert run(app, "rewrap", "-q").output == "wrapped anew: 0\n"
    (tmp_path / "evidence.key").unlink()
    assert run(app, "verify", "-q").output == "whole: 3\n"


def test_sweep_takes_only_what_is_old(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(app, 1)
    app.blobs.put("01900000-0000-7000-8000-000000000000", [b"left by a crash"])
    assert len(list(app.blobs.names())) == 2
    assert run(app, "sweep", "--hours", "0").exit_code == 2
    now = app.clock.now()
    monkeypatch.setattr(app.clock, "now", lambda: now + timedelta(hours=25))
    fresh = app.evidence.put(io.BytesIO(b"new"), "image/png")
    assert run(app, "sweep").output == "removed: 1\n"
    assert app.evidence.blob(fresh.id).wrapped
    assert len(list(app.blobs.names())) == 2
