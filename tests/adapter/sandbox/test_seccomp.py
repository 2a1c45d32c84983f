"""The filter is run by a small interpreter here, so that that of every architecture is tested on each."""

import errno
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.adapter.sandbox.seccomp import build_filter

ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
ALLOW, KILL = 0x7FFF0000, 0x80000000
EPERM, ENOSYS = 0x00050000 | errno.EPERM, 0x00050000 | errno.ENOSYS
PID = 4711

# Numbers of the system calls in the two tables of the kernel.
NUMBERS = {
    "x86_64": {"mmap": 9, "mprotect": 10, "clone": 56, "clone3": 435, "fcntl": 72, "prctl": 157, "prlimit64": 302}
    | {"tgkill": 234, "execve": 59, "ptrace": 101, "openat": 257, "socket": 41, "kill": 62, "read": 0, "futex": 202}
    | {"newfstatat": 262, "fstat": 5, "ioctl": 16, "sendmsg": 46, "unshare": 272, "mount": 165, "setuid": 105},
    "aarch64": {"mmap": 222, "mprotect": 226, "clone": 220, "clone3": 435, "fcntl": 25, "prctl": 167, "prlimit64": 261}
    | {"tgkill": 131, "execve": 221, "ptrace": 117, "openat": 56, "socket": 198, "kill": 129, "read": 63, "futex": 98}
    | {"newfstatat": 79, "fstat": 80, "ioctl": 29, "sendmsg": 211, "unshare": 97, "mount": 40, "setuid": 146},
}


def run(program: bytes, number: int, arguments: tuple[int, ...] = (), architecture: int = 0) -> int:
    """What the kernel would do with a call: classic BPF over `struct seccomp_data`."""
    padded = (*arguments, *[0] * 6)[:6]
    data = struct.pack("<IIQ6Q", number, architecture, 0, *padded)
    code = list(struct.iter_unpack("=HBBI", program))
    at, accumulator = 0, 0
    while True:
        operation, yes, no, value = code[at]
        at += 1
        match operation:
            case 0x20:
                (accumulator,) = struct.unpack_from("<I", data, value)
            case 0x54:
                accumulator &= value
            case 0x15:
                at += yes if accumulator == value else no
            case 0x35:
                at += yes if accumulator >= value else no
            case 0x45:
                at += yes if accumulator & value else no
            case 0x06:
                return int(value)
            case _:
                raise AssertionError(operation)


@pytest.fixture(params=["x86_64", "aarch64"])
def machine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def outcome(machine: str, call: str, *arguments: int) -> int:
    return run(build_filter(machine, PID), NUMBERS[machine][call], arguments, ARCHITECTURES[machine])


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("read", ALLOW),
        ("futex", ALLOW),
        ("fstat", ALLOW),
        ("openat", EPERM),
        ("newfstatat", EPERM),
        ("socket", EPERM),
        ("sendmsg", EPERM),
        ("kill", EPERM),
        ("ioctl", EPERM),
        ("unshare", EPERM),
        ("mount", EPERM),
        ("setuid", EPERM),
        ("clone3", ENOSYS),
        ("execve", KILL),
        ("ptrace", KILL),
    ],
)
def test_calls_by_name(machine: str, call: str, expected: int) -> None:
    assert outcome(machine, call) == expected


@pytest.mark.parametrize(
    ("call", "arguments", "expected"),
    [
        ("mmap", (0, 4096, 1 | 2, 0x22), ALLOW),  # private anonymous memory
        ("mmap", (0, 4096, 1, 0x01), ALLOW),  # a shared mapping of a file
        ("mmap", (0, 4096, 1 | 4, 0x22), EPERM),
        ("mmap", (0, 4096, 1 | 2, 0x21), EPERM),  # shared anonymous
        ("mmap", (0, 4096, 1 | 2, 0x122), EPERM),  # a growing stack
        ("mprotect", (0, 4096, 1 | 2), ALLOW),
        ("mprotect", (0, 4096, 4), EPERM),
        ("clone", (0x3D0F00,), ALLOW),  # what pthread_create asks for
        ("clone", (17,), EPERM),  # fork
        ("clone", (0x00010000 | 0x20000000,), EPERM),  # a thread in a new PID namespace
        ("fcntl", (3, 3), ALLOW),  # F_GETFL
        ("fcntl", (3, 1030), ALLOW),  # F_DUPFD_CLOEXEC
        ("fcntl", (3, 4), EPERM),  # F_SETFL
        ("fcntl", (3, 6), EPERM),  # F_SETLK
        ("fcntl", (3, 8), EPERM),  # F_SETOWN
        ("prctl", (15,), ALLOW),  # PR_SET_NAME
        ("prctl", (22,), EPERM),  # PR_SET_SECCOMP
        ("prctl", (4, 1), EPERM),  # PR_SET_DUMPABLE
        ("prlimit64", (0, 0, 1 << 40), ALLOW),  # RLIMIT_CPU of oneself
        ("prlimit64", (0, 7, 0), ALLOW),  # reading
        ("prlimit64", (0, 7, 1 << 40), EPERM),
        ("prlimit64", (0, 7, 1), EPERM),
        ("prlimit64", (1, 0, 0), EPERM),  # of another process
        ("tgkill", (PID, PID, 6), ALLOW),
        ("tgkill", (PID + 1, PID + 1, 6), EPERM),
    ],
)
def test_calls_by_argument(machine: str, call: str, arguments: tuple[int, ...], expected: int) -> None:
    assert outcome(machine, call, *arguments) == expected


def test_calls_of_another_architecture_end_the_process(machine: str) -> None:
    assert run(build_filter(machine, PID), 0, (), 0x40000003) == KILL  # 32-bit calls on x86_64 have this one


@given(st.integers(0x40000000, 0xFFFFFFFF))
def test_x32_calls_end_the_process(number: int) -> None:
    assert run(build_filter("x86_64", PID), number, (), ARCHITECTURES["x86_64"]) == KILL


@pytest.mark.parametrize(("name", "allowed", "killed"), [("x86_64", 52, 10), ("aarch64", 50, 10)])
def test_nothing_else_is_allowed(name: str, allowed: int, killed: int) -> None:
    """With arguments of zero; a change of this number is a change of what an attacker can do."""
    program = build_filter(name, PID)
    outcomes = [run(program, number, (), ARCHITECTURES[name]) for number in range(1024)]
    conditional = 4  # mmap, mprotect, fcntl and prlimit64 are harmless with arguments of zero
    assert outcomes.count(ALLOW) == allowed + conditional
    assert outcomes.count(KILL) == killed
    assert outcomes.count(ENOSYS) == 1
    assert outcomes.count(EPERM) == 1024 - allowed - conditional - killed - 1


def test_a_machine_without_a_table_is_said_to_be_one() -> None:
    with pytest.raises(NotImplementedError, match="no list of system calls for riscv64"):
        build_filter("riscv64", PID)
