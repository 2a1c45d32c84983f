"""What fingerprinting a video costs beside vPDQ: CPU time on one core, of the same files in the same run."""

import io
import json
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from safelight.bench.common import Row, at_least, at_most, informs, require
from safelight.bench.derivative.trial import Say
from safelight.bench.video.baseline import frames_each_second
from safelight.bench.video.clips import Shelf, VideoClip
from safelight.bench.video.draw import drawn
from safelight.bench.video.footage import Coding, encode, recorded
from safelight.flow.examine import examine
from safelight.model.clip import OF_KNOWN_CLIP, OF_QUERY_CLIP, ClipRequest
from safelight.model.errors import InputError
from safelight.model.local import Want
from safelight.model.media import Limits
from safelight.model.scan import Status

RATIO_BAR, MINUTE_BAR = 5.0, 0.5
DRAWN_SIZE = (854, 480)
SECONDS = 60.0
"""Of the files by which CPU time for a minute is told."""
DRAWN, QUICK_DRAWN = 2, 1
JOINED = 4
"""Clips whose pictures make one file that long."""
ORDINARY = Coding(options=(("preset", "medium"), ("crf", "23")))
"""As x264 encodes when it is told nothing, but for a key frame at least every two seconds."""
ROUNDS, QUICK_ROUNDS = 2, 1
HASHES, KEYPOINTS, DENSE, KNOWN = "hashes", "hashes and keypoints", "dense, with keypoints", "known side"
DECODED, VPDQ = "decode every frame + pdqhash", "vpdq"
HASHES_ONLY = replace(OF_QUERY_CLIP, key_frames=0, local=None)

VPDQ_SCRIPT = """
import json, resource, sys, vpdq

def cpu():
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)

began = cpu()
hashes = vpdq.computeHash(sys.argv[1], seconds_per_hash=1.0, thread_count=1)
print(json.dumps([cpu() - began, len(hashes)]))
"""
"""Run by an interpreter that has PyPI's `vpdq`: its CPU seconds for one file, without start-up, and its hashes."""


@dataclass(frozen=True, slots=True)
class Timed:
    """A file to fingerprint, and how long it plays. `ordinary`: a minute of 480p, encoded as most are."""

    path: Path
    seconds: float
    ordinary: bool


def run(
    quick: bool, say: Say, clips: Sequence[VideoClip], shelf: Shelf, vpdq_python: Path | None = None
) -> tuple[list[Row], list[dict[str, object]]]:
    """Measure on the recorded ones of these clips and on longer ones of the drawn ones' pictures.

    PyPI's `vpdq` is measured where an interpreter has it.

    Returns the rows, and each file with its CPU seconds by contestant. Raises InputError for an interpreter that cannot
    run it, or a file that is not fingerprinted.
    """
    with tempfile.TemporaryDirectory(prefix="safelight-bench-") as folder:
        files = [_recorded(one.path) for one in clips if one.path is not None]
        made = [one for one in clips if one.path is None]
        for number in range(QUICK_DRAWN if quick else DRAWN):
            joined = made[JOINED * number : JOINED * (number + 1)]
            files += [_ordinary(Path(folder), joined, shelf)] if joined else []
        contestants = _contestants(vpdq_python)
        say(f"timing {', '.join(contestants)} on {len(files)} videos")
        best = measure(files, contestants, QUICK_ROUNDS if quick else ROUNDS)
    told = [
        {"file": file.path.name, "seconds": round(file.seconds, 2)}
        | {name: round(times[number], 4) for name, times in best.items()}
        for number, file in enumerate(files)
    ]
    return rows(files, best), told


def measure(
    files: Sequence[Timed], contestants: Mapping[str, Callable[[Path], float]], rounds: int
) -> dict[str, list[float]]:
    """The least CPU seconds of each contestant for each file over the rounds, in which all take turns."""
    for call in contestants.values():
        call(files[0].path)  # not timed: loads what is compiled
    best = {name: [float("inf")] * len(files) for name in contestants}
    for _ in range(rounds):
        for number, file in enumerate(files):
            for name, call in contestants.items():
                best[name][number] = min(best[name][number], call(file.path))
    return best


def rows(files: Sequence[Timed], best: Mapping[str, Sequence[float]]) -> list[Row]:
    """Ratios over all files, the CPU time for a minute of 480p, and each contestant's own cost."""
    n = len(files)
    peer = VPDQ if VPDQ in best else DECODED
    said = f"PyPI {VPDQ}, 1 hash/s" if peer == VPDQ else f"{DECODED}, 1 hash/s (PyPI vpdq was not at hand)"
    ratio = sum(best[peer]) / sum(best[HASHES])
    found = [at_least(f"fingerprinting a query by {HASHES}: CPU time of {said}, to ours", ratio, "x", RATIO_BAR, n)]
    least = min(above / below for above, below in zip(best[peer], best[HASHES], strict=True))
    found.append(informs("the same, the file where it is least", least, "x", n))
    found += [
        informs(f"the same to ours, {name}", sum(best[peer]) / sum(best[name]), "x", n) for name in (KEYPOINTS, DENSE)
    ]
    if peer != DECODED:
        beside = sum(best[DECODED]) / sum(best[HASHES])
        found.append(informs(f"{DECODED}, 1 hash/s, to ours by {HASHES}", beside, "x", n))
    whole = sum(file.seconds for file in files)
    costs = ((name, 1e3 * sum(times) / whole) for name, times in best.items())
    found += [informs(f"CPU time for a second of all files, {name}", cost, "ms", n) for name, cost in costs]
    return [*found, *_minutes(files, best, peer)]


def _minutes(files: Sequence[Timed], best: Mapping[str, Sequence[float]], peer: str) -> list[Row]:
    chosen = [number for number, file in enumerate(files) if file.ordinary]
    if not chosen:
        return []
    n, minutes = len(chosen), sum(files[number].seconds for number in chosen) / 60
    costs = {name: sum(times[number] for number in chosen) / minutes for name, times in best.items()}
    ratio = costs[peer] / costs[HASHES]
    found = [informs(f"CPU time of {peer} to ours by {HASHES}, minutes of 480p with usual key frames", ratio, "x", n)]
    for name, cost in costs.items():
        what = f"CPU time for a minute of 480p with usual key frames, {name}"
        found.append(at_most(what, cost, "s", MINUTE_BAR, n) if name == HASHES else informs(what, cost, "s", n))
    return found


def _recorded(path: Path) -> Timed:
    return Timed(path, recorded(path.read_bytes(), str(path)).seconds, ordinary=False)


def _ordinary(folder: Path, clips: Sequence[VideoClip], shelf: Shelf) -> Timed:
    footage = drawn([picture for clip in clips for picture in clip.pictures], clips[0].seed, DRAWN_SIZE, SECONDS)
    path = folder / f"{clips[0].key}-480p.mp4"
    recipe = [str(ORDINARY), *(line for clip in clips for line in clip.recipe)]
    path.write_bytes(shelf.take(path.stem, recipe, lambda: encode(footage, ORDINARY)))
    return Timed(path, footage.seconds, ordinary=True)


def _contestants(vpdq_python: Path | None) -> dict[str, Callable[[Path], float]]:
    found: dict[str, Callable[[Path], float]] = {
        HASHES: _ours(HASHES_ONLY, Want.NOTHING),
        KEYPOINTS: _ours(OF_QUERY_CLIP, Want.KEYPOINTS),
        DENSE: _ours(OF_QUERY_CLIP, Want.DENSE),
        KNOWN: _ours(OF_KNOWN_CLIP, Want.KEYPOINTS),
        DECODED: _decoding(require("pdqhash")),
    }
    if vpdq_python is not None:
        found[VPDQ] = _vpdq(vpdq_python)
    return found


def _ours(request: ClipRequest, want: Want) -> Callable[[Path], float]:
    """From the file's bytes to its digests and its clip, as a worker does it."""

    def call(path: Path) -> float:
        data = path.read_bytes()
        began = time.process_time()
        (found,) = examine(path.name, io.BytesIO(data), Limits(), clip=request, wanted=lambda _found: want)
        seconds = time.process_time() - began
        if found.clip is None or found.status is not Status.OK:
            raise InputError(path=path, cause=f"not fingerprinted: {found.error or found.status}")
        return seconds

    return call


def _decoding(pdqhash: Any) -> Callable[[Path], float]:  # noqa: ANN401 - a peer without types
    def call(path: Path) -> float:
        data = path.read_bytes()
        began = time.process_time()
        for pixels in frames_each_second(data):
            pdqhash.compute(pixels)
        return time.process_time() - began

    return call


def _vpdq(python: Path) -> Callable[[Path], float]:
    def call(path: Path) -> float:
        command = [str(python), "-c", VPDQ_SCRIPT, str(path)]
        try:
            done = subprocess.run(command, capture_output=True, check=True, text=True)
            seconds, hashes = json.loads(done.stdout.splitlines()[-1])
        except (OSError, subprocess.CalledProcessError, ValueError, IndexError) as error:
            raise InputError(
                path=python, cause=f"cannot run PyPI vpdq on {path.name} ({type(error).__name__})"
            ) from error
        if not hashes:
            raise InputError(path=path, cause="PyPI vpdq hashed no frame")
        return float(seconds)

    return call
