"""Each layer alone, in a process of its own: in the workers one hides the other."""

import subprocess
import sys
from textwrap import dedent

import pytest

from safelight.adapter.sandbox import linux

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Landlock and seccomp are parts of Linux")

PRELUDE = """
import errno, os, socket, sys
from safelight.adapter.sandbox import linux
from safelight.adapter.sandbox.seccomp import build_filter

def attempt(action):
    try:
        action()
    except OSError as error:
        return errno.errorcode[error.errno]
    return "done"

linux.prctl(linux.PR_SET_NO_NEW_PRIVS, 1)
"""


def run(script: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", PRELUDE + dedent(script)], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


@pytest.fixture
def abi() -> int:
    try:
        return linux.landlock_abi()
    except OSError as error:
        pytest.skip(f"this kernel has no Landlock: {error.strerror}")


def test_landlock_alone_refuses_files_and_keeps_open_ones(abi: int) -> None:
    said = run("""
        kept = os.open("/etc/passwd", os.O_RDONLY)
        print(linux.landlock_everything())
        print(attempt(lambda: os.open("/etc/passwd", os.O_RDONLY)))
        print(attempt(lambda: os.open("/dev/null", os.O_WRONLY)))
        print(attempt(lambda: os.listdir("/")))
        print(attempt(lambda: os.mkdir("/safelight-was-here")))
        print(attempt(lambda: os.execv("/bin/true", ["true"])))
        print(len(os.read(kept, 1)))
    """)
    assert said == [str(abi), "EACCES", "EACCES", "EACCES", "EACCES", "EACCES", "1"]


def test_landlock_alone_refuses_what_newer_kernels_can(abi: int) -> None:
    if abi < 6:
        pytest.skip(f"this kernel's Landlock (ABI {abi}) knows no network or scopes")
    said = run("""
        linux.landlock_everything()
        print(attempt(lambda: socket.socket().bind(("127.0.0.1", 0))))
        print(attempt(lambda: socket.socket().connect(("127.0.0.1", 9))))
        print(attempt(lambda: os.kill(os.getppid(), 0)))
    """)
    assert said == ["EACCES", "EACCES", "EPERM"]


def test_seccomp_alone_refuses_files_and_sockets() -> None:
    said = run("""
        try:
            linux.load_filter(build_filter(os.uname().machine, os.getpid()))
        except (OSError, NotImplementedError) as error:
            print("absent", str(error).replace(" ", "_"))
            sys.exit()
        print(attempt(lambda: os.open("/etc/passwd", os.O_RDONLY)))
        print(attempt(socket.socket))
        print(attempt(os.fork))
    """)
    if said[0] == "absent":
        pytest.skip(f"this kernel does not filter system calls: {said[1]}")
    assert said == ["EPERM", "EPERM", "EPERM"]


def test_errors_of_the_kernel_come_as_oserror() -> None:
    with pytest.raises(OSError, match="Invalid argument"):
        linux.prctl(linux.PR_SET_NO_NEW_PRIVS, 2)
    with pytest.raises(OSError, match=r"Invalid argument|Permission denied|Function not implemented"):
        linux.load_filter(b"")
