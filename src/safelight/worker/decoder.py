"""The confined decoder: `python -m safelight.worker.decoder`, started by `adapter.sandbox` and by nothing else."""

import sys

from safelight.adapter.sandbox.protocol import LOCAL_FLAG
from safelight.adapter.sandbox.zygote import main
from safelight.fingerprint import prints
from safelight.flow.examine import examine
from safelight.media import warm


def warm_up() -> None:
    """Load and compile whatever examining a file can need: a worker opens no file but that one."""
    warm.warm_up()
    prints.warm_up()
    if LOCAL_FLAG in sys.argv:
        _warm_up_for_a_closer_look()


def _warm_up_for_a_closer_look() -> None:
    import cv2  # noqa: PLC0415 - costs time and memory that scans by hashes alone do without

    from safelight.flow import local  # noqa: PLC0415 - imports OpenCV

    cv2.setNumThreads(1)  # a process with threads cannot be forked safely, and one worker is one core's work
    local.warm_up()


if __name__ == "__main__":
    main(examine, warm_up)
