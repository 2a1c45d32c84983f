"""The confined decoder: `python -m safelight.worker.decoder`, started by `adapter.sandbox` and by nothing else."""

from safelight.adapter.sandbox.zygote import main
from safelight.fingerprint import prints
from safelight.flow.examine import examine
from safelight.media import warm


def warm_up() -> None:
    """Load and compile whatever examining a file can need: a worker opens no file but that one."""
    warm.warm_up()
    prints.warm_up()


if __name__ == "__main__":
    main(examine, warm_up)
