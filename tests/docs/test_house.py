"""The house: links resolve, decisions are in form, text names no machine, modules stay small."""

import re
from pathlib import Path

import pytest

from tests.docs.pages import DOCS, ROOT, pages, without_code

SKIPPED_FOLDERS = {".git", ".venv", "build", "dist", "safelight-demo"}
TEXT_SUFFIXES = {".py", ".md", ".toml", ".txt", ".in", ".yml", ".yaml", ".html", ".css", ".js", ".cfg", ".json", ""}
MACHINE = re.compile(r"(?<![\w.-])/(?:work|root|tmp)/\w|https?://(?:pypi\.org|files\.pythonhosted)|localhost:\d")
RECORDS = sorted((DOCS / "adr").glob("0*.md"))
MODULES = sorted((ROOT / "src" / "safelight").rglob("*.py"))
MAX_LINES = 400


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub and MyST make them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_links_inside_the_repository_resolve(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", without_code(page.read_text(encoding="utf-8"))):
        if "://" in target or target.startswith("mailto:"):
            continue
        name, _, anchor = target.partition("#")
        file = page.parent / name if name else page
        assert file.exists(), f"{page.name} links to {target}"
        assert not anchor or anchor in anchors(file), f"{page.name} links to {target}"


def test_every_page_is_in_a_table_of_contents() -> None:
    contents = "\n".join((DOCS / name).read_text(encoding="utf-8") for name in ("index.md", "adr/index.md"))
    blocks = re.findall(r"```\{toctree\}(.*?)```", contents, re.DOTALL)
    listed = {line.strip() for block in blocks for line in block.splitlines()}
    assert {page.stem for page in DOCS.glob("*.md")} - {"index"} <= listed
    assert "0*" in listed


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.stem)
def test_decision_record_is_in_form(record: Path) -> None:
    text = record.read_text(encoding="utf-8")
    sections = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert text.startswith(f"# {record.name[:4]}. ")
    assert re.search(r"^Status: (proposed|accepted|superseded by \d{4})\. Date: \d{4}-\d\d-\d\d\.$", text, re.MULTILINE)
    assert sections == ["Context", "Decision", "Consequences", "Alternatives", "References"]


def test_decision_records_are_numbered_without_gaps() -> None:
    assert [int(record.name[:4]) for record in RECORDS] == list(range(1, len(RECORDS) + 1))


def texts() -> list[Path]:
    """Every text file that is or may be committed."""
    found = (path for path in ROOT.rglob("*") if path.is_file() and path.suffix in TEXT_SUFFIXES)
    return [
        path
        for path in found
        if not any(part in SKIPPED_FOLDERS or part.endswith("_cache") for part in path.relative_to(ROOT).parts)
        and ".hypothesis" not in path.parts
        and path != Path(__file__)
    ]


def test_no_text_names_this_machine_or_a_registry() -> None:
    named = [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path in texts()
        for match in MACHINE.finditer(path.read_text(encoding="utf-8", errors="replace"))
    ]
    assert named == []


def test_modules_stay_small() -> None:
    lengths = {str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES}
    assert len(lengths) > 20
    assert {name: length for name, length in lengths.items() if length > MAX_LINES} == {}


def test_changelog_fragments_are_named_as_towncrier_reads_them() -> None:
    """A second fragment of one issue and type needs a number: words do not tell them apart for towncrier."""
    fragments = [path for path in (ROOT / "changelog.d").iterdir() if path.suffix == ".md"]
    named = re.compile(r"(\d+|\+[a-z-]+)\.(added|changed|fixed|removed|security)(\.\d+)?\.md")
    assert [path.name for path in fragments if not named.fullmatch(path.name)] == []
    assert all(path.read_text(encoding="utf-8").strip() for path in fragments)
