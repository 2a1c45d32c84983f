"""Public copy-detection sets, scored when a user has them: DISC21 and Copydays. Neither is shipped or fetched.

VSC2022, the third that the protocol names, is made of videos and comes with video tracing.
"""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from safelight.bench.common import Row, informs
from safelight.bench.derivative.pictures import FORMATS, Picture
from safelight.bench.derivative.score import precision_recall
from safelight.bench.derivative.tracer import RECALLED, Tracer
from safelight.bench.derivative.trial import Say
from safelight.model.errors import InputError

DISC21_LAYOUTS = (
    ("references", "dev_queries", "dev_ground_truth.csv"),
    ("references", "final_queries", "final_ground_truth.csv"),
    ("val_ref", "val_query", "val_groundtruth_matches.csv"),
)
"""Folder of references, folder of queries, ground truth: as the challenge names them, and as SSCD's scripts do."""

COPYDAYS_QUERIES = ("strong", "jpegqual", "crops")


@dataclass(frozen=True, slots=True)
class Asked:
    """One query of a set. `right`: keys of the references it comes from; empty for a distractor. `block`: its part."""

    picture: Picture
    right: frozenset[str]
    block: str


@dataclass(frozen=True, slots=True)
class Dataset:
    """References to index and queries to ask."""

    name: str
    references: tuple[Picture, ...]
    queries: tuple[Asked, ...]


def disc21(root: Path) -> Dataset:
    """DISC21 (Douze et al., arXiv 2106.09672): references R*.jpg, queries Q*.jpg, pairs in a CSV file.

    Each line of the CSV is `query,reference`, with or without the head `query_id,reference_id`; a query without a
    reference is a distractor, as is one that is not listed. Raises InputError for another layout, and for pairs that
    name files which are not there.
    """
    for references, queries, truth in DISC21_LAYOUTS:
        if all((root / part).exists() for part in (references, queries, truth)):
            return _disc21(root / references, root / queries, root / truth)
    wanted = "; or ".join(", ".join(layout) for layout in DISC21_LAYOUTS)
    raise InputError(path=root, cause=f"not laid out as DISC21: needs {wanted}")


def _disc21(references: Path, queries: Path, truth: Path) -> Dataset:
    indexed, asked = _files(references), _files(queries)
    known, names = {one.key for one in indexed}, {one.key for one in asked}
    right: dict[str, set[str]] = {}
    with truth.open(newline="", encoding="utf-8") as lines:
        for number, line in enumerate(csv.reader(lines), 1):
            if not line or line == ["query_id", "reference_id"]:
                continue
            if len(line) != 2 or line[0] not in names or (line[1] and line[1] not in known):
                raise InputError(
                    path=truth, cause=f"line {number} does not pair a query with a reference that is there"
                )
            if line[1]:
                right.setdefault(line[0], set()).add(line[1])
    return Dataset("DISC21", indexed, tuple(Asked(one, frozenset(right.get(one.key, ())), "all") for one in asked))


def copydays(root: Path) -> Dataset:
    """INRIA Copydays (Douze et al., CIVR 2009): `original/`, and queries in `strong/`, `jpegqual/*/`, `crops/*/`.

    Files whose names share their first four characters belong together. Raises InputError for another layout.
    """
    if not (root / "original").is_dir():
        raise InputError(path=root, cause="not laid out as Copydays: needs original, strong, jpegqual, crops")
    originals = _files(root / "original")
    queries: list[Asked] = []
    for block in COPYDAYS_QUERIES:
        for folder in [root / block, *sorted(root.glob(f"{block}/*/"), key=lambda one: (len(one.name), one.name))]:
            name = folder.relative_to(root).as_posix()
            for one in _files(folder):
                right = frozenset(other.key for other in originals if other.key[:4] == one.key[:4])
                queries.append(Asked(one, right, name))
    if not queries:
        raise InputError(path=root, cause="not laid out as Copydays: no queries in strong, jpegqual or crops")
    return Dataset("Copydays", originals, tuple(queries))


READERS = {"disc21": disc21, "copydays": copydays}


def measure(dataset: Dataset, name: str, tracer: Tracer, say: Say) -> list[Row]:
    """Index the references, ask the queries; uAP and recall at 90 % precision as the challenge computes them."""
    for number, one in enumerate(dataset.references, 1):
        tracer.add(one.key, one.load())
        if number % 10_000 == 0:
            say(f"{name}: {number:,} of {len(dataset.references):,} references indexed")
    scores: list[float] = []
    right: list[bool] = []
    recalled: dict[str, list[bool]] = {}
    false = 0
    for asked in dataset.queries:
        results = tracer.trace(asked.picture.load())
        scores += [one.score for one in results]
        right += [one.key in asked.right for one in results]
        if asked.right:
            found = any(one.key in asked.right and one.verdict in RECALLED for one in results)
            recalled.setdefault(asked.block, []).append(found)
        false += any(one.key not in asked.right and one.verdict in RECALLED for one in results)
    positives = sum(len(asked.right) for asked in dataset.queries)
    return list(_rows(dataset, name, precision_recall(scores, right, positives), recalled, false))


def _rows(
    dataset: Dataset, name: str, ranked: tuple[float, float], recalled: dict[str, list[bool]], false: int
) -> Iterator[Row]:
    n = len(dataset.queries)
    yield informs(f"{dataset.name}: uAP, {name}", ranked[0], "", n)
    yield informs(f"{dataset.name}: recall at 90 % precision, {name}", ranked[1], "", n)
    for block, found in recalled.items():
        part = "" if block == "all" else f" {block}"
        yield informs(
            f"{dataset.name}{part}: recall at our thresholds, {name}", sum(found) / len(found), "", len(found)
        )
    yield informs(
        f"{dataset.name}: queries said to come from a wrong reference, {name}", 1000 * false / n, "per 1,000", n
    )


def _files(folder: Path) -> tuple[Picture, ...]:
    """The pictures right in a folder, named by the stems of their names. Digests are not needed and left empty."""
    found: Sequence[Path] = sorted(folder.iterdir()) if folder.is_dir() else ()
    return tuple(Picture(one.stem, "", one) for one in found if one.suffix.lower() in FORMATS)
