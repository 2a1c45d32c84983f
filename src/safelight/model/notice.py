"""Notices: all that one may say, and what it is once it was written. Nothing of it shows or describes what is seen."""

from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

from safelight.model.assessment import Artificialness
from safelight.model.case_events import Classification
from safelight.model.takedown import Contact, Scope


@dataclass(frozen=True, slots=True)
class NoticeItem:
    """An item that a notice is about. `id`: ours. Digests in lower-case hexadecimal; empty where not known."""

    id: str
    sha256: str
    md5: str = ""


@dataclass(frozen=True, slots=True)
class NoticeFacts:
    """All that a notice may say. There is no field for a picture, a description, a note or a reviewer.

    `reference`: of the notice, for the answer. `urls`: exactly as they were found. `seen`: when the material
    was last seen there, `due`: when an answer is asked for by; `basis`: of `due`, as a law pack or the operator's plan
    says it. `classification`, `artificialness`: the reviewer's finding.
    `reports`: numbers at hotlines. `addresses`: of the host. `earlier`: whom else we told before, and when.
    `returned`: since when it had been gone, of what is there again; `earlier` is then of the time after that.
    `found`: SHA-256 of what is there, where that is an altered copy of the items; empty where it is one of them.
    """

    reference: str
    urls: tuple[str, ...]
    items: tuple[NoticeItem, ...]
    seen: datetime | None = None
    due: datetime | None = None
    basis: str = ""
    classification: Classification = Classification.NONE
    artificialness: Artificialness = Artificialness.UNKNOWN
    reports: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    earlier: tuple[tuple[Scope, datetime], ...] = ()
    returned: datetime | None = None
    found: str = ""


@dataclass(frozen=True, slots=True)
class RemovalRequest:
    """What a person who is depicted, or who acts for them, says in a request under the TAKE IT DOWN Act.

    Only they can say it: what is empty stays a blank for them to fill in. `signature`: as they signed, physically or
    electronically. `acting_for`: whom they represent and as what; empty for themselves. `identification`: what the
    depiction is found by, beside URLs and digests. `belief`: why they believe in good faith that it was not
    consented to. `contact`: how they are reached.
    """

    signature: str = ""
    name: str = ""
    acting_for: str = ""
    identification: str = ""
    belief: str = ""
    contact: str = ""


@dataclass(frozen=True, slots=True)
class Written:
    """A notice as it goes out. `attachments`: name, type, bytes.

    `missing`: what a person has to fill in or sign first. Unless it is empty, nothing may be sent.
    `in_full`: the text with what a person depicted says of themselves, which `text` does not show; empty for none.
    """

    subject: str
    text: str
    attachments: tuple[tuple[str, str, bytes], ...] = ()
    missing: tuple[str, ...] = ()
    in_full: str = field(default="", repr=False)

    @property
    def outgoing(self) -> str:
        """The text that the recipient gets. For nobody else's eyes, and for no log."""
        return self.in_full or self.text

    @property
    def letter(self) -> str:
        """Subject and text, as a person reads them. What is attached says the same, and when it was written."""
        return f"{self.subject}\n\n{self.text}"

    def digest(self, contact: Contact) -> str:
        """SHA-256 of what a person reads, by which they say that they have: whom it goes to, and the letter."""
        return sha256(f"{contact.to}\n\n{self.letter}".encode()).hexdigest()
