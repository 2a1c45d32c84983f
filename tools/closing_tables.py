"""Generated tables of docs/crosswalk.md and docs/documents.md."""

import inspect

from safelight.model.dossier import Dossier, DossierItem, DossierPlace
from safelight.report.closing.crosswalk import ARTIFICIAL, CROSSWALK_VERSION, TABLE, VICS_CATEGORIES, Row
from safelight.report.closing.example_documents import FORMATS, example_documents

_WHOLE = {"classes": 6, "levels": 6, "victims": 3}
_TOLD = {
    "ncmec": "CyberTipline report, and one for each file",
    "xarf": "X-ARF v4, `content/csam`, for the machines of hosts",
    "dsa": "notice to a host, Regulation (EU) 2022/2065, Article 16, with the X-ARF beside it",
    "statement": "statement of reasons to the uploader, Article 17",
    "tdb": "the same for the DSA Transparency Database: a body of `POST /api/v1/statements`",
    "vics": "VICS 2.0, `#Cases`",
    "case": "CASE/UCO as JSON-LD, with terms of the CAC ontology",
    "pdf": "case summary without pictures, PDF/A-2a and PDF/UA-1",
    "canada": "report of addresses to Cybertip.ca",
    "nca": "bundle for the UK National Crime Agency",
    "police": "bundle for a police force",
}


def version() -> str:
    """The crosswalk's version, and what counts as artificial."""
    levels = ", ".join(f"`{level}`" for level in sorted(ARTIFICIAL))
    return f"Version {CROSSWALK_VERSION}. Artificial are the levels {levels}.\n"


def crosswalk_table() -> str:
    """Every row of the table, in the order in which they are tried."""
    rows = ["| target | finding | value | how | why | source | status |", "| --- | --- | --- | --- | --- | --- | --- |"]
    for row in TABLE:
        value = f"`{row.value}`" if row.value else "none"
        rows.append(
            f"| `{row.target}` | {_when(row)} | {value} | {row.rule} | {row.why} | {row.source} | {row.status} |"
        )
    return "\n".join(rows) + "\n"


def vics_table() -> str:
    """What categories of VICS mean, by country."""
    rows = ["| region | category | means | source | status |", "| --- | --- | --- | --- | --- |"]
    rows += [f"| {one.region} | {one.number} | {one.name} | {one.source} | {one.status} |" for one in VICS_CATEGORIES]
    return "\n".join(rows) + "\n"


def formats_table() -> str:
    """Every format of `safelight report example`, with its files."""
    rows = ["| format | what it is | files |", "| --- | --- | --- |"]
    for form in FORMATS:
        names = ", ".join(f"`{document.name}`" for document in example_documents(form))
        rows.append(f"| `{form}` | {_TOLD[form]} | {names} |")
    return "\n".join(rows) + "\n"


def dossier_table() -> str:
    """Everything that a document can know."""
    rows = ["| of | fields |", "| --- | --- |"]
    for name, kind in (("the case", Dossier), ("a file", DossierItem), ("a URL", DossierPlace)):
        fields = ", ".join(f"`{field}`" for field in inspect.signature(kind).parameters)
        rows.append(f"| {name} | {fields} |")
    return "\n".join(rows) + "\n"


def _when(row: Row) -> str:
    """The findings that a row is for, in words."""
    parts = []
    for axis, whole in _WHOLE.items():
        held = getattr(row, axis)
        if len(held) < whole:
            parts.append(f"{_AXES[axis]} {' or '.join(sorted(held))}")
    alone = sum(other.target is row.target for other in TABLE) == 1
    return "; ".join(parts) or ("any" if alone else "any other")


_AXES = {"classes": "class", "levels": "made", "victims": "real victim"}
