"""The video benchmark: how well altered clips are traced back to known ones, and placed in time.

Clips are drawn by code, made of benign photographs, or recorded ones that are at hand. They are changed by code alone:
encoded anew, cut, covered, or given a patch of another benign clip.
"""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from safelight.bench.asking import ask_all
from safelight.bench.common import Row
from safelight.bench.derivative.chart import Series, recall_chart
from safelight.bench.derivative.trial import Say, plain, threads
from safelight.bench.video import figures, records, speed
from safelight.bench.video.baseline import LOOSER, RULE, VpdqRule
from safelight.bench.video.clips import KINDS, Clips, Shelf, choose, default_folders
from safelight.bench.video.edits import EDITS
from safelight.bench.video.figures import Measured
from safelight.bench.video.footage import recorded
from safelight.bench.video.trial import Contest, Tracker, plan
from safelight.fingerprint import pdq
from safelight.model.errors import InputError

SOURCES, QUICK_SOURCES = 20, 3
KNOWN, QUICK_KNOWN = 40, 8
JUDGED_SOURCES = 20
"""The bars are for this many sources and more: with fewer, one clip moves a figure too far."""
PROCESSES = 2


def safelight() -> Tracker:
    """The product, loaded only when it is to be measured."""
    from safelight.bench.video.ours import SafelightTracker  # noqa: PLC0415 - Django, OpenCV and more

    return SafelightTracker()


def run(
    quick: bool,
    say: Say,
    *,
    out: Path,
    photos: Path | None = None,
    videos: Sequence[Path] = (),
    seed: int = 1,
    sources: int | None = None,
    known: int | None = None,
    processes: int = PROCESSES,
    vpdq_python: Path | None = None,
    tracker: Callable[[], Tracker] = safelight,
) -> list[Row]:
    """Measure, and write details.json, video-misses.json, recall.svg and speed.json into `out`.

    `photos`, `videos`: a folder of benign photographs, and folders of benign recorded clips; by default the shared
    ones, where these are at hand. `known`: clips in the bank, and strangers. `sources`: known clips that are edited.
    `vpdq_python`: an interpreter that has PyPI's `vpdq`. Videos that are made are kept in `out`/clips, so that another
    run takes less time. `quick`: few clips. Raises InputError for folders that cannot be used.
    """
    pdq.warm_up()
    with threads(1):
        if photos is None and not videos:
            photos, videos = default_folders()
        known = known or (QUICK_KNOWN if quick else KNOWN)
        sources = sources or (QUICK_SOURCES if quick else SOURCES)
        clips = choose(photos, videos, seed=seed, known=known, sources=sources, say=say)
        if len(clips.strangers) < 2:
            raise InputError(path="known", cause="at least two known clips are needed")
        shelf = Shelf(out / "clips")
        with closing(tracker()) as ours:
            measured = _measure(Contest(ours, VpdqRule(), shelf), clips, seed, processes, say)
        _write(out, measured, _described(clips, seed, quick))
        of_speed, timed = speed.run(quick, say, clips.known, shelf, vpdq_python)
    _write_json(out / "speed.json", timed)
    kinds = {clip.kind for clip in clips.known}
    found = figures.rows(measured) + of_speed
    judged = not quick and len(kinds) == len(KINDS) and len(clips.sources) >= JUDGED_SOURCES
    return found if judged else [replace(row, bar=None, holds=None) for row in found]


def _measure(contest: Contest, clips: Clips, seed: int, processes: int, say: Say) -> Measured:
    say(f"taking in {len(clips.known)} known clips")
    adding = seconds = 0.0
    for clip in clips.known:
        data = clip.data(contest.shelf)
        began = time.process_time()
        contest.ours.add(clip.key, data)
        adding += time.process_time() - began
        contest.vpdq.add(clip.key, data)
        seconds += recorded(data, clip.key).seconds
    contest.ours.find(clips.known[0].data(contest.shelf))  # not timed: loads what is compiled
    outcomes = ask_all(contest.ask, plan(clips, seed), processes, say, step=20)
    return Measured(outcomes, clips.known, seconds, adding, contest.ours.bytes_stored())


def _described(clips: Clips, seed: int, quick: bool) -> dict[str, object]:
    kinds = [clip.kind for clip in clips.sources]
    return {
        "seed": seed,
        "quick": quick,
        "known": len(clips.known),
        "strangers": len(clips.strangers),
        "sources": {kind: kinds.count(kind) for kind in sorted(set(kinds))},
    }


def _write(out: Path, measured: Measured, described: Mapping[str, object]) -> None:
    _write_json(out / "details.json", records.details(measured, described))
    _write_json(out / "video-misses.json", records.misses(measured, described))
    tables = {"Safelight": figures.recall_table(measured.outcomes)}
    tables |= {
        f"vPDQ's rule, {percent:g} %": figures.vpdq_table(measured.outcomes, percent) for percent in (RULE, LOOSER)
    }
    series = [Series(name, table.mean(axis=0).tolist()) for name, table in tables.items()]
    chart = recall_chart(f"Recall in time after each edit, {len(tables['Safelight'])} clips", list(EDITS), series)
    (out / "recall.svg").write_text(chart, encoding="utf-8")


def _write_json(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, indent=1, default=plain) + "\n", encoding="utf-8")
