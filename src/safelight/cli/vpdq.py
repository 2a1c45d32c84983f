"""`safelight vpdq`: videos to and from those who use vPDQ, the open standard."""

import json
import sys
from pathlib import Path

import click

from safelight.app import App
from safelight.cli.bank_log import growing
from safelight.cli.main import FOUND, NOTHING
from safelight.flow.vpdq import HashedVideo, add_frame_lists, frames_of_entry, hash_video, read_frames
from safelight.flow.walk import display
from safelight.match.vpdq import DISTANCE, QUALITY, QUERY_PERCENT, vpdq_match
from safelight.model.media import Limits

LIMITS = Limits(cpu_seconds=3_600, wall_seconds=7_200)
"""Hashing every frame at full size takes as long as it takes: somebody asked for it, and can stop it."""
JSON_HELP = "As the JSON array of python-threatexchange."


@click.group()
def vpdq() -> None:
    """Frame lists of vPDQ: one line `frame,quality,hash,seconds` for each hashed frame of a video."""


@vpdq.command("hash")
@click.argument("file", type=click.Path())
@click.option("--every", type=click.FloatRange(0), default=0.0, show_default=True, help="Seconds; 0 for all frames.")
@click.option("--json", "as_json", is_flag=True, help=JSON_HELP)
@click.pass_obj
def hash_(app: App, file: str, every: float, as_json: bool) -> None:
    """Print the frame list of the video FILE."""
    _print(app, hash_video(app.examiner(1, LIMITS, clips=True), file, every), as_json=as_json)


@vpdq.command()
@click.argument("query", type=click.Path(path_type=Path))
@click.argument("known", type=click.Path(path_type=Path))
@click.option(
    "--distance", type=click.IntRange(0, 256), default=DISTANCE, show_default=True, help="Bits within which two agree."
)
@click.option(
    "--quality", type=click.IntRange(0, 100), default=QUALITY, show_default=True, help="Frames below are left out."
)
@click.option("--json", "as_json", is_flag=True, help="As a JSON object.")
@click.pass_obj
def compare(app: App, query: Path, known: Path, distance: int, quality: int, as_json: bool) -> None:
    """Compare two frame lists by vPDQ's rule, which knows neither order nor time.

    Exit codes: 1 when 80 % of the QUERY's frames are in KNOWN, as ThreatExchange calls a match; else 0.
    """
    query_frames, known_frames = read_frames(app.read_frames, query), read_frames(app.read_frames, known)
    mine, theirs = vpdq_match(query_frames, known_frames, distance, quality)
    if as_json:
        click.echo(json.dumps({"query_percent": mine, "known_percent": theirs}))
    else:
        click.echo(f"{mine:.1f} % of the query's frames are in the known video")
        click.echo(f"{theirs:.1f} % of the known video's frames are in the query")
    raise SystemExit(FOUND if mine >= QUERY_PERCENT else NOTHING)


@vpdq.command()
@click.argument("bank")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--classification", default="", help="The list owner's word for these items.")
@click.option("--source", default="", help="Where these items come from.")
@click.pass_obj
def add(app: App, bank: str, files: tuple[Path, ...], classification: str, source: str) -> None:
    """Add the videos whose frame lists are FILES to BANK, each called by its file's name."""
    into = app.store.bank(bank)
    with growing(app, bank):
        report = add_frame_lists(app.store, app.room, app.clips, app.read_frames, into, files, classification, source)
    for path, cause in report.failed:
        click.echo(display(f"{path}: not added: {cause}"), err=True)
    click.echo(f"added {report.added:,} entries to {bank}; {report.present:,} were there already")


@vpdq.command()
@click.argument("bank")
@click.argument("entry")
@click.option("--every", type=click.FloatRange(0, min_open=True), default=1.0, show_default=True, help="Seconds.")
@click.option("--json", "as_json", is_flag=True, help=JSON_HELP)
@click.pass_obj
def export(app: App, bank: str, entry: str, every: float, as_json: bool) -> None:
    """Print the frame list of the known video ENTRY of BANK, which need not be there any more."""
    _print(app, frames_of_entry(app.store, app.clips, bank, entry, every), as_json=as_json)


def _print(app: App, video: HashedVideo, *, as_json: bool) -> None:
    for note in video.notes:
        click.echo(display(f"note: {note}"), err=True)
    app.write_frames(video.frames, sys.stdout.buffer, as_json=as_json)
    sys.stdout.buffer.flush()
