"""Write docs/misses.md from what `safelight bench derivative` and `safelight bench video` missed.

    python tools/write_misses.py FOLDER PAGE

FOLDER holds misses.json and video-misses.json, at any depth. Without the first the page says that there are no figures
yet, without the second it says nothing of videos.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

INTRO = """# What derivative tracing misses

This page is written by `make bench` from the failures of `safelight bench derivative`; nothing on it is typed by hand.
[Benchmarks](benchmarks.md) holds the figures, and says what the 33 edits are measured on. Pictures are benign, and are
named as in the folder that was measured on.
"""
PLACEHOLDER = "No figures yet: run `make bench`.\n"
MOST_MISSED = 15


def page(misses: Mapping[str, Any] | None, videos: Mapping[str, Any] | None = None) -> str:
    """The page's text, from the content of misses.json and of video-misses.json."""
    parts = [INTRO]
    if misses is None:
        parts.append(PLACEHOLDER)
    else:
        parts += [_run(misses), *_edits(misses), *_texture(misses), *_sources(misses), *_false(misses)]
        parts += _regions(misses)
    if videos is not None:
        parts += _videos(videos)
    return "\n".join(parts)


def _run(misses: Mapping[str, Any]) -> str:
    run = misses["run"]
    pictures = "drawn pictures" if run["drawn"] else "photographs"
    quick = " This was a quick run: too few pictures for conclusions." if run["quick"] else ""
    return (
        f"Measured: {misses['ours']}, seed {run['seed']}. The index held {run['index']} {pictures}; {run['sources']} of"
        f" them were edited and asked for, and so were {run['same_scene']} others that show the same scenes and"
        f" {run['unrelated']} unrelated ones.{quick}\n"
    )


def _edits(misses: Mapping[str, Any]) -> Iterable[str]:
    ours, peer = misses["ours"], misses["peer"]
    low = _low(misses)
    missed: dict[str, list[Mapping[str, Any]]] = {}
    for one in misses["missed"]:
        missed.setdefault(one["edit"], []).append(one)
    yield "## Edits after which a source is missed\n"
    if not missed:
        yield "None.\n"
        return
    yield (
        "*low in texture*: those of the missed sources that have little fine detail. *shared scene*: the source was"
        " found, but only called a picture of the same scene. *too weak*: it was found, and passed no threshold.\n"
    )
    rows = []
    for row in misses["recall"]:
        here = missed.get(row["edit"], [])
        if here:
            kinds = Counter(one["as"] for one in here)
            few = sum(one["source"] in low for one in here)
            beside = [f"{row[peer]} of {row['of']}"] if peer else []
            found = f"{row[ours]} of {row['of']}"
            absent = kinds["absent"]
            rows.append([row["edit"], found, len(here), few, kinds["shared_scene"], kinds["none"], absent, *beside])
    head = ["edit", "recalled", "missed", "low in texture", "shared scene", "too weak", "not found"]
    yield _table([*head, *([f"recalled by {peer}"] if peer else [])], rows)
    clean = [row["edit"] for row in misses["recall"] if row["edit"] not in missed]
    yield f"Nothing was missed after: {', '.join(clean)}.\n" if clean else "Every edit was missed at least once.\n"


def _texture(misses: Mapping[str, Any]) -> Iterable[str]:
    low, missed = _low(misses), misses["missed"]
    here = sum(one["source"] in low for one in missed)
    share = f"{100 * here / len(missed):.0f} %" if missed else "none"
    yield "## Pictures with little fine detail\n"
    yield (
        f"{len(low)} of {len(misses['sources'])} sources are low in texture: less than"
        f" {100 * misses['low_texture_below']:.0f} % of their area has fine detail (skies, plain walls, gradients)."
        f" They make up {here} of {len(missed)} misses ({share}).\n"
    )


def _sources(misses: Mapping[str, Any]) -> Iterable[str]:
    yield "## Sources missed most often\n"
    counted = Counter(one["source"] for one in misses["missed"])
    if not counted:
        yield "None.\n"
        return
    ordered = sorted(counted.items(), key=lambda item: (-item[1], item[0]))
    rows = [[name, number, f"{100 * misses['sources'][name]:.0f} %"] for name, number in ordered[:MOST_MISSED]]
    yield _table(["source", "edits missed", "area with fine detail"], rows)
    if len(ordered) > MOST_MISSED:
        yield f"{len(ordered) - MOST_MISSED} more sources were missed after fewer edits.\n"


def _false(misses: Mapping[str, Any]) -> Iterable[str]:
    yield "## Pictures said to come from one that they do not come from\n"
    names = {
        "unrelated": "Unrelated pictures",
        "same scene": "Other pictures of the same scene",
        "positive": "Edits of indexed pictures, for which a wrong picture was named (too)",
    }
    for group, name in names.items():
        asked = misses["asked"].get(group, 0)
        found = [one for one in misses["false"] if one["group"] == group]
        queries = len({(one["query"], one["edit"]) for one in found})
        yield f"### {name}\n"
        yield f"{queries:,} of {asked:,} queries.\n"
        if found:
            pairs: dict[tuple[str, str], list[str]] = {}
            for one in found:
                pairs.setdefault((one["query"], one["said"]), []).append(f"{one['edit']} ({one['verdict']})")
            rows = [[query, said, ", ".join(edits)] for (query, said), edits in sorted(pairs.items())]
            yield _table(["picture asked for", "said to come from", "after"], rows)


def _regions(misses: Mapping[str, Any]) -> Iterable[str]:
    yield "## Replaced regions that were located badly\n"
    poor = Counter(one["edit"] for one in misses["poorly_located"])
    if not poor:
        yield "Of the sources that were recalled, none.\n"
        return
    yield "The source was recalled, but the region overlaps the true one by less than half (intersection over union).\n"
    yield _table(["edit", "regions"], [[edit, number] for edit, number in sorted(poor.items())])


def _videos(videos: Mapping[str, Any]) -> Iterable[str]:
    run = videos["run"]
    sources = ", ".join(f"{number} of {kind}" for kind, number in run["sources"].items())
    quick = " This was a quick run: too few clips for conclusions." if run["quick"] else ""
    yield "## Videos\n"
    yield (
        f"From the failures of `safelight bench video`, seed {run['seed']}: {run['known']} known clips, of which some"
        f" were edited and asked for ({sources}), and {run['strangers']} that are not known.{quick}\n"
    )
    yield "### Edits after which a clip is missed\n"
    yield f"{len(videos['missed'])} of {videos['asked']:,} queries.\n"
    if videos["missed"]:
        yield (
            "*absent*: not named at all. *shared scene*: only that was said. *no segments*: named, but not in time."
            " *too little*: what was said is right, and covers less than half of the seconds. *elsewhere*: placed at"
            " wrong seconds.\n"
        )
        rows = [
            [one["edit"], one["source"], one["kind"], one["as"], f"{100 * one['placed']:.0f} %"]
            for one in sorted(videos["missed"], key=lambda one: (one["edit"], one["source"]))
        ]
        yield _table(["edit", "clip", "made of", "as", "seconds placed right"], rows)
    yield "### Clips said to come from one that they do not come from\n"
    if not videos["false"]:
        yield "None.\n"
        return
    worst = sorted(videos["false"], key=lambda one: -one["share"])[:MOST_MISSED]
    rows = [[one["query"], one["edit"], one["said"], f"{100 * one['share']:.0f} %"] for one in worst]
    yield f"{len(videos['false'])} pairs; those with the largest share of seconds:\n"
    yield _table(["clip asked for", "after", "said to come from", "seconds"], rows)


def _low(misses: Mapping[str, Any]) -> set[str]:
    return {name for name, share in misses["sources"].items() if share < misses["low_texture_below"]}


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    lines += ["| " + " | ".join(str(cell).replace("|", "\\|") for cell in row) + " |" for row in rows]
    return "\n".join([*lines, ""])


def _read(folder: Path, name: str) -> dict[str, Any] | None:
    found = sorted(folder.rglob(name))
    content: dict[str, Any] | None = json.loads(found[0].read_text(encoding="utf-8")) if found else None
    return content


def main() -> None:
    """Read what was missed, write the page."""
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    folder, target = map(Path, sys.argv[1:])
    misses, videos = (_read(folder, name) for name in ("misses.json", "video-misses.json"))
    target.write_text(page(misses, videos), encoding="utf-8")
    print(f"{target}: {len(misses['missed']) if misses else 'no'} misses")


if __name__ == "__main__":
    main()
