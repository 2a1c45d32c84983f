"""Finding, loading and holding decoders of marks (`ports.markers`): `list_plugins`, `check_names`, `load_decoders`."""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import EntryPoint

import numpy as np
from numpy.typing import NDArray

from safelight.detect.text import clean
from safelight.model.errors import PluginError, UsageError
from safelight.model.plugin import Plugin
from safelight.model.signal import Forgeable, Rule, RuleStatus, Says, Signal, SignalKind
from safelight.plugin.discovery import listed, load, naming, offered
from safelight.ports.markers import MarkerDecoder, MarkerReader, MarkerReading, MarkerState

GROUP = "safelight.markers"
"""Entry points of this group name a function without arguments that gives a `MarkerDecoder`."""

ALLOWED = frozenset({Says.AI_MADE, Says.AI_USED, Says.NOTHING})
"""What a mark may say. Only Safelight's own readers say more."""

TAKEN = frozenset({"sdxl", "flux", "sd1", "sd2", "failed", "undecided"})
"""Names whose signals (`marker_NAME`) are Safelight's own."""

_FIRST_SIDE = 256  # pixels of the grey picture that every decoder sees first
_MOST_FIGURES = 16
_FIGURE = re.compile(r"[a-z][a-z0-9_]{0,31}")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_LONGEST = 80
_LONGEST_DETAIL = 300


@dataclass(frozen=True, slots=True)
class Decoders:
    """What came of loading: decoders that work, in the order they were named, and those that could not be loaded."""

    readers: tuple[MarkerReader, ...]
    failed: tuple[PluginError, ...]


def list_plugins() -> list[Plugin]:
    """The decoders that installed packages offer, by name. Each is loaded and shown a grey picture."""
    return listed(GROUP, "marker", _open)


def check_names(names: Iterable[str]) -> None:
    """Nothing is loaded by this. Raises UsageError when no installed package offers one of these."""
    found = offered(GROUP)
    for name in names:
        if name not in found:
            known = ", ".join(sorted(found)) or "none"
            raise UsageError(detail=f"no marker plug-in {name!r} is installed; installed: {known}")


def load_decoders(names: Iterable[str]) -> Decoders:
    """Load these decoders; call it before the process is confined. One that cannot be loaded costs no other.

    Each decodes a grey picture of 256 x 256 pixels, so that what it loads when it is first used is loaded by then.
    """
    found = offered(GROUP)
    readers: list[MarkerReader] = []
    failed = []
    for name in dict.fromkeys(names):
        try:
            readers.append(_open(name, found.get(name, [])))
        except PluginError as error:
            failed.append(error)
    return Decoders(tuple(readers), tuple(failed))


class _Held:
    """A decoder at arm's length: its pixels are read-only, what it says is cleaned and bounded, what it raises told."""

    def __init__(self, name: str, decoder: MarkerDecoder) -> None:
        self.name = name
        self._decoder = decoder
        self._title = f"plug-in {name} {clean(decoder.version, _LONGEST)}"
        self._generator = clean(decoder.generator, _LONGEST)
        self._says = Says(decoder.says)
        self._forgeable = Forgeable(decoder.forgeable)
        source = clean(decoder.source, _LONGEST_DETAIL)
        self._rule = Rule(f"plugin-{name}", source, decoder.as_of, RuleStatus.UNVERIFIED)
        if not (self._generator and source):
            raise ValueError("generator and source must be told")
        if self._says not in ALLOWED:
            raise ValueError(f"a mark cannot say {self._says}")
        if not _DATE.fullmatch(decoder.as_of):
            raise ValueError("as_of must be an ISO date")

    def read(self, pixels: NDArray[np.uint8]) -> Signal | None:
        """See `ports.markers.MarkerReader`. A failure is a signal, too: else it would look like a mark's absence."""
        try:
            reading = self.ask(pixels)
        except PluginError as error:
            kind = str(error.details["cause"]).partition(":")[0]
            return self._signal("marker_failed", Says.NOTHING, f"{self._title} could not look at it: {kind}", {})
        if reading.state is MarkerState.ABSENT:
            return None
        told = f": {reading.detail}" if reading.detail else ""
        if reading.state is MarkerState.UNDECIDABLE:
            return self._signal("marker_undecided", Says.NOTHING, f"{self._title} cannot decide{told}", reading.figures)
        words = f"marker present, says {self._title}{told}; a mark is evidence, and proves nothing by itself"
        return self._signal(f"marker_{self.name}", self._says, words, reading.figures)

    def ask(self, pixels: NDArray[np.uint8]) -> MarkerReading:
        """The decoder's answer, cleaned. Raises PluginError."""
        shown = pixels.view()
        shown.flags.writeable = False
        with naming(self.name):
            given = self._decoder.decode(shown)
            if not isinstance(given, MarkerReading):
                raise TypeError(f"it answered with a {type(given).__name__}, which is no MarkerReading")
            return MarkerReading(
                MarkerState(given.state), _figures(given.figures), clean(str(given.detail), _LONGEST_DETAIL)
            )

    def _signal(self, name: str, says: Says, detail: str, figures: Mapping[str, float]) -> Signal:
        return Signal(
            name,
            detail,
            kind=SignalKind.MARKER,
            says=says,
            generator=self._generator,
            forgeable=self._forgeable,
            rule=self._rule,
            figures=dict(figures),
        )


def _open(name: str, entries: list[EntryPoint]) -> _Held:
    """The decoder of a name, ready for use. Raises PluginError."""
    if not entries:
        raise PluginError(name=name, cause="no installed package offers it")
    if name in TAKEN:
        raise PluginError(name=name, cause="this name is Safelight's own")
    open_decoder = load(name, entries)
    with naming(name):
        decoder = open_decoder()
        if not isinstance(decoder, MarkerDecoder):
            raise TypeError(f"it gave a {type(decoder).__name__}, which is no MarkerDecoder")
        held = _Held(name, decoder)
    held.ask(np.full((_FIRST_SIDE, _FIRST_SIDE, 3), 128, dtype=np.uint8))
    return held


def _figures(given: Mapping[str, float]) -> dict[str, float]:
    """The first figures, as finite numbers under plain names. Raises TypeError, ValueError."""
    figures: dict[str, float] = {}
    for name, value in list(given.items())[:_MOST_FIGURES]:
        if not _FIGURE.fullmatch(name):
            raise ValueError("a figure's name is 1 to 32 small letters, digits and `_`")
        if not math.isfinite(value):
            raise ValueError(f"the figure {name} is not finite")
        figures[name] = float(value)
    return figures
