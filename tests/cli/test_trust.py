"""`safelight trust`: what is told of the list in force, and its changes."""

import json
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner, Result

from safelight.adapter.trust import TrustFolder, load_trust
from safelight.adapter.trust.folder import SHIPPED
from safelight.cli.trust import trust
from safelight.model.errors import InputError, UsageError
from tests.cli.conftest import Run
from tests.detect.provenance.signing import authority


class Clock:
    def __init__(self, day: str) -> None:
        self.day = day

    def now(self) -> datetime:
        return datetime.fromisoformat(self.day).replace(tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "home/trust"


@pytest.fixture
def pem(tmp_path: Path) -> Path:
    path = tmp_path / "ours.pem"
    path.write_text(authority("Our Root").pem)
    return path


def call(folder: Path, *arguments: object, today: str = "2026-11-22") -> Result:
    app = SimpleNamespace(trust_folder=TrustFolder(folder), clock=Clock(today))
    return CliRunner().invoke(trust, [*map(str, arguments)], obj=app)


def test_show(folder: Path) -> None:
    shown = call(folder, "show")
    assert shown.exit_code == 0
    assert shown.output.splitlines() == [
        "C2PA trust list of 2026-08-21, shipped with this version",
        "anchors of signers: 30, of time stamps: 22",
    ]


def test_an_old_list_is_warned_of(folder: Path) -> None:
    assert "warning" not in call(folder, "show", today="2027-02-17").output
    shown = call(folder, "show", today="2027-02-18")
    assert shown.stderr == "warning: the list is 181 days old; see `safelight trust update --help`\n"


def test_own_certificates(folder: Path, pem: Path) -> None:
    added = call(folder, "add", pem)
    assert added.output.startswith("trusted as ours: O=Makers of Drawings,CN=Our Root, SHA-256 ")
    assert "own ours: O=Makers of Drawings,CN=Our Root, expires 20" in call(folder, "show").output
    assert "own ours: O=Makers of Drawings,CN=Our Root, expired 20" in call(folder, "show", today="2036-01-01").output
    assert call(folder, "remove", "ours").output == "no longer trusted: ours\n"
    assert isinstance(call(folder, "remove", "ours").exception, InputError)
    assert "own" not in call(folder, "show").output


def test_show_as_json(folder: Path, pem: Path) -> None:
    call(folder, "add", pem)
    told = json.loads(call(folder, "show", "--json").output)
    assert told["own"][0]["name"] == "ours"
    assert (told["as_of"], told["age_days"], told["shipped"]) == ("2026-08-21", 93, True)
    assert (told["anchors"], told["time_anchors"], told["sha256"]) == (30, 22, load_trust(folder).sha256)


def test_update(folder: Path, pem: Path) -> None:
    done = call(folder, "update", pem, "--as-of", "2026-11-20", "--tsa", SHIPPED / "official-tsa.pem")
    assert done.output == "in force: C2PA trust list of 2026-11-20, anchors of signers: 1\n"
    shown = call(folder, "show").output
    assert shown.startswith("C2PA trust list of 2026-11-20, from ours.pem\nanchors of signers: 1,")
    assert isinstance(call(folder, "update", pem, "--as-of", "2026-11-19").exception, UsageError)
    assert call(folder, "update", pem, "--as-of", "2026-11-19", "--force").exit_code == 0


def test_an_update_as_new_as_the_shipped_list_changes_nothing(folder: Path, pem: Path) -> None:
    done = call(folder, "update", pem, "--as-of", "2026-08-21")
    assert "that is the list this version ships" in done.stderr


@pytest.mark.parametrize("day", ["2026-11-23", "22.11.2026", "", "2026-02-30"])
def test_days_that_cannot_be(day: str, folder: Path, pem: Path) -> None:
    failed = call(folder, "update", pem, "--as-of", day)
    assert isinstance(failed.exception, UsageError)
    assert "--as-of" in str(failed.exception)
    assert not folder.exists()


def test_the_whole_way(fresh: Run, tmp_path: Path, pem: Path) -> None:
    assert fresh("trust", "add", pem).code == 0
    shown = fresh("trust", "show")
    assert (shown.code, shown.out.splitlines()[2][:40]) == (0, "own ours: O=Makers of Drawings,CN=Our Ro")
    (tmp_path / "home/trust/own/ours.pem").write_text("spoilt")
    failed = fresh("trust", "show")
    assert (failed.code, "own/ours.pem: holds no certificate" in failed.err) == (13, True)
