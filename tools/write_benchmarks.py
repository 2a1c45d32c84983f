"""Write docs/benchmarks.md from the results of `safelight bench`.

    python tools/write_benchmarks.py FOLDER PAGE

Every results.json under FOLDER becomes a section of PAGE. Figures are shown as they were measured, also those that
miss their bar.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

INTRO = """# Benchmarks

This page is written by `make bench`; nothing on it is typed by hand. `make bench` runs every benchmark of
`safelight bench` on the machine at hand and `tools/write_benchmarks.py` makes this page from their `results.json`.

- What is compared with a named peer is measured beside it, in the same process run, on the same input, with one
  thread each unless a row says otherwise. Ratios carry over to other machines; absolute times do not.
- *bar* is what we set ourselves before building; *holds* says whether this run reached it. A bar that does not hold
  stays on the page.
- *n* is the number of cases behind the figure.
- All pictures are benign: drawn by code, or photographs from a folder of benign ones where the machine has it.
"""
PLACEHOLDER = "No figures yet: run `make bench`.\n"
TITLES = {
    "pdq": "PDQ kernel",
    "pipeline": "From bytes to fingerprint",
    "search": "Search",
    "scan": "Scan",
    "derivative": "Derivatives",
    "video": "Video",
    "signals": "Signals",
    "synthetic": "Synthetic hint",
    "service": "Service",
}
CHART = "recall.svg"
"""A chart that a benchmark may leave beside its results.json."""


def page(results: Sequence[Mapping[str, Any]]) -> str:
    """The page's text; one section for each result, in the order given.

    Each result holds `name`, `versions` (name to version), `rows` (each `what`, `value`, `unit`, `bar`, `holds`, `n`;
    `bar` and `holds` may be None) and optionally `quick` and `chart` (the picture's address, as seen from the page).
    """
    if not results:
        return f"{INTRO}\n{PLACEHOLDER}"
    judged = [row["holds"] for result in results for row in result["rows"] if row["holds"] is not None]
    verdict = f"In this run {sum(judged)} of {len(judged)} bars hold.\n"
    return "\n".join([INTRO, verdict, *(_section(result) for result in results)])


def _section(result: Mapping[str, Any]) -> str:
    name = str(result["name"])
    versions = ", ".join(f"{what} {version}" for what, version in result["versions"].items())
    quick = " --quick" if result.get("quick") else ""
    lines = [f"## {TITLES.get(name, name)}", "", f"Command: `safelight bench {name}{quick}`.", ""]
    lines += ["| what | figure | bar | holds | n |", "| --- | ---: | ---: | --- | ---: |"]
    lines += [_row(row) for row in result["rows"]]
    if "chart" in result:
        lines += ["", f"![The same in a chart]({result['chart']})"]
    return "\n".join([*lines, "", f"Measured with {versions}.", ""])


def _row(row: Mapping[str, Any]) -> str:
    bar = "" if row["bar"] is None else f"{_direction(row)}{_number(row['bar'])}"
    holds = "" if row["holds"] is None else "yes" if row["holds"] else "**no**"
    what = str(row["what"]).replace("|", "\\|")
    return f"| {what} | {_number(row['value'])} {row['unit']} | {bar} | {holds} | {row['n']:,} |"


def _direction(row: Mapping[str, Any]) -> str:
    """Whether the bar is a floor or a ceiling: this follows from the figure and from whether it holds."""
    if row["value"] == row["bar"]:
        return ""
    return "at least " if (row["value"] > row["bar"]) == row["holds"] else "at most "


def _number(value: object) -> str:
    """Three figures for measured values, all digits for counts; texts as they are."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    if isinstance(value, int) or value.is_integer():
        return f"{int(value):,}"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def _read(path: Path, pages: Path) -> dict[str, Any]:
    """One result; its chart is copied to where the pages have their pictures."""
    result: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    chart = path.with_name(CHART)
    if chart.is_file():
        result["chart"] = f"images/{result['name']}-{CHART}"
        (pages / "images").mkdir(exist_ok=True)
        (pages / result["chart"]).write_bytes(chart.read_bytes())
    return result


def main() -> None:
    """Read the results, write the page."""
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    folder, target = map(Path, sys.argv[1:])
    results = [_read(path, target.parent) for path in sorted(folder.rglob("results.json"))]
    order = list(TITLES)
    results.sort(key=lambda result: order.index(result["name"]) if result["name"] in order else len(order))
    target.write_text(page(results), encoding="utf-8")
    print(f"{target}: {len(results)} benchmarks")


if __name__ == "__main__":
    main()
