"""Writes the notices of takedowns: what the dossier of the case says, as text and as X-ARF."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID, uuid5

from safelight.model.case import Case
from safelight.model.dossier import Dossier
from safelight.model.errors import DocumentError
from safelight.model.notice import RemovalRequest, Written
from safelight.model.takedown import Contact, Form, Location, Notice, Plan
from safelight.report.closing.common import must_be_confirmed
from safelight.report.closing.xarf import xarf_document
from safelight.report.notice import facts_of, found_there, notice, place_of

Asked = Callable[[Case, Location, Contact], RemovalRequest | None]

_OURS = UUID("8f1d9c50-3f0e-5b5e-9a53-6f0f8a3c9d11")
"""Namespace (RFC 9562, 5.5) in which ids of notices become those of reports."""


@dataclass(frozen=True, slots=True)
class NoticeWriter:
    """`flow.takedown.Write`. `dossier`: builds that of a case; `plan`: how long each has time to answer.

    `asked`: what a person depicted says to a contact about a URL, see `flow.requests.RemovalRequests.to_pass_on`.
    """

    dossier: Callable[[Case], Dossier]
    plan: Plan
    asked: Asked = lambda _case, _location, _contact: None

    def __call__(self, case: Case, location: Location, told: Notice) -> Written:
        """The notice; the same for the same one. Raises DocumentError for a case that is not confirmed."""
        found = self.dossier(case)
        must_be_confirmed(found, "the notice")
        facts = facts_of(found, location, told, self._due(told))
        theirs = told.form is Form.TAKE_IT_DOWN
        said = self.asked(case, location, told.contact) if theirs else None
        attached = None if theirs else _for_machines(found, location, told)
        return notice(told.form, told.contact, facts, found.reporter, told.language, attached, said)

    def _due(self, told: Notice) -> datetime | None:
        """When the plan goes on without an answer. It is counted from the first try, so a little early, never late."""
        wait = next((step.wait for step in self.plan.steps if step.scope is told.contact.scope), None)
        return (told.written or told.created) + wait if wait is not None else None


def _for_machines(dossier: Dossier, location: Location, told: Notice) -> bytes | None:
    """X-ARF; None where the format has no class for the finding: then the text goes alone.

    Its hash values are of the content at the URL: of an altered copy what the look found, and none of its source.
    """
    report = str(uuid5(_OURS, told.id))
    item = dossier.item(location.item)
    if there := found_there(location, item.sha256):
        copy = replace(item, sha256=there, md5="", sha1="")
        dossier = replace(dossier, items=tuple(copy if one.id == item.id else one for one in dossier.items))
    try:
        return xarf_document(dossier, location.item, place_of(location), report, told.created).content
    except DocumentError:
        return None
