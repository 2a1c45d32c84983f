"""`safelight` as users run it, in a process of its own, but for the second that each would take to load its modules.

One process loads them and forks for each command; what is forked then does what `python -m safelight` does, and ends as
that does. Nothing is opened or configured before the fork.
"""

import atexit
import json
import os
import runpy
import select
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

_ROOT = Path(__file__).parents[2]
_HEAVY = (
    "PIL.Image",
    "cryptography.hazmat.primitives.ciphers.aead",
    "cv2",
    "django.db.models",
    "jinja2",
    "numba",
    "numpy",
    "pandas",
    "pyarrow.parquet",
    "rich.progress",
    "safelight.app",
)
"""What commands load once they are at work."""


class Forks:
    """The process that forks; it is started with the first command."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def run(self, arguments: list[str], environ: dict[str, str], timeout: float) -> tuple[int, str, str]:
        """The exit code, and what a command printed on both streams. Raises TimeoutError, after killing it."""
        with TemporaryDirectory() as place:
            out, err = Path(place, "out"), Path(place, "err")
            asked = {
                "arguments": arguments,
                "environ": environ,
                "cwd": str(Path.cwd()),
                "out": str(out),
                "err": str(err),
            }
            code = self._ask(asked, timeout)
            return code, out.read_text("utf-8"), err.read_text("utf-8")

    def _ask(self, asked: dict[str, Any], timeout: float) -> int:
        if self._process is None:
            words = [sys.executable, "-m", "tests.cli.forked"]
            # Not in the working folder of the test that comes first, where there may be no `tests`.
            self._process = subprocess.Popen(
                words, cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, process_group=0
            )
            atexit.register(self.close)
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(asked).encode() + b"\n")
        self._process.stdin.flush()
        if not select.select([self._process.stdout], [], [], timeout)[0]:
            os.killpg(self._process.pid, 9)
            self.close()
            raise TimeoutError(f"safelight {' '.join(asked['arguments'])}")
        return int(self._process.stdout.readline())

    def close(self) -> None:
        if self._process is not None:
            self._process.communicate()
            self._process = None


def _load() -> None:
    from safelight.cli import main

    main._take_no_settings_from_the_working_folder()  # before numba is there
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as `main` has it
    for command in main.COMMANDS.values():
        import_module(command.partition(":")[0])
    for name in _HEAVY:
        import_module(name)


def _become(asked: dict[str, Any]) -> None:
    """Be the command, to its end: `safelight` exits."""
    os.chdir(asked["cwd"])
    os.environ.clear()
    os.environ.update(asked["environ"])
    for stream, path in ((0, os.devnull), (1, asked["out"]), (2, asked["err"])):
        opened = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        os.dup2(opened, stream)
        os.close(opened)
    sys.argv[1:] = asked["arguments"]
    runpy.run_module("safelight", run_name="__main__", alter_sys=True)


def _serve() -> None:
    _load()
    asking, answers = os.dup(0), os.dup(1)
    for fd in (asking, answers):
        os.set_inheritable(fd, False)
    with os.fdopen(asking, "rb") as lines:
        while line := lines.readline():
            if not (child := os.fork()):
                os.close(answers)
                _become(json.loads(line))
                return
            code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            os.write(answers, b"%d\n" % code)


if __name__ == "__main__":
    _serve()
