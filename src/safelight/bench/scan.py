"""The whole scan as a process: its CPU beside that of decoding alone, its gain from a second worker, its memory."""

import io
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from safelight.bench.common import Row, at_least, at_most, informs
from safelight.demo.draw import draw

_DECODE_ALONE = """
import pathlib, sys
from safelight.media.decode import decode_image
from safelight.media.sniff import HEAD_BYTES, sniff
from safelight.model.media import Limits
for path in sorted(pathlib.Path(sys.argv[1]).iterdir()):
    data = path.read_bytes()
    decode_image(data, sniff(data[:HEAD_BYTES]), Limits())
"""
SIZES = ((1600, 1200), (3264, 2448), (4000, 3000))
"""Pixels of the pictures: a messenger's copy, an older and a newer phone's original."""
GROWTH_MB = 100
"""Resident memory a scan may add, over all its processes, when its folder has ten times as many files."""


HASHES, TRACED = "hashes", "traced"
"""Banks of the same pictures, without and with local features."""


@dataclass(frozen=True, slots=True)
class Run:
    """One process tree's cost: wall and CPU seconds, and the peak of its resident memory together, in MB."""

    wall: float
    cpu: float
    peak_mb: float


def run(quick: bool, say: Callable[[str], None]) -> list[Row]:
    """Measure; `quick` draws fewer pictures and files."""
    with tempfile.TemporaryDirectory(prefix="safelight-bench-") as name:
        folder = Path(name)
        env = os.environ | {"SAFELIGHT_HOME": str(folder / "home")}
        known = folder / "known"
        _draw_folder(known, range(24), (320, 240))
        for bank, keeps in ((HASHES, "--no-local"), (TRACED, "--local")):
            _safelight(env, "bank", "create", bank, keeps)
            _safelight(env, "bank", "add", bank, str(known))
        return [*_cost(folder, env, quick, say), *_memory(folder, env, quick, say)]


def _cost(folder: Path, env: dict[str, str], quick: bool, say: Callable[[str], None]) -> list[Row]:
    count, rounds = (360, 1) if quick else (1000, 3)
    say(f"drawing {len(SIZES)} sizes of pictures, writing {count} files")
    photos = folder / "photos"
    _photos(photos, count)
    alone = [sys.executable, "-c", _DECODE_ALONE, str(photos)]
    cost, gain = [], []
    for number in range(rounds):
        say(f"round {number + 1} of {rounds}: decoding alone, one worker, two workers")
        base = _measure(alone, env)
        one = _measure(_scan(photos, folder / f"out-1-{number}", 1), env)
        two = _measure(_scan(photos, folder / f"out-2-{number}", 2), env)
        cost.append(one.cpu / base.cpu)
        gain.append(one.wall / two.wall)
    say("the same without signals, and with keypoints")
    plain = _measure(_scan(photos, folder / "out-plain", 1, "--no-signals"), env)
    few = folder / "few"
    _photos(few, count // 8)
    deep = _measure(_scan(few, folder / "out-deep", 1, bank=TRACED), env)
    few_base = _measure([*alone[:-1], str(few)], env)
    megapixels = sum(width * height for width, height in SIZES) / len(SIZES) / 1e6
    files = f"{count} JPEGs of {megapixels:.1f} MP on average"
    return [
        at_most(
            f"CPU of scan, bank of hashes / of decoding alone, one worker, {files}", _median(cost), "x", 1.4, rounds
        ),
        informs("the same with --no-signals", plain.cpu / base.cpu, "x", 1),
        informs(
            "the same where the bank keeps local features, all pictures strangers", deep.cpu / few_base.cpu, "x", 1
        ),
        at_least(f"wall time of scan, one worker / two, {files}", _median(gain), "x", 1.7, rounds),
    ]


def _memory(folder: Path, env: dict[str, str], quick: bool, say: Callable[[str], None]) -> list[Row]:
    many = 2_000 if quick else 20_000
    say(f"writing {many:,} small files")
    small, large = folder / "small", folder / "large"
    _many_files(small, many // 10)
    _many_files(large, many)
    few_run = _measure(_scan(small, folder / "out-small", 2), env)
    many_run = _measure(_scan(large, folder / "out-large", 2), env)
    return [
        Row(f"peak resident memory, all processes, {many:,} small files", many_run.peak_mb, "MB", None, None, many),
        at_most(
            f"peak memory added by {many:,} files over {many // 10:,}",
            many_run.peak_mb - few_run.peak_mb,
            "MB",
            GROWTH_MB,
            many,
        ),
        Row("small files scanned per second, two workers", many / many_run.wall, "files/s", None, None, many),
    ]


def _draw_folder(folder: Path, numbers: Sequence[int], size: tuple[int, int]) -> None:
    folder.mkdir(parents=True)
    for number in numbers:
        draw(number, *size).save(folder / f"{number}.jpg", quality=88)


def _photos(folder: Path, count: int) -> None:
    """`count` distinct JPEGs, as many of each of SIZES."""
    drawn = [_encoded(1000 + n, *SIZES[n % len(SIZES)]) for n in range(3 * len(SIZES))]
    _copies(folder, drawn, count)


def _many_files(folder: Path, count: int) -> None:
    """`count` distinct 160x120 JPEGs."""
    _copies(folder, [_encoded(number, 160, 120) for number in range(50)], count)


def _copies(folder: Path, pictures: Sequence[bytes], count: int) -> None:
    """`count` files from a few pictures, each with a JPEG comment of its own, so that none is a duplicate."""
    folder.mkdir(parents=True)
    for number in range(count):
        picture = pictures[number % len(pictures)]
        comment = b"\xff\xfe\x00\x06" + number.to_bytes(4, "big")
        (folder / f"{number:06}.jpg").write_bytes(picture[:2] + comment + picture[2:])


def _encoded(number: int, width: int, height: int) -> bytes:
    out = io.BytesIO()
    draw(number, width, height).save(out, "JPEG", quality=88)
    return out.getvalue()


def _scan(folder: Path, out: Path, processes: int, *more: str, bank: str = HASHES) -> list[str]:
    options = ["--bank", bank, "--out", str(out), "--processes", str(processes), "--quiet"]
    return [sys.executable, "-m", "safelight", "scan", str(folder), *options, *more]


def _safelight(env: dict[str, str], *arguments: str) -> None:
    subprocess.run([sys.executable, "-m", "safelight", *arguments], env=env, check=True, capture_output=True)


def _measure(command: Sequence[str], env: dict[str, str]) -> Run:
    """Run a command to its end (exit codes 0, 1 and 3 are results) and say what its process tree cost."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    process = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    peaks: list[float] = [0.0]
    watcher = threading.Thread(target=_watch, args=(process, peaks))
    watcher.start()
    _, complaint = process.communicate()
    wall = time.perf_counter() - began
    watcher.join()
    if process.returncode not in {0, 1, 3}:
        raise RuntimeError(f"{command[0:4]} ended with {process.returncode}: {complaint.decode(errors='replace')}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Run(wall, cpu, peaks[0])


def _watch(process: subprocess.Popen[bytes], peaks: list[float]) -> None:
    while process.poll() is None:
        peaks[0] = max(peaks[0], sum(_proportional_mb(pid) for pid in _tree(process.pid)))
        time.sleep(0.25)


def _tree(root: int) -> list[int]:
    """The process and its descendants, by /proc."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                fields = (entry / "stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
            except OSError:
                continue
            parents.setdefault(int(fields[1]), []).append(int(entry.name))
    found, queue = [], [root]
    while queue:
        pid = queue.pop()
        found.append(pid)
        queue += parents.get(pid, [])
    return found


def _proportional_mb(pid: int) -> float:
    """Proportional set size: memory shared by several processes is counted once over all of them."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("Pss:")), 0.0)


def _median(values: Sequence[float]) -> float:
    return sorted(values)[len(values) // 2]
