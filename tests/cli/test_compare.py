"""`safelight compare`, `keygen` and `verify` as people run them: real decoders, real evidence, real files."""

import json
import stat
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageOps

from safelight.demo.draw import draw
from tests.cli.conftest import Result, Run, run_in
from tests.cli.test_errors import assert_refused

PATCH = (260, 180, 460, 360)
"""Of the original, in its pixels: replaced by another picture's."""


@pytest.fixture(scope="session")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an original, pictures made from it, and others."""
    root = tmp_path_factory.mktemp("pair")
    original, other = draw(3, 720, 540), draw(4, 720, 540)
    altered = original.copy()
    altered.paste(other.crop(PATCH), PATCH[:2])
    original.save(root / "original.png")
    altered.save(root / "altered.jpg", quality=80)
    ImageOps.mirror(altered.crop((60, 30, 690, 520))).resize((504, 392)).save(root / "mirrored.jpg", quality=70)
    draw(100, 640, 480).save(root / "unrelated.jpg", quality=85)
    Image.new("RGB", (300, 200), (30, 90, 60)).save(root / "flat.png")
    (root / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 this is no picture")
    return root


@pytest.fixture(scope="session")
def compared(pair: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result]:
    """The altered picture against its original, signed with `key.pem` beside the folder `out`."""
    root = tmp_path_factory.mktemp("compared")
    run = run_in(root / "home")
    assert run("keygen", root / "key.pem", "--no-passphrase").code == 0
    done = run(
        "compare",
        pair / "altered.jpg",
        pair / "original.png",
        "--out",
        root / "out",
        "--sign",
        root / "key.pem",
        "--json",
    )
    return root, done


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return run_in(tmp_path / "home")


def compare(run: Run, pair: Path, suspect: str, out: Path, *options: object, original: str = "original.png") -> Result:
    return run("compare", pair / suspect, pair / original, "--out", out, *options)


def values(out: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((out / "comparison.json").read_bytes())
    return found


def test_an_altered_picture_is_told_with_its_replaced_part(compared: tuple[Path, Result]) -> None:
    root, done = compared
    assert (done.code, done.err) == (1, "")
    told = json.loads(done.out)
    assert told == values(root / "out")
    assert told["derivation"]["verdict"] == "derivative"
    share = 200 * 180 / (720 * 540)
    assert told["shares"]["replaced"] == pytest.approx(share, abs=0.04)
    assert told["shares"]["unchanged"] > 0.8
    assert told["blur"] == "all"
    mask = np.asarray(Image.open(root / "out" / "mask.png")) > 0
    truth = np.zeros((540, 720), bool)
    truth[PATCH[1] : PATCH[3], PATCH[0] : PATCH[2]] = True
    assert mask.shape == truth.shape
    assert (mask & truth).sum() / (mask | truth).sum() > 0.7
    assert done.out == (root / "out" / "comparison.json").read_text(encoding="utf-8")


def test_the_folder_is_its_owners_and_complete(compared: tuple[Path, Result]) -> None:
    out = compared[0] / "out"
    assert sorted(path.name for path in out.iterdir()) == [
        "comparison.json",
        "comparison.sig.json",
        "manifest.json",
        "mask.png",
        "overlay.png",
        "report.html",
        "report.pdf",
    ]
    assert stat.S_IMODE(out.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in out.iterdir()} == {0o600}


def test_mirror_crop_and_recompression_are_seen_through(pair: Path, run: Run, tmp_path: Path) -> None:
    done = compare(run, pair, "mirrored.jpg", tmp_path / "out", "--blur", "outside")
    told = values(tmp_path / "out")
    assert done.code == 1
    assert "derives from the original" in done.out
    assert "report.html: " in done.out
    assert told["derivation"]["mirrored"] is True
    assert 0.03 < told["shares"]["replaced"] < 0.2
    assert told["blur"] == "outside"


def test_it_works_the_other_way_round(pair: Path, run: Run, tmp_path: Path) -> None:
    done = compare(run, pair, "original.png", tmp_path / "out", "--show-pictures", original="mirrored.jpg")
    told = values(tmp_path / "out")
    assert done.code == 1
    assert told["shares"]["outside"] > 0.1
    assert told["blur"] == "none"


@pytest.mark.parametrize(
    ("suspect", "code", "says"),
    [
        ("unrelated.jpg", 0, "Not derived: no part of the original was found"),
        ("flat.png", 3, "Undecided: the pictures hold too little detail"),
    ],
)
def test_other_verdicts(suspect: str, code: int, says: str, pair: Path, run: Run, tmp_path: Path) -> None:
    done = compare(run, pair, suspect, tmp_path / "out")
    assert (done.code, says in done.out) == (code, True)
    assert not (tmp_path / "out" / "mask.png").exists()
    verified = run("verify", tmp_path / "out")
    assert (verified.code, "NOT SIGNED" in verified.out) == (3, True)


def test_what_cannot_be_compared_is_named(pair: Path, run: Run, tmp_path: Path) -> None:
    def refused(code: int, says: str, *arguments: object) -> None:
        assert_refused(run, code, says, "compare", *arguments, "--out", tmp_path / "out")
        assert not (tmp_path / "out").exists()

    refused(13, "broken.jpg: image/jpeg", pair / "broken.jpg", pair / "original.png")
    refused(13, "none.jpg: no such file", pair / "original.png", pair / "none.jpg")
    refused(13, "no-key: No such file", pair / "altered.jpg", pair / "original.png", "--sign", tmp_path / "no-key")
    refused(2, "contradict", pair / "altered.jpg", pair / "original.png", "--show-pictures", "--blur", "all")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").touch()
    arguments = ("compare", pair / "altered.jpg", pair / "original.png", "--out", tmp_path / "full")
    assert_refused(run, 13, "holds 'mine.txt'", *arguments)


def test_verify_tells_whole_altered_and_whose(compared: tuple[Path, Result], run: Run, tmp_path: Path) -> None:
    root, _ = compared
    whole = run("verify", root / "out", "--key", root / "key.pub.pem")
    assert (whole.code, whole.out.splitlines()[0]) == (0, "INTACT: all 5 files are as the manifest lists them.")
    assert "SIGNED by a key that you named" in whole.out
    unnamed = run("verify", root / "out" / "report.pdf")
    assert (unnamed.code, "a key that you did not name" in unnamed.out) == (3, True)
    assert run("keygen", tmp_path / "other", "--no-passphrase").code == 0
    other = run("verify", root / "out", "--key", tmp_path / "other.pub.pem")
    assert (other.code, "by none of the keys that you named" in other.out) == (3, True)
    copy = tmp_path / "copy"
    copy.mkdir()
    for path in (root / "out").iterdir():
        (copy / path.name).write_bytes(path.read_bytes())
    (copy / "report.html").write_bytes(b"other words")
    (copy / "mask.png").unlink()
    (copy / "new\nline").touch()
    altered = run("verify", copy, "--key", root / "key.pub.pem")
    assert altered.code == 1
    lines = ["ALTERED:", "  changed: report.html", "  missing: mask.png", "  added: new\\nline"]
    assert altered.out.splitlines()[:4] == lines


def test_what_cannot_be_verified_is_named(run: Run, tmp_path: Path) -> None:
    assert_refused(run, 13, "holds no manifest.json", "verify", tmp_path)
    assert_refused(run, 13, "nowhere: no such file or folder", "verify", tmp_path / "nowhere")


def test_a_passphrase_from_the_environment(pair: Path, run: Run, tmp_path: Path) -> None:
    secret = {"SAFELIGHT_PASSPHRASE": "correct horse"}
    made = run("keygen", tmp_path / "key", env=secret)
    assert (made.code, "(encrypted)" in made.out) == (0, True)
    assert "correct horse" not in made.out + made.err
    again = run("keygen", tmp_path / "key", env=secret)
    assert (again.code, "is there already" in again.err) == (13, True)
    (tmp_path / "key").chmod(0o644)
    arguments = ("compare", pair / "original.png", pair / "original.png", "--sign", tmp_path / "key", "--out")
    done = run(*arguments, tmp_path / "out", env=secret)
    assert (done.code, "Both files hold the very same bytes" in done.out) == (1, True)
    assert "others can read this key" in done.err
    assert run("verify", tmp_path / "out", "--key", tmp_path / "key.pub.pem").code == 0
    wrong = {"SAFELIGHT_PASSPHRASE": "wrong"}
    assert_refused(run, 13, "key: wrong passphrase", *arguments, tmp_path / "out2", env=wrong)
