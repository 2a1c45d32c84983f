"""Names that sort by the time at which they were given."""

import secrets
import threading
from uuid import UUID

from safelight.ports import Clock

_TAIL_BITS = 74
_STEP_BITS = 32


class TimeIds:
    """`ports.Ids`: UUID version 7 (RFC 9562, section 5.7), always rising within a process (its section 6.2, method 2).

    All bits besides the time are random at the first name of a millisecond; each further one adds a random step.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._last = 0

    def new(self) -> str:
        """The next name, from any thread."""
        now = int(self._clock.now().timestamp() * 1000)
        with self._lock:
            # Time and tail as one number: a tail that overflows borrows the next millisecond, and a clock that is
            # set back is waited for.
            fresh = now << _TAIL_BITS | secrets.randbits(_TAIL_BITS)
            same = now <= self._last >> _TAIL_BITS
            self._last = self._last + 1 + secrets.randbits(_STEP_BITS) if same else fresh
            number = self._last
        milliseconds, tail = number >> _TAIL_BITS, number & ((1 << _TAIL_BITS) - 1)
        high, low = tail >> 62, tail & ((1 << 62) - 1)
        return str(UUID(int=milliseconds << 80 | 7 << 76 | high << 64 | 2 << 62 | low))
