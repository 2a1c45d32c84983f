"""`safelight compare`: a suspect picture or video against the original it may come from."""

from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray

from safelight.app import App
from safelight.cli.main import FOUND, NOTHING, UNCHECKED
from safelight.flow.compare import compare as run_compare
from safelight.flow.compare_methods import Align, Methods, Place, Placement, Rgb
from safelight.flow.walk import display
from safelight.model.comparison import Blur, Comparison
from safelight.model.derivation import Derivation, Verdict
from safelight.model.errors import UsageError
from safelight.model.local import LocalExamination
from safelight.model.region import RegionMap
from safelight.model.scan import Examination
from safelight.ports import Signer
from safelight.report.segment_words import segment_line


@click.command()
@click.argument("suspect", type=click.Path())
@click.argument("original", type=click.Path())
@click.option(
    "--out", "-o", required=True, type=click.Path(path_type=Path), help="Folder for the report: new, or of these two."
)
@click.option("--sign", type=click.Path(path_type=Path), help="Sign with this private key (see `safelight keygen`).")
@click.option(
    "--blur",
    type=click.Choice([blur.value for blur in Blur]),
    help="Which part of the pictures in the report is blurred beyond recovery; `outside`: all but the replaced part.  "
    "[default: all]",
)
@click.option("--show-pictures", is_flag=True, help="Show the pictures as they are; the same as --blur none.")
@click.option("--json", "as_json", is_flag=True, help="Print comparison.json instead of a summary.")
@click.pass_obj
def compare(
    app: App,
    suspect: str,
    original: str,
    out: Path,
    sign: Path | None,
    blur: str | None,
    show_pictures: bool,
    as_json: bool,
) -> None:
    """Compare the picture or video SUSPECT with the picture or video ORIGINAL that it may have been made from.

    Of two videos, tells which stretches of the one show which of the other, and compares some frames pixel by pixel.
    Writes report.html, report.pdf and comparison.json to the folder given by --out, with masks of what was replaced
    and a manifest that `safelight verify` checks. Exit codes: 0 not derived, 1 derived (or the same bytes), 3 too
    little detail to tell.
    """
    if show_pictures and blur not in (None, Blur.NONE):
        raise UsageError(detail=f"--show-pictures and --blur {blur} contradict each other")
    outputs = app.comparison_outputs(out)
    outputs.check()
    signer = _signer(app, sign) if sign else None
    comparison, pictures = run_compare(
        suspect,
        original,
        app.examiner(min(app.settings.processes, 2), local=True, clips=True),
        Methods(_aligner(app), _find_region, _placer(app)),
        app.clock,
        Blur.NONE if show_pictures else Blur(blur or Blur.ALL),
    )
    written = outputs.write(comparison, pictures, signer)
    if as_json:
        click.echo(Path(written["comparison.json"]).read_text(encoding="utf-8"), nl=False)
    else:
        _show(comparison, written, signer)
    raise SystemExit(exit_code(comparison))


def exit_code(comparison: Comparison) -> int:
    """1 when the suspect derives from the original, 3 when it cannot be told, else 0."""
    if comparison.same_bytes or comparison.derivation.verdict is Verdict.DERIVATIVE:
        return FOUND
    return UNCHECKED if comparison.derivation.verdict is Verdict.UNDECIDED else NOTHING


def _signer(app: App, key: Path) -> Signer:
    signer = app.signer(key, lambda: str(click.prompt("Passphrase of the key", hide_input=True, err=True)))
    if key.stat().st_mode & 0o044:
        click.echo(f"safelight: {display(str(key))}: others can read this key (chmod 600 keeps it yours)", err=True)
    return signer


def _aligner(app: App) -> Align:
    def align(suspect: LocalExamination, original: LocalExamination) -> Derivation | None:
        from safelight.flow.pair import derivation_of_pair  # noqa: PLC0415 - compiled code: not before it is needed

        return derivation_of_pair(suspect, original, app.quantiser)

    return align


def _placer(app: App) -> Place:
    def place(suspect: Examination, original: Examination) -> Placement:
        from safelight.flow.pair_clips import placement_of_pair  # noqa: PLC0415 - compiled code: as above

        return placement_of_pair(suspect, original, app.quantiser)

    return place


def _find_region(suspect: Rgb, original: Rgb, matrix: NDArray[np.float64]) -> RegionMap:
    from safelight.match.region import altered_region  # noqa: PLC0415 - OpenCV: not before it is needed

    return altered_region(suspect, original, matrix)


def _show(comparison: Comparison, written: dict[str, str], signer: Signer | None) -> None:
    click.echo(comparison.statement)
    if comparison.pdq_distance is not None:
        click.echo(f"  PDQ distance {comparison.pdq_distance} of 256 bits")
    for segment in comparison.clips.segments if comparison.clips else ():
        click.echo(f"  {segment_line(segment)}")
    click.echo(f"  {len(comparison.cannot_conclude)} things cannot be concluded from this; the report lists them")
    masks = [name for name in written if name.endswith(".png")]
    for name, path in written.items():
        if name not in masks[1:]:
            more = f" and {len(masks) - 1} more masks" if name in masks and len(masks) > 2 else ""
            click.echo(f"{name}: {display(path)}{more}")
    if signer:
        click.echo(f"signed with the key of fingerprint {signer.fingerprint}")
