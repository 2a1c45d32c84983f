"""Where a picture differs from its source."""

from safelight.match.region.pixels import altered_region

__all__ = ["altered_region"]
