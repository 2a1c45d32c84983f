"""`safelight audit` as people run it: exported here, verified elsewhere with nothing but the file and the key."""

import io
import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from safelight.adapter.casework import open_casework
from safelight.app import App
from safelight.app.stores import SystemClock
from safelight.model.case import Decided, Draft, ItemAdded, Opened
from safelight.model.decision import Outcome
from safelight.settings import read_settings
from tests.case.histories import ANN, CONFIRMED, KEY
from tests.cli.conftest import Run, run_in


@dataclass(frozen=True)
class Desk:
    """A data folder with one decided case, and a key."""

    run: Run
    folder: Path
    case: str

    @property
    def key(self) -> Path:
        return self.folder / "key.pem"

    @property
    def public(self) -> Path:
        return self.folder / "key.pub.pem"

    def export(self, name: str, *more: object) -> Path:
        out = self.folder / name
        done = self.run("audit", "export", *more, "--out", out, "--reason", "request 5")
        assert done.code == 0, done.err
        return out


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    folder = tmp_path / "desk"
    folder.mkdir()
    app = App(read_settings({"SAFELIGHT_HOME": str(folder / "home")}))
    blob = app.evidence.put(io.BytesIO(b"drawn by code"), "image/png")
    case = app.ids.new()
    store = open_casework(folder / "home", SystemClock())
    item = ItemAdded("i1", blob.sha256, blob.size, blob.mime, "gate", Outcome.NEAR, "near", blob=blob.id)
    store.append([Draft(case, KEY, Opened("gate")), Draft(case, KEY, item), Draft(case, ANN, Decided(CONFIRMED))])
    desk = Desk(run_in(folder / "home"), folder, case)
    assert desk.run("keygen", "--no-passphrase", desk.key).code == 0
    return desk


def test_an_export_is_verified_elsewhere_with_the_public_key_alone(desk: Desk, tmp_path: Path) -> None:
    out = desk.export("whole.zip", desk.case, "--media", "--key", desk.key)
    elsewhere = run_in(tmp_path / "nothing")
    done = elsewhere("audit", "verify", out, "--key", desk.public)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("INTACT")
    assert "3 entries, 1 cases, 1 items, 1 media, 1 signed heads" in done.out
    assert "SIGNED by a key that you named" in done.out
    assert not (tmp_path / "nothing").exists(), "nothing is made by verifying"

    done = elsewhere("audit", "verify", out)
    assert done.code == 3
    assert "NOBODY YOU NAMED" in done.out

    data = bytearray(out.read_bytes())
    data[data.index(b"drawn by code")] ^= 1
    flipped = tmp_path / "flipped.zip"
    flipped.write_bytes(data)
    done = elsewhere("audit", "verify", flipped, "--key", desk.public, "--json")
    assert done.code == 1
    report = json.loads(done.out)
    assert not report["intact"]
    assert report["flaws"] == [{"where": "media/i1", "what": "has other bytes than the manifest lists"}]
    done = elsewhere("audit", "verify", flipped, "--key", desk.public)
    assert done.code == 1
    assert "ALTERED" in done.out
    assert "media/i1" in done.out


def test_the_whole_log_and_the_store(desk: Desk) -> None:
    assert desk.run("audit", "verify").code == 3, "what no head was signed of, nobody vouches for"
    out = desk.export("log.zip", "--all", "--key", desk.key)
    assert desk.run("audit", "verify", out, "--key", desk.public).code == 0
    done = desk.run("audit", "verify", "--key", desk.public)
    assert done.code == 0
    assert "1 cases, 1 items, 1 media" in done.out
    assert desk.run("audit", "verify", "--no-media", "--key", desk.public).code == 0


def test_without_a_key_nobody_vouches(desk: Desk) -> None:
    out = desk.export("unsigned.zip", desk.case)
    done = desk.run("audit", "verify", out, "--key", desk.public)
    assert done.code == 3
    assert "nobody signed this export" in done.out
    assert "items that are here without their media: 1" in done.out


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["export", "--out", "x.zip"], 2, "name one case, or --all"),
        (["export", "c", "--all", "--out", "x.zip"], 2, "name one case, or --all"),
        (["export", "--all", "--media", "--out", "x.zip"], 2, "media goes with one case"),
        (["export", "no-such-case", "--out", "x.zip"], 22, "no-such-case"),
        (["verify", "no-such-file"], 13, "No such file"),
        (["verify", "--tsa", "x.pem"], 2, "--tsa is for exports"),
    ],
)
def test_what_cannot_be_done_is_said(
    fresh: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], code: int, says: str
) -> None:
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    done = fresh("audit", *arguments)
    assert done.code == code
    assert says in done.err
    assert list(work.iterdir()) == []


def test_nothing_is_overwritten_and_keys_are_looked_at(desk: Desk, tmp_path: Path) -> None:
    there = tmp_path / "there.zip"
    there.write_text("mine")
    done = desk.run("audit", "export", desk.case, "--out", there)
    assert (done.code, there.read_text()) == (13, "mine")
    assert "is a private key" in desk.run("audit", "verify", there, "--key", desk.key).err
    assert desk.run("audit", "verify", there, "--key", desk.public).code == 1
    assert "no certificate" in desk.run("audit", "verify", there, "--tsa", desk.public).err
