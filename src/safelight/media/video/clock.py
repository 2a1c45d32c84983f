"""Sound times for packets: missing ones are made up, jumps are closed, impossible ones replaced."""

MICROSECOND = 1_000_000
"""Units of a second that times are counted in."""

_BACK = 0.5  # seconds that the order of decoding may go back
_AHEAD = 600.0  # and on, in one step: slide shows do such things
_REORDER = 10.0  # seconds between decoding and showing
_LONGEST = 600.0


class Clock:
    """Turns the stamps of successive packets into microseconds. `jumped` tells that some were not believed."""

    def __init__(self, unit: float, frame_seconds: float) -> None:
        self._unit = unit
        self._step = frame_seconds
        self._shift = 0.0
        self._last: float | None = None
        self.jumped = False

    def time(self, shown: int | None, decoded: int | None) -> int:
        """When a packet's frame is shown, from its stamps in units (either may be missing): microseconds."""
        order = self._order(shown if decoded is None else decoded)
        self._last = order
        if shown is None or not self._unit:
            return round(order * MICROSECOND)
        time = shown * self._unit + self._shift
        if abs(time - order) > _REORDER:
            self.jumped = True
            time = order
        return round(time * MICROSECOND)

    def span(self, units: int | None) -> int:
        """How long a frame is shown, from a packet's duration: microseconds."""
        seconds = (units or 0) * self._unit
        return round((seconds if 0 < seconds <= _LONGEST else self._step) * MICROSECOND)

    def _order(self, stamp: int | None) -> float:
        """When the packet is to be decoded: never much before the one before it, nor absurdly far behind it."""
        if stamp is None or not self._unit:
            return 0.0 if self._last is None else self._last + self._step
        order = stamp * self._unit + self._shift
        if self._last is None:
            self._shift = -order
            return 0.0
        if not -_BACK <= order - self._last <= _AHEAD:
            self.jumped = True
            expected = self._last + self._step
            self._shift += expected - order
            return expected
        return order
