"""Tables of docs/reports.md, from the code."""

from collections.abc import Iterable

from safelight.adapter.hotline.cybertip import NO_ACCOUNT, NOT_DONE, NOT_FOUND
from safelight.demo.cybertip_server import CODES
from safelight.flow.filing_send import FINISHED_THERE, GONE
from safelight.report.cybertip.words import FILE_ANNOTATIONS, GENERATIVE, INCIDENTS, REPORT_ANNOTATIONS
from tools.docs_tables import table


def codes() -> str:
    """Each documented code, and what follows from it."""
    return table(
        ("code", "NCMEC's words", "what we do"), [(str(code), words, _after(code)) for code, words in CODES.items()]
    )


def words() -> str:
    """What a person may choose from."""
    return (
        f"- **Kinds of incident**: {'; '.join(INCIDENTS)}.\n"
        f"- **Annotations of the report**: {_names(REPORT_ANNOTATIONS)}.\n"
        f"- **Annotations of a file**: {_names(mark for mark in FILE_ANNOTATIONS if mark != GENERATIVE)}. "
        f"`{GENERATIVE}` follows from the finding.\n"
    )


def _names(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _after(code: int) -> str:
    if not code:
        return "the next call"
    if code == FINISHED_THERE:
        return "after `finish`: it is finished; else a dead letter"
    if code in GONE:
        return "of an open report: begun anew; of `finish`: a dead letter, ask NCMEC"
    if code in NO_ACCOUNT | NOT_DONE:
        return "the same call again, later" + (": name or password are to be mended" if code in NO_ACCOUNT else "")
    if 1000 <= code < 2000 and code != NOT_FOUND:
        return "tried again, later, as if nothing had been answered"
    return "a dead letter"
