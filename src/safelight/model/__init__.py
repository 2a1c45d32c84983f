"""Frozen values that every part speaks. No behaviour beyond reading them; no I/O."""
