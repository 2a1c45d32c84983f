"""Marks hidden in pixels by programs that make pictures, as far as their decoders are public."""

from safelight.detect.markers.dwt_dct import warm_up
from safelight.detect.markers.signals import read_markers
from safelight.detect.markers.stealth import Stealth, read_stealth
from safelight.detect.markers.worth import worth_decoding

__all__ = ["Stealth", "read_markers", "read_stealth", "warm_up", "worth_decoding"]
