"""Runs scripts through workers of hostile_worker.py."""

import os
import signal
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from safelight.adapter.sandbox import SandboxExaminer
from safelight.model.clip import ClipRequest
from safelight.model.local import LocalRequest
from safelight.model.media import Limits
from safelight.model.scan import Status
from safelight.model.signal import SignalRequest
from safelight.ports import Examined, ExamineJob, Known, Wanted

WORKER = (sys.executable, str(Path(__file__).with_name("hostile_worker.py")))
LIMITS = Limits(cpu_seconds=1, wall_seconds=60, memory_bytes=256 << 20)
SHORT = Limits(cpu_seconds=60, wall_seconds=2)


def jobs_for(
    folder: Path,
    scripts: Iterable[str],
    local: LocalRequest | None = None,
    pixels: int = 0,
    signals: SignalRequest | None = None,
    clip: ClipRequest | None = None,
) -> Iterator[ExamineJob]:
    for key, script in enumerate(scripts):
        path = folder / f"{key}"
        path.write_text(script)
        yield ExamineJob(key, str(path), f"f{key}", local=local, pixels=pixels, signals=signals, clip=clip)


def examine(
    folder: Path,
    scripts: Sequence[str],
    limits: Limits = LIMITS,
    processes: int = 1,
    known: Known | None = None,
    wanted: Wanted | None = None,
    local: LocalRequest | None = None,
    pixels: int = 0,
    signals: SignalRequest | None = None,
    clip: ClipRequest | None = None,
) -> list[Examined]:
    """Let workers act out the scripts. `local`, `pixels`, `signals`, `clip`: what every job asks for."""
    with_local, with_signals = local is not None or pixels > 0, signals is not None
    examiner = SandboxExaminer(
        WORKER, limits, processes, local=with_local, signals=with_signals, clips=clip is not None
    )
    with examiner.run(jobs_for(folder, scripts, local, pixels, signals, clip), known, wanted) as results:
        return list(results)


def said(results: Iterable[Examined]) -> list[tuple[str, str, str | None]]:
    return [(r.examination.path, r.examination.status.value, r.examination.error) for r in results]


def error_of(results: Sequence[Examined]) -> str:
    (result,) = results
    assert result.last
    assert result.examination.status is Status.UNREADABLE
    assert result.examination.error
    return result.examination.error


def children(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for task in tasks for child in task.read_text().split()]


def zygotes() -> list[int]:
    """Those of this process. Other tests may have left it other children, such as a database server."""
    return [child for child in children(os.getpid()) if WORKER[1].encode() in _command(child)]


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""  # it has just ended


def kill_zygote() -> int:
    """Kill it, and wait until its workers are gone with it."""
    (zygote,) = zygotes()
    workers = children(zygote)
    os.kill(zygote, signal.SIGKILL)
    while any(is_alive(worker) for worker in workers):
        time.sleep(0.001)
    return zygote


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in {"Z", "X"}
    except OSError:
        return False


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))
