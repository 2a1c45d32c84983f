"""The confined decoder: `python -m safelight.worker.decoder`, started by `adapter.sandbox` and by nothing else.

Arguments: `--local` when local features or pixels will be asked for; `--signals` when signals will be, with
`--trust=FOLDER` of the user's trust lists and `--hint` for the detector.
"""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from safelight.adapter.sandbox.protocol import LOCAL_FLAG, SIGNALS_FLAG
from safelight.adapter.sandbox.zygote import main
from safelight.fingerprint import prints
from safelight.flow.examine import examine
from safelight.media import warm
from safelight.model.scan import Examination

if TYPE_CHECKING:
    from safelight.flow.signals import SignalTools

TRUST_FLAG = "--trust="
HINT_FLAG = "--hint"


class Decoder:
    """Examines files, with what the arguments ask for made ready before the first."""

    def __init__(self, arguments: Sequence[str]) -> None:
        self._arguments = arguments
        self._tools: SignalTools | None = None

    def __call__(self, *given: Any, **named: Any) -> Iterator[Examination]:  # noqa: ANN401 - the handler's own, unseen
        """As `flow.examine.examine`."""
        return examine(*given, tools=self._tools, **named)

    def warm_up(self) -> None:
        """Load and compile whatever examining a file can need: a worker opens no file but that one."""
        warm.warm_up()
        prints.warm_up()
        if LOCAL_FLAG in self._arguments or SIGNALS_FLAG in self._arguments:
            _keep_to_one_thread()
        if LOCAL_FLAG in self._arguments:
            from safelight.flow import local  # noqa: PLC0415 - imports OpenCV

            local.warm_up()
        if SIGNALS_FLAG in self._arguments:
            self._tools = _signal_tools(self._arguments)


def _keep_to_one_thread() -> None:
    """A process with threads cannot be forked safely, and one worker is one core's work."""
    import cv2  # noqa: PLC0415 - costs time and memory that scans by hashes alone do without

    cv2.setNumThreads(1)


def _signal_tools(arguments: Sequence[str]) -> "SignalTools":
    from safelight.adapter.trust import load_trust  # noqa: PLC0415 - only where signals are read
    from safelight.flow import signals  # noqa: PLC0415 - the same

    folder = next((word.removeprefix(TRUST_FLAG) for word in arguments if word.startswith(TRUST_FLAG)), None)
    detector = None
    if HINT_FLAG in arguments:
        from safelight.adapter.hint import load_detector  # noqa: PLC0415 - loads the ONNX runtime

        detector = load_detector()
    tools = signals.SignalTools(load_trust(Path(folder) if folder else None), detector)
    signals.warm_up(tools)
    return tools


if __name__ == "__main__":
    decoder = Decoder(sys.argv[1:])
    main(decoder, decoder.warm_up)
