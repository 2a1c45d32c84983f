"""The wiring: the only place that chooses adapters. Each is built when first asked for.

Imports are inside the methods on purpose: `safelight hash` must not wait for Django, nor `safelight bank list` for
the decoders.
"""

from safelight.app.closing import Closing

__all__ = ["App"]


class App(Closing):
    """Everything a face needs, from settings. Its parts: `Stores`, `Matching`, `Files`, `Service`, `Closing`."""
