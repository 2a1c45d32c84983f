"""Takes from a freshly forked worker everything that decoding does not need. See docs/confinement.md.

The layers are independent, so that a hole in one is covered by another, and each is used where the kernel has it. What
is in force is reported, the last two points by trying.
"""

import math
import os
import resource
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path

from safelight.adapter.sandbox import linux
from safelight.adapter.sandbox.seccomp import build_filter
from safelight.model.media import Limits

OPEN_FILES = 32
"""File descriptors a worker may have: the standard three, its socket, two jobs and their mappings, some to spare."""

THREADS = 256
"""Threads a worker may start when nobody else of its user does: more than decoders want, too few to fill the system."""

_NOBODY = 65534
_DATA_FIELD = 5  # of /proc/self/statm: pages of private writable memory, which is what RLIMIT_DATA counts


def confine(limits: Limits, parent: int) -> dict[str, str]:
    """Confine the calling process for the rest of its life; return what holds it, for people and `summary.json`.

    Args:
        limits: `memory_bytes` is used here; CPU time is limited for each file by `allow_cpu`.
        parent: the process without which this one must not live on.

    Raises:
        OSError: a layer that the kernel has could not be put in force.
    """
    report: dict[str, str] = {}
    if sys.platform == "linux":
        _be_killed_first_when_memory_is_short()
        report["user"] = _drop_root()
        linux.prctl(linux.PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            raise ProcessLookupError("the zygote is gone")
        linux.prctl(linux.PR_SET_DUMPABLE, 0)
        linux.prctl(linux.PR_SET_NO_NEW_PRIVS, 1)
    report["rlimits"] = _limit_resources(limits)
    if sys.platform == "linux":
        report["landlock_abi"] = _layer(lambda: str(linux.landlock_everything()), missing="0")
        report["seccomp"] = _layer(_filter_system_calls)
    report["open_file"] = _refused(lambda: os.close(os.open("/", os.O_RDONLY)))
    report["open_socket"] = _refused(lambda: socket.socket().close())
    return report


def allow_cpu(seconds: int) -> None:
    """Give the process this much CPU time from now on; SIGXCPU ends it after that."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    _lower(resource.RLIMIT_CPU, math.ceil(usage.ru_utime + usage.ru_stime) + seconds, soft_only=True)


def _be_killed_first_when_memory_is_short() -> None:
    try:
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")
    except OSError:
        return  # a container without a writable /proc: the kernel then chooses by size alone


def _drop_root() -> str:
    """Become nobody when run by root, without whose rights most of what is left to attack falls away."""
    if os.geteuid() == 0:
        try:
            os.setgroups([])
            os.setresgid(_NOBODY, _NOBODY, _NOBODY)
            os.setresuid(_NOBODY, _NOBODY, _NOBODY)
        except OSError as error:  # a user namespace in which no other user exists
            return f"0 ({error.strerror})"
    return str(os.geteuid())


def _limit_resources(limits: Limits) -> str:
    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_FSIZE, 0)
    _lower(resource.RLIMIT_NOFILE, OPEN_FILES)
    if sys.platform != "linux":
        return "core fsize nofile cpu"
    # RLIMIT_DATA and not RLIMIT_AS: a mapped file is no memory used, however long, and reserved addresses neither.
    at_rest = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[_DATA_FIELD]) * resource.getpagesize()
    _lower(resource.RLIMIT_DATA, at_rest + limits.memory_bytes)
    # The kernel counts all threads of the user, who has at most as many as the system has now.
    running = int(Path("/proc/loadavg").read_text(encoding="ascii").split()[3].partition("/")[2])
    _lower(resource.RLIMIT_NPROC, running + THREADS)
    return "core fsize nofile cpu data nproc"


def _lower(which: int, value: int, *, soft_only: bool = False) -> None:
    """Set a limit, or leave the one in force where that is lower still."""
    _soft, hard = resource.getrlimit(which)
    if hard != resource.RLIM_INFINITY:
        value = min(value, hard)
    resource.setrlimit(which, (value, hard if soft_only else value))


def _filter_system_calls() -> str:
    linux.load_filter(build_filter(os.uname().machine, os.getpid()))
    return "yes"


def _layer(put_in_force: Callable[[], str], missing: str = "no") -> str:
    try:
        return put_in_force()
    except NotImplementedError as error:
        return f"{missing} ({error})"
    except OSError as error:
        return f"{missing} ({error.strerror})"


def _refused(attempt: Callable[[], None]) -> str:
    try:
        attempt()
    except OSError as error:
        return f"refused ({error.strerror})"
    return "possible"
