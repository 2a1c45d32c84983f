"""`safelight demo`: the main job on benign pictures drawn by code."""

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import click
from rich.console import Console

from safelight.app import App
from safelight.cli.config import SERVICE
from safelight.cli.progress import ShownProgress
from safelight.cli.scan import show_summary
from safelight.demo.folder import expectations, make_bank_folder, make_negative_folder, make_suspect_folder
from safelight.demo.receiver import receiver
from safelight.demo.service import fill_service
from safelight.flow.bank_media import add_media
from safelight.flow.scan import ScanRequest, scan
from safelight.model.access import Role
from safelight.model.bank import Bank
from safelight.model.codec import from_json
from safelight.model.errors import InputError
from safelight.model.scan import Depth, ScanRow
from safelight.model.signal import SignalRequest
from safelight.settings import Settings

MARK = ".safelight-demo"
PEOPLE = {
    "demo-reviewer": Role.REVIEWER.value,
    "demo-lead": Role.LEAD.value,
    "demo-second-lead": Role.LEAD.value,
}
"""Who looks at the demo's cases: grave decisions take two, and what a lead proposes another lead approves."""


@click.command()
@click.option(
    "--folder", type=click.Path(path_type=Path), default=Path("safelight-demo"), show_default=True, help="Made anew."
)
@click.option(
    "--serve/--no-serve",
    "go_on",
    default=None,
    help="Go on as a service with some of the files in its queue.  [default: at a terminal]",
)
@click.pass_obj
def demo(app: App, folder: Path, go_on: bool | None) -> None:
    """Draw a benign bank and a folder of files, scan it, show the table and say where the report is.

    Then start the service with some of the files in its queue, and print a link for each of three people.

    Everything is made inside FOLDER, also the demo's own data folder: your banks are not touched. A FOLDER that an
    earlier demo made is made anew; any other folder that holds something is refused.
    """
    console = Console()
    if folder.exists() and any(folder.iterdir()):
        if not (folder / MARK).exists():
            raise InputError(path=folder, cause="is not empty and was not made by the demo; name another --folder")
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MARK).touch()
    console.print("drawing pictures: a bank of known items, known-benign ones, and a folder to check ...")
    known, benign = make_bank_folder(folder / "known"), make_negative_folder(folder / "known-benign")
    suspect = make_suspect_folder(folder / "files")
    own = App(Settings(folder / "home", app.settings.processes))
    for bank, pictures in ((Bank(0, "demo-known"), known), (Bank(0, "demo-benign", negative=True), benign)):
        with ShownProgress(quiet=True) as progress:
            add_media(
                own.store,
                own.room,
                own.features,
                own.examiner(local=bank.local, clips=True),
                own.sketcher,
                own.store.create(bank),
                str(pictures),
                progress,
                clips=own.clips,
            )
    out = folder / "results"
    journal = own.journal(out)
    wanted = SignalRequest()
    request = ScanRequest(
        (str(suspect),),
        own.own_files(out),
        own.settings.processes,
        thumbnails=True,
        signals=wanted,
        trust=own.trust.sha256,
    )
    with (
        own.matcher(["demo-known", "demo-benign"], Depth.FULL, own.settings.processes, out) as matcher,
        ShownProgress() as progress,
    ):
        examiner = own.examiner(local=matcher.request is not None, signals=wanted, clips=True)
        outputs, prompts = own.outputs(out), own.prompts(out)
        summary, written = scan(request, matcher, examiner, journal, outputs, own.clock, progress, None, prompts)
    show_summary(summary, written, console)
    console.print(_as_expected(suspect, Path(written["results.jsonl"])), highlight=False)
    with ShownProgress(quiet=True) as progress, Path(written["results.jsonl"]).open(encoding="utf-8") as lines:
        rows = (from_json(line, ScanRow) for line in lines)
        items = fill_service(own, known, rows, lambda done, total: progress.start(total, done))
    console.print(f"\n{items} files are in the queue of a service.", highlight=False)
    console.print(f"Open {written['report.html']} in a browser to look at the result of the scan.", soft_wrap=True)
    home = own.settings.home.absolute()
    if sys.stdout.isatty() if go_on is None else go_on:
        serve_demo(home)
    console.print(f"Run `{serve_command(home)}` to look at the service.", soft_wrap=True)


def serve_command(home: Path) -> str:
    """What starts the service of this data folder in a shell, by the program that runs now."""
    program = [sys.argv[0]] if os.access(sys.argv[0], os.X_OK) else [sys.executable, "-m", "safelight"]
    return f"SAFELIGHT_HOME={shlex.quote(str(home))} {shlex.join([*program, 'serve'])}"


def serve_demo(home: Path) -> None:
    """Become the service of this data folder, once three people have their links."""
    environ = {**os.environ, "SAFELIGHT_HOME": str(home), **receiver()}
    click.echo("Reports of this demo go to a receiver of its own, on this machine.")
    for name, role in PEOPLE.items():
        click.echo(f"{name} begins here, once (any authenticator app makes the second factor):")
        subprocess.run([*SERVICE, "invite", name, "--role", role], env=environ, check=True)  # noqa: S603 (our own)
    os.execve(sys.executable, [*SERVICE, "serve"], environ)  # noqa: S606 (as above)


def _as_expected(folder: Path, results: Path) -> str:
    """The scan beside what the drawing of the files says should be found."""
    expected = expectations(folder)
    wrong, made = [], 0
    with results.open(encoding="utf-8") as lines:
        rows = {row.path.removeprefix(f"{folder}/"): row for row in (from_json(line, ScanRow) for line in lines)}
    for path, expectation in expected.items():
        row = rows.get(path)
        outcome = row.decision.outcome if row else "missing"
        if outcome != expectation.expect:
            wrong.append(f"{path}: {outcome}, expected {expectation.expect} ({expectation.why})")
        told = row.assessment.artificialness if row else "missing"
        if expectation.made not in {None, told}:
            wrong.append(f"{path}: made {told}, expected {expectation.made} ({expectation.why})")
        made += expectation.made is not None
    checks = len(expected) + made
    return "\n".join(
        [f"{checks - len(wrong)} of {checks} outcomes are as expected, {made} of them on how files were made", *wrong]
    )
