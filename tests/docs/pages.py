"""Reading the documentation as text."""

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
DOCS = ROOT / "docs"
HOUSE = ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CODE_OF_CONDUCT.md", "CHANGELOG.md")


def pages() -> list[Path]:
    """Every Markdown page of the repository: the house files and docs/."""
    return [*(ROOT / name for name in HOUSE), *sorted(DOCS.rglob("*.md"))]


def table_rows(text: str) -> Iterator[list[str]]:
    """The cells of every table row of a page, header rows left out."""
    lines = text.splitlines()
    for number, line in enumerate(lines):
        ruler = line.startswith("|") and set(line) <= set("|-: ")
        header = number + 1 < len(lines) and set(lines[number + 1]) <= set("|-: ") and lines[number + 1].startswith("|")
        if line.startswith("|") and not ruler and not header:
            yield [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]]


def fenced(text: str, language: str) -> list[str]:
    """The bodies of all fenced blocks of a language."""
    return re.findall(rf"^```{re.escape(language)}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def without_code(text: str) -> str:
    """The page without fenced blocks and code spans."""
    return re.sub(r"`[^`\n]*`", "", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL))
