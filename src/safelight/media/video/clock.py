"""Sound times for packets: missing ones are made up, jumps are closed, impossible ones replaced."""

MICROSECOND = 1_000_000
"""Units of a second that times are counted in."""

_BACK = 0.5  # seconds that the order of decoding may go back in one step,
_BACK_SHOWN = 10.0  # and the order of showing, where that is all there is
_FAR = 600.0  # seconds between two frames, or between decoding one and showing it: slide shows do such things


class Clock:
    """Turns the stamps of successive packets into microseconds. `jumped` tells that some were not believed."""

    def __init__(self, unit: float, frame_seconds: float) -> None:
        self._unit = unit
        self._step = frame_seconds
        self._shift = 0.0
        self._last: float | None = None
        self._by_decoding = False
        self.jumped = False

    def time(self, shown: int | None, decoded: int | None) -> int:
        """When a packet's frame is shown, from its stamps in units (either may be missing): microseconds."""
        order = self._order(shown, decoded)
        self._last = order
        if shown is None or not self._unit:
            return round(order * MICROSECOND)
        time = shown * self._unit + self._shift
        if abs(time - order) > _FAR:
            self.jumped = True
            time = order
        return round(time * MICROSECOND)

    def span(self, units: int | None) -> int:
        """How long a frame is shown, from a packet's duration: microseconds."""
        seconds = (units or 0) * self._unit
        return round((seconds if 0 < seconds <= _FAR else self._step) * MICROSECOND)

    def _order(self, shown: int | None, decoded: int | None) -> float:
        """When the packet's turn is: never much before the one before it, nor absurdly far behind it."""
        stamp = shown if decoded is None else decoded
        if stamp is None or not self._unit:
            return 0.0 if self._last is None else self._last + self._step
        by_decoding, self._by_decoding = self._by_decoding, decoded is not None
        order = stamp * self._unit + self._shift
        if self._last is None:
            self._shift = -order
            return 0.0
        back = (_BACK if by_decoding else _BACK_SHOWN) if self._by_decoding == by_decoding else _FAR
        if not -back <= order - self._last <= _FAR:
            self.jumped = True
            expected = self._last + self._step
            self._shift += expected - order
            return expected
        return order
