"""The files that a scan leaves in its output folder: results.jsonl, results.parquet, summary.json, report.html."""

from safelight.adapter.outputs.write import NAMES, FileOutputs

__all__ = ["NAMES", "FileOutputs"]
