"""The outside world: each package implements ports for one technology."""
