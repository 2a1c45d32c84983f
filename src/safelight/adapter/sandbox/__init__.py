"""Confined decoders: the scanning process never parses what it scans. See docs/confinement.md."""

from safelight.adapter.sandbox.examiner import Abilities, SandboxExaminer
from safelight.adapter.sandbox.standing import StandingSandbox

__all__ = ["Abilities", "SandboxExaminer", "StandingSandbox"]
