"""Pixels and bytes to fingerprints: cryptographic digests and PDQ. Pure; one file per algorithm.

`prints` is the stage's front; `pdq_reference` is the slow, obvious PDQ that `pdq` is tested against.
"""
