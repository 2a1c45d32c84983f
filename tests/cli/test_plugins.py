"""The shortlist of docs/plugins.md from the command line: listed, used when it is named, made to forget."""

import json
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from safelight.adapter.hint.encoder import find_model
from safelight.demo.draw import draw
from tests.cli.conftest import Run
from tests.plugin.packages import (
    EXAMPLE,
    EXAMPLE_MARKER,
    MARKERS,
    install,
    install_example,
    install_example_marker,
)


@pytest.fixture
def site(tmp_path: Path) -> dict[str, str]:
    """The environment in which the example and a plug-in that cannot be imported are installed."""
    install_example(tmp_path / "site")
    install(tmp_path / "site", "broken-one", "raise RuntimeError('no model \\x1b[2J')", "broken")
    return {"PYTHONPATH": os.pathsep.join((str(tmp_path / "site"), os.environ.get("PYTHONPATH", "")))}


def results(out: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (out / "results.jsonl").read_text(encoding="utf-8").splitlines()]


def test_what_is_installed_is_listed_with_what_failed(fresh: Run, site: dict[str, str]) -> None:
    broken, example = fresh("plugins", "--json", env=site).rows()
    package = {"package": "safelight-gradients", "version": "1.0"}
    assert example == {"name": EXAMPLE, **package, "state": "loaded", "error": "", "kind": "shortlist"}
    assert (broken["name"], broken["state"], broken["error"]) == ("broken", "failed", "RuntimeError: no model \x1b[2J")
    shown = fresh("plugins", env=site)
    assert (shown.code, "failed" in shown.out, "\x1b" in shown.out) == (0, True, False)
    assert "no plug-ins are installed" in fresh("plugins").out


def test_a_name_that_cannot_be_used_ends_the_command(
    prepared: Path, run: Run, site: dict[str, str], tmp_path: Path
) -> None:
    scan = ("scan", prepared / "files", "--bank", "known", "--out", tmp_path / "out", "--quiet")
    for name, code, says in (
        ("other", 2, f"no shortlist plug-in 'other' is installed; installed: broken, {EXAMPLE}"),
        ("broken", 21, "plug-in 'broken': RuntimeError: no model"),
    ):
        done = run(*scan, env=site | {"SAFELIGHT_SHORTLIST": name})
        assert (done.code, done.err.count("\n"), says in done.err) == (code, 1, True), done.err
    assert not (tmp_path / "out" / "results.jsonl").exists()


def test_from_plugging_in_to_forgetting(fresh: Run, site: dict[str, str], tmp_path: Path) -> None:
    known, files = tmp_path / "known", tmp_path / "files"
    for folder in (known, files):
        folder.mkdir()
    for number in range(3):
        draw(number, 400, 300).save(known / f"{number}.png")
    altered = draw(1, 400, 300).crop((60, 40, 360, 290))
    altered.paste(draw(21, 400, 300).crop((0, 0, 110, 120)), (90, 80))
    altered.save(files / "altered.png")
    named = site | {"SAFELIGHT_SHORTLIST": EXAMPLE}
    table = tmp_path / "home" / "shortlists" / EXAMPLE / "1.npy"

    assert fresh("bank", "create", "known").code == 0
    assert fresh("bank", "add", "known", known, env=site).code == 0
    assert not table.exists()
    assert "took in" not in fresh("bank", "add", "known", known, env=named).out
    assert len(np.load(table)) == 3
    assert all(path.stat().st_mode & 0o077 == 0 for path in (table, table.parent, table.parent.parent))

    for out, env in (("without", site), ("with", named)):
        assert fresh("scan", files, "--bank", "known", "--out", tmp_path / out, "--quiet", env=env).code == 1
    assert results(tmp_path / "with") == results(tmp_path / "without")
    assert results(tmp_path / "with")[0]["decision"]["outcome"] == "derivative"  # type: ignore[index]  # JSON

    refused = fresh("bank", "remove", "known", "1.png")
    assert (refused.code, "install it again, or remove that folder" in refused.err) == (2, True)
    assert fresh("bank", "remove", "known", "1.png", env=site).code == 0
    assert len(np.load(table)) == 2
    assert fresh("bank", "delete", "known", "--yes", env=site).code == 0
    assert not table.exists()


def test_decoders_of_marks_are_asked_by_name_in_the_confined_worker(prepared: Path, run: Run, tmp_path: Path) -> None:
    install_example_marker(tmp_path / "site")
    install(tmp_path / "site", "broken-two", "raise RuntimeError", "broken", group=MARKERS, function="open_decoder")
    site = {"PYTHONPATH": os.pathsep.join((str(tmp_path / "site"), os.environ.get("PYTHONPATH", "")))}
    marked = np.array(draw(33, 200, 150))
    bits = np.unpackbits(np.frombuffer(b"LOWB", np.uint8))
    marked[..., 1] = marked[..., 1] & 0xFE | np.resize(bits, marked.shape[:2])
    Image.fromarray(marked).save(tmp_path / "marked.png")
    names = site | {"SAFELIGHT_MARKERS": f"{EXAMPLE_MARKER}, broken"}
    done = run("explain", tmp_path / "marked.png", env=names)
    (stage,) = json.loads(done.out)["files"]
    told = {signal["name"]: signal for signal in stage["examination"]["signals"] if signal["kind"] == "marker"}
    assert "broken" in told["marker_failed"]["detail"]
    assert told["marker_lowbits"]["figures"]["bits_agree"] == marked.shape[0] * marked.shape[1]
    assert (
        stage["assessment"]["strength"] == "none"
    )  # a rule of a plug-in is not verified: it is told and decides nothing
    assert stage["decision"]["outcome"] == "no_match"
    refused = run("explain", tmp_path / "marked.png", env=site | {"SAFELIGHT_MARKERS": "other"})
    assert (refused.code, "no marker plug-in 'other' is installed" in refused.err) == (2, True)


DETECTOR = """
from safelight.model.hint import Hint, HintVerdict

class Grey:
    name, card = "grey 1", "0" * 64

    def judge(self, frames, mime):
        return Hint(self.name, self.card, HintVerdict.LIKELY_AI, 0.75, "how grey it is")

def open_detector():
    return Grey()
"""


def test_a_detector_is_asked_only_when_a_hint_is_wanted_and_decides_nothing(
    prepared: Path, run: Run, tmp_path: Path
) -> None:
    group = "safelight.detectors"
    install(tmp_path / "site", "grey-one", DETECTOR, "grey", group=group, function="open_detector")
    site = {"PYTHONPATH": os.pathsep.join((str(tmp_path / "site"), os.environ.get("PYTHONPATH", "")))}
    named, file = site | {"SAFELIGHT_DETECTOR": "grey"}, prepared / "files" / "e-unrelated.jpg"
    (without,) = json.loads(run("explain", file, env=named).out)["files"]
    (told,) = json.loads(run("explain", file, "--hint", env=named).out)["files"]
    assert without["examination"]["hint"] is None
    assert told["examination"]["hint"]["verdict"] == "likely_ai"
    assert (told["assessment"]["artificialness"], told["assessment"]["strength"]) == ("unknown", "hinted")
    assert told["decision"] == without["decision"]
    refused = run("explain", file, "--hint", env=site | {"SAFELIGHT_DETECTOR": "other"})
    assert (refused.code, "no detector plug-in 'other' is installed" in refused.err) == (2, True)


@pytest.mark.skipif(find_model() is not None, reason="the encoder of the hint is installed")
def test_a_hint_without_a_detector_is_refused(prepared: Path, run: Run) -> None:
    done = run("explain", prepared / "files" / "e-unrelated.jpg", "--hint")
    assert (done.code, "no detector is installed" in done.err) == (2, True)
