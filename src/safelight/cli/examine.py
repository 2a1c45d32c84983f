"""`safelight examine`: the examiner's page of one picture."""

import os
from pathlib import Path

import click

from safelight.app import App
from safelight.cli.main import NOTHING
from safelight.flow.walk import display
from safelight.model.errors import InputError
from safelight.model.signal import SignalRequest
from safelight.ports import ExamineJob


@click.command()
@click.argument("file", type=click.Path())
@click.option("--out", "-o", required=True, type=click.Path(path_type=Path), help="Folder for the page and its maps.")
@click.pass_obj
def examine(app: App, file: str, out: Path) -> None:
    """Draw maps of what the pixels of the picture FILE show of its history, for examiners.

    Writes examiner.html and one PNG for each map to the folder given by --out: JPEG ghosts, noise, double compression,
    the coding grid, with the file's quantisation tables and what its coding tells. No score, no verdict; the picture
    itself is not shown. An archive's members are not drawn: take them out first.
    """
    if not os.path.lexists(file):
        raise InputError(path=display(file), cause="no such file")
    name, wanted = display(file), SignalRequest(lossy=True, maps=True)
    with app.examiner(1, signals=wanted).run([ExamineJob(0, file, name, signals=wanted)]) as results:
        found = next(results).examination
    if found.path != name:
        raise InputError(path=name, cause="is an archive; take the picture out first")
    if found.maps is None:
        lost = next((signal.detail for signal in found.signals if signal.name == "signals_lost"), None)
        raise InputError(path=name, cause=found.error or lost or f"no picture to draw ({found.mime or 'unknown type'})")
    sha256 = found.fingerprint.digests.sha256 if found.fingerprint else ""
    written = app.examiner_page(out).write(found.maps, found.signals, name, sha256, app.clock.now())
    click.echo(f"{len(found.maps.blocks)} maps; open {display(written)}")
    for note in found.maps.notes:
        click.echo(display(note))
    raise SystemExit(NOTHING)
