"""The confined decoder: `python -m safelight.worker.decoder`, started by `adapter.sandbox` and by nothing else.

Arguments: `--local` when local features or pixels will be asked for; `--clip` when clips of videos; `--signals` when
signals will be, with `--trust=FOLDER` of the user's trust lists, `--trusted=SHA256` of the list that must come of
them, `--markers=NAME,NAME` of plug-ins, and `--hint=NAME` for a detector (without a name: Safelight's own).
"""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from safelight.adapter.sandbox.protocol import CLIP_FLAG, LOCAL_FLAG, SIGNALS_FLAG
from safelight.adapter.sandbox.zygote import main
from safelight.fingerprint import prints
from safelight.flow.examine import examine
from safelight.media import warm
from safelight.model.errors import InputError
from safelight.model.scan import Examination
from safelight.model.signal import Signal, SignalKind

if TYPE_CHECKING:
    from safelight.flow.signals import SignalTools
    from safelight.ports import Detector

TRUST_FLAG = "--trust="
TRUSTED_FLAG = "--trusted="
MARKERS_FLAG = "--markers="
HINT_FLAG = "--hint="


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
        if {LOCAL_FLAG, SIGNALS_FLAG, CLIP_FLAG} & set(self._arguments):
            _keep_to_one_thread()
        if LOCAL_FLAG in self._arguments:
            from safelight.flow import local  # noqa: PLC0415 - imports OpenCV

            local.warm_up()
        if CLIP_FLAG in self._arguments:
            from safelight.flow import clip  # noqa: PLC0415 - loads FFmpeg and OpenCV

            clip.warm_up()
        if SIGNALS_FLAG in self._arguments:
            self._tools = _signal_tools(self._arguments)


def _keep_to_one_thread() -> None:
    """A process with threads cannot be forked safely, and one worker is one core's work."""
    import cv2  # noqa: PLC0415 - costs time and memory that scans by hashes alone do without

    cv2.setNumThreads(1)


def _signal_tools(arguments: Sequence[str]) -> "SignalTools":
    from safelight.adapter.trust import load_trust  # noqa: PLC0415 - only where signals are read
    from safelight.flow import signals  # noqa: PLC0415 - the same
    from safelight.plugin.markers import Decoders, load_decoders  # noqa: PLC0415 - the same

    folder, names = _value(arguments, TRUST_FLAG), _value(arguments, MARKERS_FLAG)
    readers = load_decoders(names.split(",")) if names else Decoders((), ())
    failed = tuple(
        Signal("marker_failed", f"plug-in {error.details['name']} could not be loaded", SignalKind.MARKER)
        for error in readers.failed
    )
    detector = None
    if any(word.startswith(HINT_FLAG) for word in arguments):
        detector = _detector(_value(arguments, HINT_FLAG))
    trust, expected = load_trust(Path(folder) if folder else None), _value(arguments, TRUSTED_FLAG)
    if expected not in {"", trust.sha256}:
        raise InputError(path=folder, cause="the trust list was changed meanwhile")  # one scan judges by one list
    tools = signals.SignalTools(trust, detector, readers.readers, failed)
    signals.warm_up(tools)
    return tools


def _detector(name: str) -> "Detector | None":
    if name:
        from safelight.plugin import detectors  # noqa: PLC0415 - only where one is asked for

        return detectors.load_detector(name)
    from safelight.adapter.hint import load_detector  # noqa: PLC0415 - loads the ONNX runtime

    return load_detector()


def _value(arguments: Sequence[str], flag: str) -> str:
    return next((word.removeprefix(flag) for word in arguments if word.startswith(flag)), "")


if __name__ == "__main__":
    decoder = Decoder(sys.argv[1:])
    main(decoder, decoder.warm_up)
