"""`safelight family`: what it prints, as a tree, as lines and as JSON, and its exit codes."""

import json
import os
import pty
import subprocess
import sys
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest

from safelight.app import App
from safelight.model.bank import Bank, BankEntry, KnownHash
from safelight.model.family import EdgeKind, family_id
from safelight.settings import Settings
from tests.cli.conftest import Run, run_in
from tests.kin import edge, file, lead, relations

HOSTILE = "/files/\x1b]0;owned\x07\x1b[2J[red]b\r\nnothing\u202e.png"
A, B = "known/a.png", "list/sub/b.png"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with two banks and what two scans found."""
    home = tmp_path_factory.mktemp("family") / "home"
    app = App(Settings(home, 1))
    known = app.store.create(Bank(0, "known"))
    app.store.add(known, [BankEntry("a.png", (KnownHash("sha256", sha256(b"original").hexdigest()),))])
    app.store.add(known, [BankEntry("alone.png", ())])
    app.store.add(app.store.create(Bank(0, "list")), [BankEntry("sub/b.png", ())])
    replaced = edge(2, A, EdgeKind.DERIVATIVE, chance=1e-12, inliers=182, altered=0.31, overlay=0.04, mirrored=True)
    app.families.record(
        [
            relations(1, edge(1, A, EdgeKind.EXACT), edge(1, B, chance=1e-4)),
            relations(2, replaced, edge(2, B, chance=1e-3), path=HOSTILE),
            relations(3, lead(3, B)),
            *(relations(1, edge(1, A, EdgeKind.EXACT), path=f"/copies/{n}.png") for n in range(9)),
        ],
        datetime(2026, 6, 1, tzinfo=UTC),
    )
    return home


@pytest.fixture
def family(home: Path) -> Run:
    return run_in(home)


def test_the_tree_as_lines(family: Run) -> None:
    done = family("family", A)
    assert done.code == 1
    lines = done.out.splitlines()
    assert lines[0] == f"family {family_id(A)}: 2 known entries, 2 files"
    assert lines[1] == A
    assert lines[2] == "  /copies/0.png: the same bytes"
    assert [line.strip() for line in lines[3:9]] == [
        *(f"also at /copies/{n}.png" for n in range(1, 6)),
        "and at 4 more places",
    ]
    assert lines[9] == f"    {B}: near, direction not known: 12 of 256 bits differ, chance of a false match 0.01 %"
    assert lines[10].endswith(
        ": derivative: 31.0 % replaced, 4.0 % under text, stickers or marks, 182 keypoints agree, mirrored, "
        "chance of a false match 1.0 \u00d7 10⁻¹²"
    )
    assert lines[11].strip() == (
        f"also near, direction not known: 12 of 256 bits differ, chance of a false match 0.1 %: {B}"
    )
    assert lines[12].startswith("see also (same scene")
    assert lines[13] == f"  /files/3.jpg and {B}: 20 keypoints agree, chance of a false match 0.1 %"
    assert len(lines) == 14


def test_names_cannot_steer_the_terminal(family: Run, home: Path) -> None:
    assert not set("\x1b\x07\r\u202e") & set(family("family", A).out)
    shown = on_a_terminal(home, A)
    assert "[red]b" in shown
    assert "\x1b]0;owned" not in shown
    assert "\x1b[2J" not in shown


def on_a_terminal(home: Path, item: str) -> str:
    """What the command prints when its standard output is a terminal."""
    ours, its = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "safelight", "family", item],
        env=os.environ | {"SAFELIGHT_HOME": str(home), "COLUMNS": "100", "TERM": "xterm"},
        stdout=its,
    ) as process:
        os.close(its)
        parts = []
        while True:
            try:
                part = os.read(ours, 1 << 16)
            except OSError:  # how Linux says that the other side is closed
                break
            if not part:
                break
            parts.append(part)
    os.close(ours)
    assert process.returncode == 1
    return b"".join(parts).decode()


def test_a_terminal_gets_a_drawn_tree(home: Path) -> None:
    shown = on_a_terminal(home, B)
    assert "├── /copies/0.png" in shown
    assert f"│   └── \x1b[1m{B}" in shown
    assert "182 keypoints agree" in shown


@pytest.mark.parametrize("item", [A, B, file(1), file(2), family_id(A), family_id(B)])
def test_json_is_the_same_from_every_member(family: Run, item: str) -> None:
    done = family("family", item, "--json")
    assert done.code == 1
    told = json.loads(done.out)
    assert told["item"] == item
    found = told["family"]
    assert found["id"] == family_id(A)
    assert [member["name"] for member in found["members"][:2]] == [A, B]
    assert {member["sha256"] for member in found["members"][2:]} == {file(1), file(2)}
    assert [(one["kind"], one["directed"]) for one in found["edges"]] == [
        ("exact", False),
        ("derivative", True),
        ("near", False),
        ("near", False),
    ]
    assert found["edges"][1]["evidence"]["altered"] == 0.31
    assert [branch["under"] for branch in found["tree"]] == [None, A, file(1), A]
    assert [one["item"] for one in found["leads"]] == [file(3)]
    assert found["beside"][0]["name"] == "/files/3.jpg"


def test_a_known_file_finds_its_family_by_its_bytes(family: Run, tmp_path: Path) -> None:
    (tmp_path / "original.png").write_bytes(b"original")
    done = family("family", tmp_path / "original.png")
    assert done.code == 1
    assert f"  {tmp_path}/original.png: the same bytes" in done.out.splitlines()


def test_items_in_no_family(family: Run, tmp_path: Path) -> None:
    (tmp_path / "new.png").write_bytes(b"new")
    for item in ("known/alone.png", file(9), tmp_path / "new.png", "0" * 16):
        done = family("family", item)
        assert (done.code, done.out) == (0, f"{item}: in no family that is kept\n")
    assert json.loads(family("family", file(9), "--json").out) == {"item": file(9), "family": None}
    lead_only = family("family", file(3))
    assert lead_only.code == 0
    assert lead_only.out.splitlines()[0] == "in no family that is kept"
    assert f"/files/3.jpg and {B}: 20 keypoints agree" in lead_only.out


@pytest.mark.parametrize(
    ("item", "code", "says"),
    [
        ("nowhere.png", 13, "nowhere.png: neither a file, nor a SHA-256, a family's id or BANK/ENTRY"),
        ("no-bank/x.png", 13, "neither a file"),
        ("known/zz.png", 12, "bank 'known' has no entry called 'zz.png'"),
        (".", 13, "not a regular file"),
    ],
)
def test_what_cannot_be_asked_about(family: Run, item: str, code: int, says: str) -> None:
    done = family("family", item)
    assert (done.code, len(done.err.strip().splitlines())) == (code, 1)
    assert says in done.err


def test_forgetting(tmp_path: Path) -> None:
    app = App(Settings(tmp_path, 1))
    app.store.create(Bank(0, "known"))
    app.families.record([relations(1, edge(1, A)), relations(2, edge(2, A))], datetime(2026, 6, 1, tzinfo=UTC))
    run = run_in(tmp_path)
    done = run("family", file(1), "--forget")
    assert (done.code, done.out) == (0, f"nothing is kept of {file(1)}\n")
    assert run("family", file(1)).code == 0
    assert run("family", file(2)).code == 1
    assert run("family", A, "--forget").code == 0
    assert run("family", file(2)).code == 0
