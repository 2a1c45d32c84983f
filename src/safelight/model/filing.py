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


class CaptureKind(StrEnum):
    """In the course of what an address or a device was recorded, in NCMEC's words."""

    LOGIN = "Login"
    REGISTRATION = "Registration"
    PURCHASE = "Purchase"
    UPLOAD = "Upload"
    OTHER = "Other"
    UNKNOWN = "Unknown"


class Role(StrEnum):
    """What an account has to do with an incident."""

    REPORTED = "reported"
    LINKED = "linked"  # another account of the one that is reported
    RECIPIENT = "recipient"  # it was meant to get the files
    VICTIM = "victim"


@dataclass(frozen=True, slots=True)
class IpEvent:
    """An IP address that somebody used. `port`: of that side, 1 to 65535; behind a shared address only it tells who."""

    address: str
    kind: CaptureKind | None = None
    at: datetime | None = None
    possible_proxy: bool = False
    port: int | None = None


@dataclass(frozen=True, slots=True)
class Device:
    """An id of a device that somebody used. `kind`: of the id, as `IMEI`."""

    kind: str
    value: str
    event: CaptureKind | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Email:
    """An e-mail address of an account. `verified`: mail that was sent there was answered."""

    address: str
    verified: bool = False


@dataclass(frozen=True, slots=True)
class Account:
    """An account of the service, or of another one, as far as it is known; each text may be empty.

    Of a victim nothing but the ids of the account is ever filled in by a program; anything else is what a person typed.
    `esp_identifier`: the service's own id of it; `esp_service`: which service, empty for the reporter's own.
    """

    role: Role = Role.REPORTED
    esp_identifier: str = ""
    esp_service: str = ""
    screen_name: str = ""
    display_names: tuple[str, ...] = ()
    profile_urls: tuple[str, ...] = ()
    emails: tuple[Email, ...] = ()
    phones: tuple[str, ...] = ()
    compromised: bool = False
    ip_events: tuple[IpEvent, ...] = ()
    devices: tuple[Device, ...] = ()
    additional: str = ""


@dataclass(frozen=True, slots=True)
class Chat:
    """Where something happened in messages. What was written there is not told."""

    client: str = ""
    room: str = ""


@dataclass(frozen=True, slots=True)
class FileTold:
    """What is known of how a file came to the service. `public`: None says nothing about whether all could see it.

    `name`: what its uploader called it. `uploaded`: when it came to the service; None for when it came here.
    """

    name: str = ""
    uploaded: datetime | None = None
    url: str = ""
    public: bool | None = None
    ip_event: IpEvent | None = None
    devices: tuple[Device, ...] = ()
    additional: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """What a reviewer adds to a report; nothing in it may describe what is seen.

    It is kept with the report alone, in no log: addresses, e-mail and all that is personal in it is for the receiver.
    `incident`: the other side's word for its kind. `annotations`: NCMEC's words for files, by item; `files`: how each
    came, by item. `urls`, `chats`, `emails`: where it happened.
    """

    incident: str = "Child Pornography (possession, manufacture, and distribution)"
    when: datetime | None = None
    urls: tuple[str, ...] = ()
    chats: tuple[Chat, ...] = ()
    emails: tuple[str, ...] = ()
    annotations: dict[str, tuple[str, ...]] | None = None
    report_annotations: tuple[str, ...] = ()
    escalate: str = ""
    accounts: tuple[Account, ...] = ()
    files: dict[str, FileTold] | None = None
    additional: str = ""


@dataclass(frozen=True, slots=True)
class Filing:
    """A report about a case: one row that says how far it came, written before and after each call to the other side.

    `number`: the report's id there. `opened`, `touched`: when it was opened there, and last changed there; an
    unfinished one is deleted there 24 h after the one or 1 h after the other, whichever is later. `finishing`: `finish`
    was called at least once, so that it may be finished there whatever we heard: it is never begun anew. `tries`: of
    the step that is next. `digest`: SHA-256 of the first document. `cause`: why it is DEAD or WITHDRAWN, why it waits
    while it is SENDING, and what is not as it should be with a FINISHED one. `classification`, `artificialness`: of the
    finding that the report tells, as it was when a person confirmed it. `created`: when it was first drafted, however
    often it was renewed; `withdrawn`: when it was given up, by a person or not. `erased`: when what it tells of people
    was erased: then `told` has nothing but the kind of incident, and no document can be made of it any more.
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
    withdrawn: datetime | None = None
    erased: datetime | None = None

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
