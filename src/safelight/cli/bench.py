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

BENCHES = ("pdq", "pipeline", "search", "scan", "derivative", "video", "signals", "synthetic", "service")
KEEPING = ("derivative", "video", "synthetic")
"""Benchmarks that write more into their folder than results.json."""
PEERS = (
    "pdqhash",
    "threatexchange",
    "faiss-cpu",
    "numba",
    "numpy",
    "pillow",
    "simplejpeg",
    "opencv-python-headless",
    "av",
    "onnxruntime",
)
OPTIONS = {
    "derivative": ("photos", "negatives", "seed", "sources", "same_scene", "processes", "dataset"),
    "video": ("photos", "videos", "seed", "sources", "known", "processes", "vpdq_python"),
    "service": ("seconds", "peer_python"),
}
"""Options that one benchmark or another takes."""

_FOLDER = click.Path(path_type=Path, exists=True, file_okay=False)


@click.command()
@click.argument("name", type=click.Choice([*BENCHES, "all"]))
@click.option("--out", "-o", required=True, type=click.Path(path_type=Path), help="Folder for results.json.")
@click.option("--quick", is_flag=True, help="Fewer and smaller cases: under a minute each.")
@click.option("--photos", type=_FOLDER, help="derivative, video: a folder of benign photographs to measure on.")
@click.option("--negatives", type=_FOLDER, multiple=True, help="derivative: more pictures, none of which is indexed.")
@click.option("--videos", type=_FOLDER, multiple=True, help="video: a folder of benign recorded clips.")
@click.option("--seed", type=click.IntRange(0), help="derivative, video: chooses what is edited and how (default 1).")
@click.option(
    "--sources", type=click.IntRange(1), help="derivative, video: how many are edited (default 100 pictures, 20 clips)."
)
@click.option("--known", type=click.IntRange(2), help="video: how many clips are known (default 40).")
@click.option("--same-scene", metavar="GLOB", help="derivative: names of pictures that share scenes (clothing_*).")
@click.option(
    "--processes", type=click.IntRange(1, 64), help="derivative, video: processes that ask queries (default 1, 2)."
)
@click.option("--dataset", type=click.Choice(["disc21", "copydays"]), help="derivative: what set --photos holds.")
@click.option(
    "--vpdq-python", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="video: a Python with vpdq."
)
@click.option("--seconds", type=click.IntRange(4), help="service: how long uploads are answered (default 60).")
@click.option(
    "--peer-python",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="service: a Python with threatexchange, faiss-cpu, flask and gunicorn.",
)
def bench(name: str, out: Path, quick: bool, **options: object) -> None:
    """Run benchmark NAME and write OUT/results.json; `all` writes OUT/NAME/results.json for each.

    Every figure that is compared with a peer is measured beside it in the same run. Exit code 1: a bar did not hold.
    `derivative` and `video` also write every answer, what was missed and a chart; without --photos and --videos they
    take the shared corpus, or drawn pictures where that is not at hand. `video` keeps the clips it has made in OUT;
    --vpdq-python names an interpreter that has PyPI's vpdq, to be timed beside. `synthetic` needs the encoder
    (docs/hint.md) and the shared corpus, and keeps what it has encoded in OUT, so that it can be broken off.
    """
    chosen = BENCHES if name == "all" else (name,)
    given = {option: value for option, value in options.items() if value not in (None, ())}
    for option in given:
        takers = [one for one, taken in OPTIONS.items() if option in taken]
        if not set(takers) & set(chosen):
            flag = option.replace("_", "-")
            raise click.UsageError(f"--{flag} is an option of {' and '.join(f'`bench {one}`' for one in takers)}")
    held = True
    for one in chosen:
        click.echo(f"{one}:")
        folder = out / one if name == "all" else out
        own = {option: value for option, value in given.items() if option in OPTIONS.get(one, ())}
        more = ({"out": folder} if one in KEEPING else {}) | own
        run: Callable[..., list[object]] = import_module(f"safelight.bench.{one}").run
        rows = [dataclasses.asdict(row) for row in run(quick, lambda line: click.echo(f"  {line}"), **more)]  # type: ignore[call-overload]
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
