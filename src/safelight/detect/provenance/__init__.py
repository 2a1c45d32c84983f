"""Declared provenance: C2PA manifests. What is declared, what is valid and what is trusted are three answers."""

from safelight.detect.provenance.read import read_provenance, warm_up

__all__ = ["read_provenance", "warm_up"]
