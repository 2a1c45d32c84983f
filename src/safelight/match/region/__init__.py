"""The altered region: where a suspect picture differs from its known source. Pure."""

from safelight.match.region.pixels import altered_region

__all__ = ["altered_region"]
