"""Which system calls a worker may make: few, and of those that could do harm only with harmless arguments.

What is not listed fails with EPERM, so that a library that merely tries goes on without; what no decoder ever has a
reason to try ends the process. Nothing here opens, names or makes a file, a socket or a process. Numbers: the kernel's
`asm/unistd_64.h` for x86_64 and `asm-generic/unistd.h` for aarch64.
"""

import errno
from collections.abc import Iterator

from safelight.adapter.sandbox.bpf import AND, ANY_BIT, AT_LEAST, EQUAL, LOAD, RETURN, Label, Op, assemble

_ARCHITECTURES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}
"""AUDIT_ARCH_* of `linux/audit.h`, and the column of the tables below."""

_X32_BIT = 0x40000000

ALLOWED: dict[str, tuple[int, int | None]] = {
    # the open file and the socket
    "read": (0, 63),
    "readv": (19, 65),
    "pread64": (17, 67),
    "preadv": (295, 69),
    "write": (1, 64),
    "writev": (20, 66),
    "close": (3, 57),
    "lseek": (8, 62),
    "fstat": (5, 80),
    "fadvise64": (221, 223),
    "dup": (32, 23),
    "recvfrom": (45, 207),
    "recvmsg": (47, 212),
    "sendto": (44, 206),
    "poll": (7, None),
    "ppoll": (271, 73),
    # memory
    "munmap": (11, 215),
    "mremap": (25, 216),
    "madvise": (28, 233),
    "brk": (12, 214),
    "membarrier": (324, 283),
    # threads
    "futex": (202, 98),
    "futex_waitv": (449, 449),
    "set_robust_list": (273, 99),
    "rseq": (334, 293),
    "sched_yield": (24, 124),
    "sched_getaffinity": (204, 123),
    "getcpu": (309, 168),
    "gettid": (186, 178),
    "getpid": (39, 172),
    "exit": (60, 93),
    "exit_group": (231, 94),
    "restart_syscall": (219, 128),
    # own signals
    "rt_sigaction": (13, 134),
    "rt_sigprocmask": (14, 135),
    "rt_sigreturn": (15, 139),
    "sigaltstack": (131, 132),
    # clocks, randomness, facts about oneself
    "clock_gettime": (228, 113),
    "clock_getres": (229, 114),
    "clock_nanosleep": (230, 115),
    "nanosleep": (35, 101),
    "gettimeofday": (96, 169),
    "time": (201, None),
    "times": (100, 153),
    "getrusage": (98, 165),
    "getrandom": (318, 278),
    "sysinfo": (99, 179),
    "uname": (63, 160),
    "getuid": (102, 174),
    "geteuid": (107, 175),
    "getgid": (104, 176),
    "getegid": (108, 177),
}

DEADLY: dict[str, tuple[int, int]] = {
    "execve": (59, 221),
    "execveat": (322, 281),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "pidfd_getfd": (438, 438),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
}

_CLONE3 = (435, 435)
LIMITED: dict[str, tuple[int, int]] = {
    "mmap": (9, 222),
    "mprotect": (10, 226),
    "clone": (56, 220),
    "fcntl": (72, 25),
    "prctl": (157, 167),
    "prlimit64": (302, 261),
    "tgkill": (234, 131),
}

_PROT_EXEC = 4
_MAP_TYPE, _MAP_SHARED, _MAP_ANONYMOUS, _MAP_GROWSDOWN = 0x0F, 0x01, 0x20, 0x100
_CLONE_THREAD = 0x00010000
_CLONE_NEW = 0x7E020000  # every CLONE_NEW* flag of clone(2): namespaces
_F_DUPFD, _F_GETFD, _F_SETFD, _F_GETFL, _F_DUPFD_CLOEXEC = 0, 1, 2, 3, 1030
_PR_SET_NAME = 15
_RLIMIT_CPU = 0

_RET_ALLOW = 0x7FFF0000
_RET_ERRNO = 0x00050000
_RET_KILL_PROCESS = 0x80000000


def _argument(number: int, *, high: bool = False) -> Op:
    """Load half of an argument of the call (both architectures are little-endian)."""
    return Op(LOAD, 16 + 8 * number + (4 if high else 0))


def _limits(pid: int) -> Iterator[tuple[str, list[Op]]]:
    """For each call that is allowed with some arguments only: the test of its arguments."""
    # No new code: pages are never executable. No memory that RLIMIT_DATA does not count (shared, growing stacks).
    yield (
        "mmap",
        [
            _argument(2),
            Op(ANY_BIT, _PROT_EXEC, "deny"),
            _argument(3),
            Op(ANY_BIT, _MAP_GROWSDOWN, "deny"),
            Op(AND, _MAP_TYPE | _MAP_ANONYMOUS),
            Op(EQUAL, _MAP_SHARED | _MAP_ANONYMOUS, "deny", "allow"),
        ],
    )
    yield "mprotect", [_argument(2), Op(ANY_BIT, _PROT_EXEC, "deny", "allow")]
    # Threads, but no processes and no namespaces.
    yield "clone", [_argument(0), Op(AND, _CLONE_THREAD | _CLONE_NEW), Op(EQUAL, _CLONE_THREAD, "allow", "deny")]
    # No locks, leases, owners or signals on the user's files: F_SETLK, F_SETLEASE, F_SETOWN, F_NOTIFY ...
    harmless = (_F_DUPFD, _F_GETFD, _F_SETFD, _F_GETFL, _F_DUPFD_CLOEXEC)
    yield "fcntl", [_argument(1), *(Op(EQUAL, command, "allow") for command in harmless), Op(RETURN, _deny())]
    yield "prctl", [_argument(0), Op(EQUAL, _PR_SET_NAME, "allow", "deny")]
    # Its own limits may be read; the CPU limit may be set, anew for each file.
    yield (
        "prlimit64",
        [
            _argument(0),
            Op(EQUAL, 0, None, "deny"),
            _argument(1),
            Op(EQUAL, _RLIMIT_CPU, "allow"),
            _argument(2),
            Op(EQUAL, 0, None, "deny"),
            _argument(2, high=True),
            Op(EQUAL, 0, "allow", "deny"),
        ],
    )
    # abort(3) signals its own process.
    yield "tgkill", [_argument(0), Op(EQUAL, pid, "allow", "deny")]


def _deny(error: int = errno.EPERM) -> int:
    return _RET_ERRNO | error


def build_filter(machine: str, pid: int) -> bytes:
    """The filter as classic BPF.

    Args:
        machine: as from `os.uname().machine`.
        pid: the process that will be under it: the only one it may signal.

    Raises:
        NotImplementedError: a machine whose system calls are not listed here.
    """
    if machine not in _ARCHITECTURES:
        raise NotImplementedError(f"no list of system calls for {machine}")
    architecture, column = _ARCHITECTURES[machine]
    lines: list[Op | Label] = [
        Op(LOAD, 4),  # seccomp_data.arch: 32-bit calls of the same machine have other numbers
        Op(EQUAL, architecture, None, "kill"),
        Op(LOAD, 0),  # seccomp_data.nr
    ]
    if machine == "x86_64":
        lines.append(Op(AT_LEAST, _X32_BIT, "kill"))
    lines += [Op(EQUAL, numbers[column], "kill") for numbers in DEADLY.values()]
    # glibc then falls back to clone(2), whose flags can be looked at.
    lines.append(Op(EQUAL, _CLONE3[column], "unknown"))
    lines += [Op(EQUAL, number, "allow") for numbers in ALLOWED.values() if (number := numbers[column]) is not None]
    for name, test in _limits(pid):
        after = f"not {name}"
        lines += [Op(EQUAL, LIMITED[name][column], None, after), *test, Label(after)]
    lines += [
        Label("deny"),
        Op(RETURN, _deny()),
        Label("unknown"),
        Op(RETURN, _deny(errno.ENOSYS)),
        Label("kill"),
        Op(RETURN, _RET_KILL_PROCESS),
        Label("allow"),
        Op(RETURN, _RET_ALLOW),
    ]
    return assemble(lines)
