"""`safelight scan`."""

from collections.abc import Sequence
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from safelight.app import App
from safelight.cli.main import FOUND, NOTHING, UNCHECKED
from safelight.cli.progress import ShownProgress
from safelight.flow.lookup import Lookup
from safelight.flow.scan import ScanRequest
from safelight.flow.scan import scan as run_scan
from safelight.model.assessment import Artificialness
from safelight.model.codec import from_json
from safelight.model.decision import Outcome
from safelight.model.errors import InputError, UsageError
from safelight.model.scan import Depth, ScanSummary
from safelight.model.signal import SignalRequest

DEPTH = click.option(
    "--depth",
    type=click.Choice([depth.value for depth in Depth]),
    default=Depth.FULL.value,
    show_default=True,
    help="full: also trace by keypoints what hashes leave open, in banks that keep local features.",
)


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path())
@click.option("--bank", "-b", "banks", multiple=True, required=True, help="Bank to check against; repeatable.")
@click.option("--out", "-o", required=True, type=click.Path(path_type=Path), help="Folder for the results.")
@click.option("--processes", "-p", type=click.IntRange(1, 1024), help="Confined workers. Default: all processors.")
@click.option(
    "--thumbnails",
    type=click.Choice(["none", "blurred"]),
    default="none",
    show_default=True,
    help="Put a 16x16 mosaic of each picture into the results.",
)
@DEPTH
@click.option("--signals/--no-signals", default=True, help="Read how files were made: provenance, metadata, markers.")
@click.option("--hint", is_flag=True, help="Also ask the detector of AI-made pictures, for a hint.")
@click.option("--families/--no-families", default=True, help="Keep what belongs together for `safelight family`.")
@click.option("--restart", is_flag=True, help="Forget an interrupted scan in this folder and start over.")
@click.option("--quiet", "-q", is_flag=True, help="No progress and no table.")
@click.pass_obj
def scan(
    app: App,
    paths: tuple[str, ...],
    banks: tuple[str, ...],
    out: Path,
    processes: int | None,
    thumbnails: str,
    depth: str,
    signals: bool,
    hint: bool,
    families: bool,
    restart: bool,
    quiet: bool,
) -> None:
    """Check every file under PATHS against banks.

    Writes results.jsonl, results.parquet, summary.json, report.html and the masks of altered regions to the folder
    given by --out. Run the same command again after an interruption to go on where it stopped. Archives are looked
    into; links are not followed.
    """
    check_out(app, out, paths)
    journal = app.journal(out)
    if restart:
        journal.discard()
        journal = app.journal(out)
    processes = processes or app.settings.processes
    wanted = signal_request(signals=signals, hint=hint)
    request = ScanRequest(
        paths,
        app.own_files(out),
        processes,
        thumbnails=thumbnails == "blurred",
        signals=wanted,
        trust=app.trust.sha256 if wanted else "",
    )
    try:
        with (
            app.matcher(banks, Depth(depth), processes, out) as matcher,
            ShownProgress(quiet=quiet) as progress,
        ):
            need_banks(matcher.lookup, banks)
            summary, written = run_scan(
                request,
                matcher,
                app.examiner(processes, local=matcher.request is not None, signals=wanted, clips=True),
                journal,
                app.outputs(out),
                app.clock,
                progress,
                app.families if families else None,
                app.prompts(out),
            )
    except BaseException:
        journal.close()
        raise
    if not quiet:
        show_summary(summary, written, Console())
    raise SystemExit(exit_code(summary))


def signal_request(*, signals: bool, hint: bool) -> SignalRequest | None:
    """What to read of how files were made. Raises UsageError for a hint without signals."""
    if hint and not signals:
        raise UsageError(detail="--hint takes signals: leave out --no-signals")
    return SignalRequest(hint=hint) if signals else None


def check_out(app: App, out: Path, paths: Sequence[str]) -> None:
    """Raise InputError when writing to `out` could lead elsewhere, or hide a file that is to be scanned."""
    if out.is_symlink():
        raise InputError(path=out, cause="is a link; name the folder itself")
    if not any(out.resolve().is_relative_to(Path(path).resolve()) for path in paths):
        return
    held = [path.name for path in app.output_files(out) if path.exists()]
    try:
        from_json((out / "summary.json").read_bytes(), ScanSummary)
    except (OSError, ValueError) as error:
        if held:
            cause = f"lies in what is to be scanned and holds {held[0]}, which no scan left there; choose another --out"
            raise InputError(path=out, cause=cause) from error


def need_banks(lookup: Lookup, names: Sequence[str]) -> None:
    """Raise UsageError when nothing is left to check against: a scan that cannot find anything misleads."""
    if not lookup.banks:
        raise UsageError(
            detail=f"every bank named is disabled: {', '.join(names)}" if names else "there is no bank yet"
        )


def exit_code(summary: ScanSummary) -> int:
    """1 when something was found, else 3 when files could not be checked, else 0."""
    if summary.found:
        return FOUND
    return UNCHECKED if summary.by_outcome.get(Outcome.UNCHECKED) else NOTHING


_MEANING = {
    Outcome.KNOWN: "the very bytes of an entry",
    Outcome.NEAR: "within a bank's PDQ threshold of an entry",
    Outcome.DERIVED: "an altered picture that came from an entry's",
    Outcome.LEAD: "another picture of an entry's scene: a lead, not a find",
    Outcome.SUPPRESSED: "near an entry or derived from one, but a known-benign one explains it",
    Outcome.UNCHECKED: "could not be examined; each row says why",
    Outcome.PARTIAL: "nothing matched in what could be compared",
    Outcome.CLEAR: "nothing matched; not a statement about the content",
}


def show_summary(summary: ScanSummary, written: dict[str, str], console: Console) -> None:
    """The table a scan ends with."""
    table = Table(title=f"{summary.rows:,} files and archive members checked", title_justify="left")
    table.add_column("outcome")
    table.add_column("rows", justify="right")
    table.add_column("meaning")
    for outcome, meaning in _MEANING.items():
        count = summary.by_outcome.get(outcome, 0)
        style = "bold" if count and outcome in {Outcome.KNOWN, Outcome.NEAR, Outcome.DERIVED} else ""
        table.add_row(outcome.value, f"{count:,}", meaning, style=style)
    console.print(table)
    rate = summary.files / summary.seconds if summary.seconds else 0.0
    console.print(
        f"{summary.files:,} files, {summary.bytes / 1e6:,.1f} MB, {summary.duplicates:,} duplicates, "
        f"{summary.seconds:,.1f} s ({rate:,.0f} files/s, {summary.processes} workers)",
        highlight=False,
    )
    told = [f"{n:,} {word}" for word, n in summary.by_artificialness.items() if word != Artificialness.UNKNOWN]
    if told:
        console.print(f"how files were made, as far as anything says so: {', '.join(told)}", highlight=False)
    for name, path in written.items():
        console.print(f"{name}: {path}", highlight=False, soft_wrap=True, markup=False)
