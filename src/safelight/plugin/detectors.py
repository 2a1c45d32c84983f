"""Finding, loading and holding detectors that look at pixels (`ports.hinting`): `list_plugins`, `load_detector`."""

import math
import re
from collections.abc import Sequence
from importlib.metadata import EntryPoint

import numpy as np
from numpy.typing import NDArray

from safelight.detect.text import clean
from safelight.model.errors import PluginError, UsageError
from safelight.model.hint import Hint, HintVerdict
from safelight.model.plugin import Plugin
from safelight.plugin.discovery import listed, load, naming, offered
from safelight.ports.hinting import Detector

GROUP = "safelight.detectors"
"""Entry points of this group name a function without arguments that gives a `Detector`."""

_FIRST_SIDE = 256  # pixels of the grey picture that every detector sees first
_DIGEST = re.compile(r"[0-9a-f]{64}")
_LONGEST_NAME = 80
_LONGEST_REASON = 300


def list_plugins() -> list[Plugin]:
    """The detectors that installed packages offer, by name. Each is loaded and shown a grey picture."""
    return listed(GROUP, "detector", _open)


def check_name(name: str) -> None:
    """Nothing is loaded by this. Raises UsageError when no installed package offers it."""
    found = offered(GROUP)
    if name not in found:
        known = ", ".join(sorted(found)) or "none"
        raise UsageError(detail=f"no detector plug-in {name!r} is installed; installed: {known}")


def load_detector(name: str) -> Detector:
    """The detector of that name; call it before the process is confined.

    It judges a grey picture of 256 x 256 pixels, so that what it loads when it is first used is loaded by then.

    Raises:
        UsageError: no installed package offers it.
        PluginError: it cannot be loaded, or fails.
    """
    check_name(name)
    return _open(name, offered(GROUP)[name])


class _Held:
    """A detector at arm's length: its pixels are read-only, what it says is checked and bounded."""

    def __init__(self, name: str, detector: Detector) -> None:
        self.name = clean(str(detector.name), _LONGEST_NAME)
        self.card = str(detector.card)
        self._plugin = name
        self._detector = detector
        if not self.name:
            raise ValueError("it must have a name and version")
        if not _DIGEST.fullmatch(self.card):
            raise ValueError("card must be the SHA-256 of its model card, in small hexadecimal digits")

    def judge(self, frames: Sequence[NDArray[np.uint8]], mime: str) -> Hint:
        """See `ports.hinting.Detector`. One that fails has abstained, and says so."""
        try:
            return self.ask(frames, mime)
        except PluginError as error:
            kind = str(error.details["cause"]).partition(":")[0]
            return self._hint(HintVerdict.INCONCLUSIVE, None, f"the detector could not look at it: {kind}")

    def ask(self, frames: Sequence[NDArray[np.uint8]], mime: str) -> Hint:
        """Its answer, checked. Raises PluginError."""
        shown = [frame.view() for frame in frames]
        for frame in shown:
            frame.flags.writeable = False
        with naming(self._plugin):
            given = self._detector.judge(shown, mime)
            if not isinstance(given, Hint):
                raise TypeError(f"it answered with a {type(given).__name__}, which is no Hint")
            score = None if given.score is None else float(given.score)
            if score is not None and not (math.isfinite(score) and 0 <= score <= 1):
                raise ValueError("a score is calibrated: 0 to 1")
            return self._hint(HintVerdict(given.verdict), score, str(given.reason))

    def _hint(self, verdict: HintVerdict, score: float | None, reason: str) -> Hint:
        return Hint(self.name, self.card, verdict, score, clean(reason, _LONGEST_REASON))


def _open(name: str, entries: list[EntryPoint]) -> _Held:
    """The detector of a name, ready for use. Raises PluginError."""
    open_detector = load(name, entries)
    with naming(name):
        detector = open_detector()
        if not isinstance(detector, Detector):
            raise TypeError(f"it gave a {type(detector).__name__}, which is no Detector")
        held = _Held(name, detector)
    held.ask([np.full((_FIRST_SIDE, _FIRST_SIDE, 3), 128, dtype=np.uint8)], "image/png")
    return held
