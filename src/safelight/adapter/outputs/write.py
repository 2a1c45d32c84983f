"""Write the outputs of a scan."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import msgspec

from safelight.adapter.outputs.families import FamilyGathering
from safelight.adapter.outputs.staging import staged, storage_errors
from safelight.model.codec import to_json
from safelight.model.scan import ScanRow, ScanSummary
from safelight.report.html import render

LINES, COLUMNS, PAGE, SUMMARY = NAMES = ("results.jsonl", "results.parquet", "report.html", "summary.json")
"""The files, in the order in which they appear: who waits for the summary has them all."""


class FileOutputs:
    """`ports.ScanOutputs` in a folder, which is made when it is not there."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def write(self, rows: Callable[[], Iterator[ScanRow]], summary: ScanSummary) -> dict[str, str]:
        """Write the files of `NAMES` and return their paths by name.

        `rows` is called once for each file that lists rows and gives them in the same order each time; they are
        streamed, so that memory does not grow with their number. Earlier files of these names are replaced when all
        new ones are written and synced. Raises StorageError; what was there before then stays whole.
        """
        from safelight.adapter.outputs.parquet import write_parquet  # noqa: PLC0415 - pyarrow is needed only here

        folder = self._folder
        with storage_errors(folder):
            folder.mkdir(parents=True, exist_ok=True)
        families = FamilyGathering()
        with staged(folder, NAMES) as files:
            with storage_errors(folder / LINES):
                _write_lines(files[LINES], families.counted(rows()))
            with storage_errors(folder / COLUMNS):
                write_parquet(files[COLUMNS], families.gathered(rows()))
            with storage_errors(folder / PAGE):
                pieces = render(summary, rows(), families.shown(summary.started))
                files[PAGE].writelines(piece.encode() for piece in pieces)
            with storage_errors(folder / SUMMARY):
                files[SUMMARY].write(_summary_json(summary))
        return {name: str(folder / name) for name in NAMES}


def _write_lines(file: BinaryIO, rows: Iterable[ScanRow]) -> None:
    for row in rows:
        file.write(to_json(row))
        file.write(b"\n")


def _summary_json(summary: ScanSummary) -> bytes:
    """Indented JSON with a newline at its end; distances in the order of numbers, which `to_json` cannot write."""
    ordered = replace(summary, distances=dict(sorted(summary.distances.items())))
    return msgspec.json.format(msgspec.json.encode(ordered), indent=2) + b"\n"
