"""Fingerprints against banks: radius search, chance, matches. Pure."""
