"""A whole run with a tracker that is told everything, and what it leaves behind."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from safelight.bench.common import Row
from safelight.bench.derivative.draft import Rgb
from safelight.bench.derivative.pictures import Picture
from safelight.bench.video import run
from safelight.bench.video.clips import Shelf, VideoClip, choose, default_folders, recordings
from safelight.bench.video.draw import drawn as drawn_clip
from safelight.bench.video.edits import EDITS
from safelight.bench.video.footage import Coding, Footage, encode
from safelight.bench.video.trial import POSITIVE, STRANGER, plan
from safelight.demo.draw import draw
from safelight.model.errors import InputError
from tests.apart import apart
from tests.bench.video.fakes import BagTracker, levels


def silent(_: str) -> None:
    """Say nothing."""


@pytest.fixture
def videos(tmp_path: Path) -> Path:
    folder = tmp_path / "videos"
    folder.mkdir()
    for number, name in enumerate(("a-grey.mp4", "a-orig-1.mp4", "b.mp4", "notes.txt")):
        (folder / name).write_bytes(encode(levels(20 + number), Coding()))
    return folder


def test_one_of_each_group_of_variants_is_taken(videos: Path) -> None:
    assert [(one.key, one.group, one.kind) for one in recordings([videos])] == [
        ("a-orig-1", "a", "recorded"),
        ("b", "b", "recorded"),
    ]
    (videos / "c.mp4").write_bytes(b"no video")
    with pytest.raises(InputError, match="not a video"):
        recordings([videos])
    with pytest.raises(InputError, match="no such folder"):
        recordings([videos / "none"])


def test_no_picture_is_in_two_clips(videos: Path, tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    for number in range(14):
        draw(number, 160, 120).save(photos / f"{number:02}.png")
    chosen = choose(photos, [videos], seed=1, known=6, sources=3, say=silent)
    assert (len(chosen.known), len(chosen.sources), len(chosen.strangers)) == (6, 3, 6)
    assert {clip.kind for clip in chosen.sources} == {"recorded", "drawings", "photographs"}
    everyone = (*chosen.known, *chosen.strangers)
    pictures = [picture.key for clip in everyone for picture in clip.pictures]
    assert len(pictures) == len(set(pictures))
    assert len({clip.key for clip in everyone}) == 12
    assert any(clip.coding.key_seconds is None for clip in everyone)


def test_default_folders_are_the_shared_ones(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SAFELIGHT_SHARED", str(tmp_path))
    assert default_folders() == (None, [])
    (tmp_path / "corpus" / "photos").mkdir(parents=True)
    (tmp_path / "corpus" / "video").mkdir()
    assert default_folders() == (tmp_path / "corpus" / "photos", [tmp_path / "corpus" / "video"])


def test_what_was_made_is_kept_until_its_recipe_changes(tmp_path: Path) -> None:
    shelf, made = Shelf(tmp_path), []

    def make() -> bytes:
        made.append(1)
        return bytes(made)

    assert shelf.take("a b", ["1"], make) == shelf.take("a b", ["1"], make) == b"\1"
    assert shelf.take("a b", ["2"], make) == b"\1\1"
    assert len(made) == len(list(tmp_path.iterdir())) == 2


def test_all_that_is_pasted_is_a_strangers(tmp_path: Path) -> None:
    chosen = choose(None, [], seed=1, known=4, sources=2, say=silent)
    planned = plan(chosen, 1)
    asked = [query for queries in planned for query in queries]
    assert [query.edit for query in asked if query.group == POSITIVE] == [*EDITS, *EDITS]
    assert [query.clip for query in asked if query.group == STRANGER] == list(chosen.strangers)
    for query in asked:
        assert set(query.others) <= set(chosen.strangers) - {query.clip}
        assert len(query.others) == EDITS[query.edit].others
    assert plan(chosen, 1) == planned
    assert plan(chosen, 2) != planned


def strip_times(rows: list[Row]) -> list[tuple[str, float]]:
    return [(row.what, row.value) for row in rows if "CPU" not in row.what]


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    make_tiny(monkeypatch)


def make_tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    """Clips of a few seconds and a few small pictures, a few edits, nothing timed."""

    def drawn(self: VideoClip) -> Footage:
        assert self.path is None
        return drawn_clip(self.pictures, self.seed, (96, 72))

    monkeypatch.setattr(VideoClip, "drawn", drawn)
    monkeypatch.setattr("safelight.bench.video.draw.SHOT_SECONDS", (1.0, 2.0))
    monkeypatch.setattr("safelight.bench.video.draw.RATES", (5,))
    edits = {name: EDITS[name] for name in ("grey", "mirror", "inserted", "region20")}
    for module in ("edits", "trial", "figures"):
        monkeypatch.setattr(f"safelight.bench.video.{module}.EDITS", edits)
    monkeypatch.setattr("safelight.bench.video.EDITS", edits)
    monkeypatch.setattr("safelight.bench.video.speed.run", lambda *_: ([], []))
    monkeypatch.setattr(Picture, "load", lambda self: _small(self.drawn))


def _small(number: int) -> Rgb:
    return np.array(draw(number, 192, 144))


AGAIN = """
import json, sys
from pathlib import Path
import pytest
from tests.bench.video.test_run import make_tiny, run_it, silent, strip_times

make_tiny(pytest.MonkeyPatch())
print(json.dumps(strip_times(run_it(silent, Path(sys.argv[1]), processes=2))))
"""


def run_it(say: Callable[[str], None], out: Path, processes: int = 1) -> list[Row]:
    return run(True, say, out=out, processes=processes, sources=2, known=3, tracker=BagTracker)


def test_a_run_measures_ours_beside_vpdqs_rule(tiny: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAFELIGHT_SHARED", str(tmp_path / "none"))
    said: list[str] = []
    rows = run_it(said.append, tmp_path / "one")
    assert [list(figure) for figure in strip_times(rows)] == apart(AGAIN, tmp_path / "one")
    assert all(row.bar is None for row in rows)
    figure = {row.what.split(" [")[0]: row for row in rows}
    assert figure["recall, grey"].value == 1
    assert figure["recall, mirror"].value == 0
    assert figure["recall, grey"].n == 2
    assert any("taking in 3 known clips" in line for line in said)
    assert any("11 of 11 queries" in line for line in said)
    details = json.loads((tmp_path / "one" / "details.json").read_text(encoding="utf-8"))
    assert details["run"]["sources"] == {"drawings": 2}
    assert [query["edit"] for query in details["queries"][:4]] == ["grey", "mirror", "inserted", "region20"]
    misses = json.loads((tmp_path / "one" / "video-misses.json").read_text(encoding="utf-8"))
    assert {"edit": "mirror", "as": "absent"}.items() <= misses["missed"][0].items()
    assert "2 clips" in (tmp_path / "one" / "recall.svg").read_text(encoding="utf-8")


def test_one_known_clip_is_too_few(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="at least two"):
        run(True, silent, out=tmp_path, photos=None, videos=[], known=1, tracker=BagTracker)
