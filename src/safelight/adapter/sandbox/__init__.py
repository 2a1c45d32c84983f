"""Confined decoders: the scanning process never parses what it scans. See docs/confinement.md."""

from safelight.adapter.sandbox.examiner import SandboxExaminer

__all__ = ["SandboxExaminer"]
