"""Archive walkers, one module for each reader; `safelight.media.archive` chooses."""
