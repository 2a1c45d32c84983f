"""`safelight bench`: measure beside named peers and write results.json."""

import dataclasses
import json
import platform
from collections.abc import Callable
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import click

from safelight import __version__

BENCHES = ("pdq", "pipeline", "search", "scan")
PEERS = ("pdqhash", "threatexchange", "faiss-cpu", "numba", "numpy", "pillow", "simplejpeg")


@click.command()
@click.argument("name", type=click.Choice([*BENCHES, "all"]))
@click.option("--out", "-o", required=True, type=click.Path(path_type=Path), help="Folder for results.json.")
@click.option("--quick", is_flag=True, help="Fewer and smaller cases: under 50 seconds each.")
def bench(name: str, out: Path, quick: bool) -> None:
    """Run benchmark NAME and write OUT/results.json; `all` writes OUT/NAME/results.json for each.

    Every figure that is compared with a peer is measured beside it in the same run. Exit code 1: a bar did not hold.
    """
    chosen = BENCHES if name == "all" else (name,)
    held = True
    for one in chosen:
        click.echo(f"{one}:")
        run: Callable[..., list[object]] = import_module(f"safelight.bench.{one}").run
        rows = [dataclasses.asdict(row) for row in run(quick, lambda line: click.echo(f"  {line}"))]  # type: ignore[call-overload]
        folder = out / one if name == "all" else out
        folder.mkdir(parents=True, exist_ok=True)
        result = {"name": one, "quick": quick, "versions": _versions(), "rows": rows}
        (folder / "results.json").write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
        for row in rows:
            bar = (
                "" if row["bar"] is None else f"  (bar {row['bar']:g}: {'holds' if row['holds'] else 'DOES NOT HOLD'})"
            )
            click.echo(f"  {row['what']}: {row['value']:.4g} {row['unit']}, n={row['n']}{bar}")
            held = held and row["holds"] is not False
    raise SystemExit(0 if held else 1)


def _versions() -> dict[str, str]:
    found = {"safelight": __version__, "python": platform.python_version(), "processor": _processor()}
    for peer in PEERS:
        try:
            found[peer] = version(peer)
        except PackageNotFoundError:
            continue
    return found


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())
