"""Tables of docs/reports.md, from the code."""

from collections.abc import Iterable

from safelight.adapter.hotline.cybertip import NO_ACCOUNT, NOT_DONE, NOT_FOUND
from safelight.demo.cybertip_server import CODES
from safelight.flow.filing_send import FINISHED_THERE, GONE
from safelight.model.filing import CaptureKind, Role
from safelight.report.cybertip import limits
from safelight.report.cybertip.told_words import ROLES
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


def told() -> str:
    """What may be told of accounts and files, and where it stands."""
    rows = [
        ("`esp_identifier`", "`espIdentifier`", limits.ESP_ID),
        ("`esp_service`; empty: your own", "`espService`", limits.ESP_SERVICE),
        ("`screen_name`", "`screenName`", limits.SCREEN_NAME),
        ("`display_names`", "`displayName`", limits.DISPLAY_NAME),
        ("`profile_urls`", "`profileUrl`", limits.URL),
        ("`emails`, each `verified` or not", "`email`", limits.EMAIL),
        ("`phones`", "`phone`", limits.PHONE),
        ("`compromised`", "`compromisedAccount`", ""),
        (f"`ip_events`: address, {_kinds()}, time, port, whether it may be a proxy", "`ipCaptureEvent`", ""),
        ("`devices`: kind of id, id, event, time", "`deviceId`", limits.DEVICE),
        ("of a file: `name`", "`originalFileName`", limits.FILE_NAME),
        ("of a file: `uploaded`", "`uploadedToEspTimestamp`", ""),
        ("of a file: `url`", "`locationOfFile`", limits.URL),
        ("of a file: `public`, or not said", "`publiclyAvailable`", ""),
        ("of a file: `ip_event`, one", "`ipCaptureEvent`", ""),
        ("of a file: `devices`", "`deviceId`", limits.DEVICE),
    ]
    return table(("told", "NCMEC's field", "at most"), [(*row[:2], f"{row[2]:,}" if row[2] else "") for row in rows])


def roles() -> str:
    """What an account may have to do with an incident."""
    fields = {
        Role.REPORTED: "`personOrUserReported`, one",
        Role.LINKED: "`associatedAccount` of that one",
        Role.RECIPIENT: "`intendedRecipient`",
        Role.VICTIM: "`victim`",
    }
    rows = [(f"`{role}`", words[0].lower() + words[1:], fields[role]) for role, words in ROLES.items()]
    return table(("role", "what it is", "NCMEC's field"), rows)


def _kinds() -> str:
    return " / ".join(f"`{kind}`" for kind in CaptureKind)


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
