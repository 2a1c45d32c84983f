"""The detector behind the synthetic hint. See docs/hint.md."""

from safelight.adapter.hint.detector import HintDetector, check_detector, load_detector

__all__ = ["HintDetector", "check_detector", "load_detector"]
