"""`ports.Progress` for people: a bar with rate and remaining time, or without a terminal a plain line now and then."""

import time
from types import TracebackType
from typing import Self

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

PLAIN_SECONDS = 10.0
"""Without a terminal (CI, cron), one line at most this often."""


class ShownProgress:
    """Progress on stderr; a context manager. Silent when `quiet`."""

    def __init__(self, *, quiet: bool = False, unit: str = "files") -> None:
        self._quiet = quiet
        self._unit = unit
        self._total = self._files = self._first = self._bytes = self._found = 0
        self._began = self._said = time.monotonic()
        console = Console(stderr=True)
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=None),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeElapsedColumn(),
            TextColumn("eta"),
            TimeRemainingColumn(),
            TextColumn("[bold]{task.fields[found]} found"),
            console=console,
            disable=quiet or not console.is_terminal,
        )
        self._plain = not quiet and not console.is_terminal
        self._task = self._bar.add_task("examining", total=None, rate="", found=0)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def start(self, total: int, done: int) -> None:
        """Know the whole."""
        self._total, self._files, self._first = total, done, done
        self._began = self._said = time.monotonic()
        self._bar.update(self._task, total=total, completed=done)
        if done and not self._quiet:
            click.echo(f"taking up an interrupted run: {done:,} of {total:,} {self._unit} are done", err=True)

    def advance(self, files: int, size: int, found: int) -> None:
        """Count."""
        self._files += files
        self._bytes += size
        self._found += found
        elapsed = max(time.monotonic() - self._began, 1e-6)
        rate = f"{(self._files - self._first) / elapsed:,.0f} {self._unit}/s, {self._bytes / elapsed / 1e6:,.0f} MB/s"
        self._bar.update(self._task, completed=self._files, rate=rate, found=self._found)
        if self._plain and time.monotonic() - self._said > PLAIN_SECONDS:
            self._said = time.monotonic()
            left = (self._total - self._files) * elapsed / max(self._files - self._first, 1)
            line = f"{self._files:,} of {self._total:,} {self._unit}, {rate}, about {left:,.0f} s left"
            click.echo(f"{line}, {self._found} found", err=True)
