"""A whole run on a few drawn pictures, and what it leaves behind."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from safelight.bench.common import Row
from safelight.bench.derivative import QUICK_SOURCES, default_folders, run
from safelight.bench.derivative.datasets import DISC21_LAYOUTS
from safelight.bench.derivative.edits import EDITS
from safelight.demo.draw import draw
from safelight.model.errors import InputError
from tests.apart import apart
from tests.bench.derivative.fakes import LooseTracer
from tests.bench.derivative.test_datasets import lay_out_disc
from tools.write_misses import page


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("photos")
    for number in range(30):
        draw(number, 320, 240).save(folder / f"{'clothing' if number % 2 else 'hill'}_{number:02}.jpg", quality=92)
    return folder


@pytest.fixture(autouse=True)
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    make_tiny(monkeypatch)


def make_tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("safelight.bench.derivative.QUICK_DRAWN", 16)
    monkeypatch.setattr("safelight.bench.derivative.QUICK_SIZES", (10, 50))


@pytest.fixture
def no_corpus(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SAFELIGHT_SHARED", str(tmp_path / "none"))


def strip_times(rows: list[Row]) -> list[tuple[str, float]]:
    return [(row.what, row.value) for row in rows if "CPU" not in row.what and "ratio" not in row.what]


AGAIN = """
import json, sys
from pathlib import Path
import pytest
from tests.bench.derivative.test_run import make_tiny, run_it, strip_times

make_tiny(pytest.MonkeyPatch())
out, photos = map(Path, sys.argv[1:])
print(json.dumps(strip_times(run_it(print, out, photos, processes=2))))
"""


def run_it(say: Callable[[str], None], out: Path, photos: Path, processes: int = 1) -> list[Row]:
    return run(True, say, out=out, photos=photos, sources=2, tracer=LooseTracer, processes=processes)


def test_a_run_measures_ours_beside_the_baselines(photos: Path, tmp_path: Path) -> None:
    said: list[str] = []
    rows = run_it(said.append, tmp_path / "one", photos)
    assert [list(figure) for figure in strip_times(rows)] == apart(AGAIN, tmp_path / "two", photos)
    assert [row.what for row in rows if row.bar is not None] == [rows[-1].what]
    assert rows[-1].holds
    figure = {re.sub(r", 95 % interval.*|; .*", "", row.what): row for row in rows}
    assert figure["mean recall of the 33 edits"].n == 2 * 33
    assert figure["recall, jpeg90"].value == 1
    assert figure["mean recall of the 33 edits"].value > 0.4
    assert "Safelight: indexing" in "\n".join(said)
    details = json.loads((tmp_path / "one" / "details.json").read_text(encoding="utf-8"))
    assert details["run"]["sources"] == 2
    assert len(details["queries"]) == 66 + details["run"]["same_scene"] + details["run"]["unrelated"]
    assert [query["edit"] for query in details["queries"][:33]] == list(EDITS)
    assert set(details["queries"][0]["answers"]) == {"Safelight", "PDQ@31", "PDQ dihedral@31"}
    assert "Recall after each edit, 2 sources" in (tmp_path / "one" / "recall.svg").read_text(encoding="utf-8")


def test_misses_agree_with_the_figures_and_make_a_page(photos: Path, tmp_path: Path) -> None:
    rows = run(True, print, out=tmp_path, photos=photos, sources=3, tracer=LooseTracer, seed=4)
    misses = json.loads((tmp_path / "misses.json").read_text(encoding="utf-8"))
    recall = next(row.value for row in rows if row.what.startswith("mean recall of the 33"))
    assert len(misses["missed"]) == round((1 - recall) * 99)
    assert len(misses["sources"]) == 3
    assert {one["as"] for one in misses["missed"]} <= {"absent", "none", "shared_scene"}
    text = page(misses)
    for one in misses["recall"]:
        missed = one["of"] - one["Safelight"]
        assert (f"| {one['edit']} | {one['Safelight']} of 3 | {missed} |" in text) == (missed > 0)


def test_without_photographs_it_draws_and_says_so(tmp_path: Path, no_corpus: None) -> None:
    said: list[str] = []
    rows = run(True, said.append, out=tmp_path, sources=1, tracer=None)
    assert any("drawn pictures" in line for line in said)
    assert json.loads((tmp_path / "misses.json").read_text(encoding="utf-8"))["run"]["drawn"]
    assert rows[0].what.startswith("mean recall of the 33 edits")
    assert rows[0].n == 33 <= QUICK_SOURCES * 33


def test_more_negatives_are_unrelated_and_not_indexed(photos: Path, tmp_path: Path) -> None:
    more = tmp_path / "more"
    more.mkdir()
    for number in range(40, 45):
        draw(number, 200, 150).save(more / f"clothing_{number}.png")
    Image.open(photos / "clothing_01.jpg").save(more / "copy.jpg")
    run(True, print, out=tmp_path / "out", photos=photos, negatives=[more], sources=1, tracer=None)
    details = json.loads((tmp_path / "out" / "details.json").read_text(encoding="utf-8"))
    asked = {query["picture"] for query in details["queries"] if query["group"] == "unrelated"}
    assert {name for name in asked if name.startswith("more/")} == {f"more/clothing_{n}.png" for n in range(40, 45)}


def test_folders_without_enough_are_refused(tmp_path: Path, photos: Path, no_corpus: None) -> None:
    draw(1).save(tmp_path / "one.jpg")
    with pytest.raises(InputError, match="too few distinct pictures"):
        run(True, print, out=tmp_path / "out", photos=tmp_path)
    with pytest.raises(InputError, match="no such folder"):
        run(True, print, out=tmp_path / "out", photos=photos, negatives=[tmp_path / "none"])
    with pytest.raises(InputError, match="--photos"):
        run(True, print, out=tmp_path / "out", dataset="disc21")


def test_public_sets_are_scored_beside_the_baselines(tmp_path: Path) -> None:
    lay_out_disc(tmp_path, DISC21_LAYOUTS[0], head=True)
    rows = run(False, print, out=tmp_path / "out", photos=tmp_path, dataset="disc21", tracer=LooseTracer)
    assert [row.value for row in rows if "uAP" in row.what] == [1, 1, 1]


def test_defaults_are_the_shared_corpus(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SAFELIGHT_SHARED", str(tmp_path))
    assert default_folders() == (None, [])
    (tmp_path / "corpus" / "photos").mkdir(parents=True)
    (tmp_path / "corpus" / "synthetic").mkdir()
    assert default_folders() == (tmp_path / "corpus" / "photos", [tmp_path / "corpus" / "synthetic"])


@pytest.mark.shared
def test_pdq_misses_what_the_facts_say_it_misses(shared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("safelight.bench.derivative.QUICK_PHOTOS", 60)
    rows = run(True, print, out=tmp_path, photos=shared / "corpus" / "photos", sources=4, tracer=None)
    figure = {re.sub(r", 95 % interval.*|; .*", "", row.what): row.value for row in rows}
    assert 0.25 < figure["mean recall of the 33 edits"] < 0.36
    assert figure["mean recall of the 8 edits that replace a region"] < 0.2
    assert figure["recall, crop25"] == figure["recall, collage4"] == figure["recall, rr35+crop25+jpeg50"] == 0
    assert figure["recall, jpeg50"] == 1
