"""A child process does not outlive the one that started it, however that ended."""

import ctypes
import os
import signal

PARENT = "SAFELIGHT_PARENT"
"""Variable that tells a child the number of the process that started it."""
_PR_SET_PDEATHSIG = 1


def hold() -> None:
    """Have the kernel kill this process when its parent has died; see PR_SET_PDEATHSIG in prctl(2).

    Killing is safe here at any point: all that counts is in transactions, and jobs are run again. Also lets in the
    signals that the parent keeps for itself.
    """
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.environ.pop(PARENT, str(os.getppid())) != str(os.getppid()):
        os._exit(1)  # it died before the line above
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
