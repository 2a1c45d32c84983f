"""tools/write_misses.py: every failure is on the page, by edit, by source and by wrong name."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.docs.pages import ROOT, table_rows
from tools.write_misses import INTRO, PLACEHOLDER, page


def missed(source: str, edit: str, how: str = "absent") -> dict[str, Any]:
    return {"source": source, "edit": edit, "as": how, "evidence": None}


def wrong(group: str, query: str, edit: str, said: str, verdict: str = "derivative") -> dict[str, Any]:
    return {"group": group, "query": query, "edit": edit, "said": said, "verdict": verdict}


MISSES: dict[str, Any] = {
    "run": {"seed": 1, "quick": False, "drawn": False, "index": 40, "sources": 3, "same_scene": 9, "unrelated": 8},
    "ours": "Safelight",
    "peer": "PDQ@31",
    "low_texture_below": 1 / 3,
    "sources": {"a.jpg": 0.1, "b.jpg": 0.9, "c.jpg": 1.0},
    "recall": [
        {"edit": "rr20", "of": 3, "Safelight": 1, "PDQ@31": 0},
        {"edit": "text", "of": 3, "Safelight": 2, "PDQ@31": 1},
        {"edit": "grey", "of": 3, "Safelight": 3, "PDQ@31": 3},
    ],
    "missed": [missed("a.jpg", "rr20", "none"), missed("b.jpg", "rr20"), missed("a.jpg", "text", "shared_scene")],
    "asked": {"positive": 9, "same scene": 36, "unrelated": 1234},
    "false": [wrong("same scene", "x.jpg", "text", "b.jpg"), wrong("same scene", "x.jpg", "rr5", "b.jpg", "near")],
    "poorly_located": [{"source": "c.jpg", "edit": "rr20", "iou": 0.2}],
}


def test_every_failure_is_listed() -> None:
    assert list(table_rows(page(MISSES))) == [
        ["rr20", "1 of 3", "2", "1", "0", "1", "1", "0 of 3"],
        ["text", "2 of 3", "1", "1", "1", "0", "0", "1 of 3"],
        ["a.jpg", "2", "10 %"],
        ["b.jpg", "1", "90 %"],
        ["x.jpg", "b.jpg", "text (derivative), rr5 (near)"],
        ["rr20", "1"],
    ]


def test_figures_stand_in_sentences() -> None:
    text = page(MISSES)
    assert "Nothing was missed after: grey." in text
    assert "1 of 3 sources are low in texture" in text
    assert "They make up 2 of 3 misses (67 %)." in text
    assert "### Unrelated pictures\n\n0 of 1,234 queries." in text
    assert "### Other pictures of the same scene\n\n2 of 36 queries." in text
    assert "quick run" not in text
    assert "quick run" in page(MISSES | {"run": MISSES["run"] | {"quick": True}})


def test_a_run_without_failures_says_so() -> None:
    clean = MISSES | {"missed": [], "false": [], "poorly_located": []}
    text = page(clean)
    assert list(table_rows(text)) == []
    assert text.count("None.\n") == 2
    assert "Of the sources that were recalled, none." in text


def test_command_finds_the_file_in_folders(tmp_path: Path) -> None:
    def written(folder: Path) -> str:
        target = tmp_path / "page.md"
        command = [sys.executable, "tools/write_misses.py", str(folder), str(target)]
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
        return target.read_text(encoding="utf-8")

    (tmp_path / "in" / "derivative").mkdir(parents=True)
    assert written(tmp_path / "in") == f"{INTRO}\n{PLACEHOLDER}"
    (tmp_path / "in" / "derivative" / "misses.json").write_text(json.dumps(MISSES), encoding="utf-8")
    assert written(tmp_path / "in") == page(MISSES)


VIDEOS: dict[str, Any] = {
    "run": {"seed": 1, "quick": False, "known": 40, "strangers": 40, "sources": {"drawings": 7, "recorded": 6}},
    "asked": 286,
    "missed": [
        {"source": "car", "kind": "recorded", "edit": "text", "placed": 0.31, "as": "too little", "vpdq_percent": 0.0},
        {"source": "car", "kind": "recorded", "edit": "pip50", "placed": 0.0, "as": "absent", "vpdq_percent": 0.0},
    ],
    "false": [{"group": "stranger", "query": "a", "edit": "grey", "others": [], "said": "b", "share": 0.104}],
}


def test_videos_come_after_pictures() -> None:
    text = page(None, VIDEOS)
    assert list(table_rows(text)) == [
        ["pip50", "car", "recorded", "absent", "0 %"],
        ["text", "car", "recorded", "too little", "31 %"],
        ["a", "grey", "b", "10 %"],
    ]
    assert "2 of 286 queries." in text
    assert "7 of drawings, 6 of recorded" in text
    assert page(MISSES, VIDEOS).startswith(page(MISSES))
    assert "None." in page(None, VIDEOS | {"false": []})
