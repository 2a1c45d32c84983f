"""The examiner's maps: JPEG ghosts, noise level, double quantisation, grid. Drawn on demand; no score, no verdict."""

from safelight.detect.maps.draw import draw_maps

__all__ = ["draw_maps"]
