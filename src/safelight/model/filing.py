"""Reports to hotlines and authorities: what is sent, how far it came, and what was answered."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from safelight.model.assessment import Artificialness

BY_PERSON: Final = "withdrawn: "
"""How `Filing.cause` begins when a person withdrew a report; else it was stopped, and people have to look."""


class Body(StrEnum):
    """Who takes reports."""

    NCMEC = "ncmec"  # CyberTipline, United States: by API
    CYBERTIP_CA = "cybertip_ca"  # Cybertip.ca, Canada: addresses only, sent by a person
    NCA = "nca"  # National Crime Agency, United Kingdom: sent by a person
    POLICE = "police"  # any police: a bundle that a person hands over


class FilingState(StrEnum):
    """How far a report came."""

    DRAFT = "draft"  # prepared, to be read by a person
    SENDING = "sending"  # a person confirmed it; a job sends it, step by step
    FINISHED = "finished"  # the other side has it, whole
    HANDED = "handed"  # a person sent or handed over the bundle, and said so
    DEAD = "dead"  # it could not be sent; `cause` says why, and people have to look
    WITHDRAWN = "withdrawn"  # given up, or retracted, before it was finished


class FileStep(StrEnum):
    """How far one file of a report came."""

    WAITING = "waiting"
    SENDING = "sending"  # its upload began; whether it arrived is not known until it is SENT
    SENT = "sent"
    DESCRIBED = "described"


@dataclass(frozen=True, slots=True)
class FiledItem:
    """An item of a report. `number`: the file's id at the other side. `upload`: whether its media is sent along.

    `viewed`: whether somebody here really saw it; `md5`: of its bytes, which the other side's receipt has to show.
    `generative`: whether it is marked as made by generative AI; it depends on what else was in the case when confirmed.
    """

    item: str
    sha256: str
    md5: str
    viewed: bool
    upload: bool = True
    step: FileStep = FileStep.WAITING
    number: str = ""
    generative: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """What a reviewer adds to a report; nothing in it may describe what is seen.

    `incident`: the other side's word for its kind. `annotations`: NCMEC's words for files, by item.
    `url`: where it was found. `uploader`: ids of the account as the integrator gave them.
    """

    incident: str = "Child Pornography (possession, manufacture, and distribution)"
    when: datetime | None = None
    urls: tuple[str, ...] = ()
    annotations: dict[str, tuple[str, ...]] | None = None
    report_annotations: tuple[str, ...] = ()
    escalate: str = ""
    esp_identifier: str = ""
    screen_name: str = ""
    additional: str = ""


@dataclass(frozen=True, slots=True)
class Filing:
    """A report about a case: one row that says how far it came, written before and after each call to the other side.

    `number`: the report's id there. `opened`, `touched`: when it was opened there, and last changed there; an
    unfinished one is deleted there 24 h after the one or 1 h after the other, whichever is later. `finishing`: `finish`
    was called at least once, so that it may be finished there whatever we heard: it is never begun anew. `tries`: of
    the step that is next. `digest`: SHA-256 of the first document. `cause`: why it is DEAD or WITHDRAWN, why it waits
    while it is SENDING, and what is not as it should be with a FINISHED one. `classification`, `artificialness`: of the
    finding that the report tells, as it was when a person confirmed it.
    """

    id: str
    case: str
    body: Body
    state: FilingState
    created: datetime
    items: tuple[FiledItem, ...]
    told: Told = Told()
    confirmed_by: str = ""
    confirmed: datetime | None = None
    number: str = ""
    opened: datetime | None = None
    touched: datetime | None = None
    finishing: bool = False
    finished: datetime | None = None
    tries: int = 0
    digest: str = ""
    cause: str = ""
    production: bool = False
    abandoned: tuple[str, ...] = ()
    retracted: tuple[str, ...] = ()
    mismatches: int = 0
    agreed: str = ""
    classification: str = ""
    artificialness: Artificialness = Artificialness.UNKNOWN

    @property
    def stopped(self) -> bool:
        """Whether it was withdrawn by no person: what it was to do is not done, and people have to look."""
        return self.state is FilingState.WITHDRAWN and not self.cause.startswith(BY_PERSON)


@dataclass(frozen=True, slots=True)
class Reporter:
    """Who reports, as the operator's settings say it. `email` is what the receiving side answers to."""

    organisation: str
    email: str
    first_name: str = ""
    last_name: str = ""
    phone: str = ""
    terms: str = ""
    legal_url: str = ""
    domain: str = ""
