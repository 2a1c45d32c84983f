"""Documents about a whole case, as it is now: for colleagues, tools and whoever is handed it. None holds media."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from safelight.model.dossier import Document, Dossier
from safelight.report.closing.case_uco import case_document
from safelight.report.closing.summary import summary
from safelight.report.closing.vics import vics


def _vics(dossier: Dossier, _at: datetime) -> Document:
    return Document("vics.json", "application/json", b"".join(vics([dossier])))


CASE_DOCUMENTS: Final[Mapping[str, Callable[[Dossier, datetime], Document]]] = {
    "case": case_document,
    "vics": _vics,
    "pdf": summary,
}
"""Makers of such documents, by the name of their format. Each raises DocumentError."""
