"""Taking down: where something is, who can act there, what they were told, and whether it is gone."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from safelight.model.address import canonical


class Place(StrEnum):
    """What a check found at a URL. Only GONE and REPLACED are ends, and both are watched on."""

    UNCHECKED = "unchecked"
    PRESENT = "present"  # the very bytes
    ALTERED = "altered"  # other bytes of the same family
    MOVED = "moved"  # the URL leads elsewhere, and there it is
    REPLACED = "replaced"  # something answers, and it is none of the family
    GONE = "gone"  # 404, 410, or a person says so
    UNCLEAR = "unclear"  # something answers that cannot be compared with it, such as a page: a person has to look
    BARRED = "barred"  # refused to us (401, 403, 451): it may be there for others
    SILENT = "silent"  # no answer: nothing is known


class Scope(StrEnum):
    """Who is asked, in the order in which they are; each can do something else."""

    SITE = "site"  # who runs the domain
    HOST = "host"  # who runs the network that the address belongs to
    UPSTREAM = "upstream"  # who announces that network
    REGISTRAR = "registrar"  # where the domain is registered
    HOTLINE = "hotline"  # where everything else failed


class Form(StrEnum):
    """What a notice is written as."""

    XARF = "xarf"  # plain text with X-ARF v4 beside it
    DSA = "dsa"  # Regulation (EU) 2022/2065, Article 16
    TAKE_IT_DOWN = "take_it_down"  # TAKE IT DOWN Act, for a person depicted
    PLATFORM = "platform"  # a platform's own interface


class NoticeState(StrEnum):
    """What became of a notice."""

    WAITING = "waiting"  # to be sent
    SENT = "sent"
    ACKNOWLEDGED = "acknowledged"
    REMOVED = "removed"  # they say so: only a check makes it true
    REFUSED = "refused"
    SILENT = "silent"  # its time is over without an answer
    FAILED = "failed"  # it could not be delivered


@dataclass(frozen=True, slots=True)
class Contact:
    """Who can act. `how`: `rdap`, `security.txt`, `dns`, `guess`; `source`: where exactly it was read.

    `email` or `form` (a web page for people) is there. `country`: ISO 3166-1 alpha-2, empty if not known; `languages`
    in which they are written to follow from it.
    """

    scope: Scope
    name: str
    email: str = ""
    form: str = ""
    how: str = ""
    source: str = ""
    country: str = ""
    network: str = ""  # address range, or number of the autonomous system

    @property
    def to(self) -> str:
        """Where one writes to: the address, else the page for people."""
        return self.email or self.form


@dataclass(frozen=True, slots=True)
class Contacts:
    """Who can act about one URL. `addresses`: of its host. `flaws`: what could not be asked, in words.

    `servers`: names of the DNS servers of its domain. `tries`: how often in a row something could not be asked.
    """

    url: str
    found: datetime
    contacts: tuple[Contact, ...]
    addresses: tuple[str, ...] = ()
    flaws: tuple[str, ...] = ()
    servers: tuple[str, ...] = ()
    tries: int = 0


@dataclass(frozen=True, slots=True)
class Look:
    """One check of a URL, without keeping a byte of it.

    `status`: HTTP, None without an answer. `sha256`: of the bytes, None when there were none. `kind`: how they match
    the family: `exact`, `derivative`, `near`, empty. `led_to`: where redirects ended. `cause`: why there is no answer.
    `no_host`: there is no such name.
    """

    at: datetime
    place: Place
    status: int | None = None
    sha256: str | None = None
    kind: str = ""
    led_to: str = ""
    cause: str = ""
    no_host: bool = False


@dataclass(frozen=True, slots=True)
class Judged:
    """What bytes are to an item's family. `kind`: `exact`, `derivative`, `near`; empty for none of it.

    `sure`: false when they could not be compared in full, so that an empty `kind` says nothing. `unlike`: what they are
    cannot be compared with the item at all: another kind of file, or one without marks.
    """

    sha256: str
    kind: str = ""
    sure: bool = True
    unlike: bool = False


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice to one contact about one URL. `due`: when silence becomes an answer. `sha256`: of what was sent.

    `basis`: of the deadline: a rule of a law pack, or the operator's plan. `message`: Message-ID, or the platform's id.
    While it is WAITING, `due` is when it is tried again, or given up where only a person can send it. `written`: when
    it was tried first: its words count from then. `put_off`: since when the server of whom it is for takes it later, or
    seems to. `url`: as it names it, whatever spelling its location has by now; empty for as its location has it.
    """

    id: str
    location: str
    contact: Contact
    form: Form
    language: str
    state: NoticeState
    created: datetime
    sent: datetime | None = None
    due: datetime | None = None
    answered: datetime | None = None
    message: str = ""
    sha256: str = ""
    basis: str = ""
    tries: int = 0
    cause: str = ""
    written: datetime | None = None
    put_off: datetime | None = None
    url: str = ""

    def names(self, url: str) -> str:
        """The URL of its location as the notice names it. A row that has another place there changes nothing."""
        return self.url if canonical(self.url) == canonical(url) else url


class RetractionState(StrEnum):
    """What became of the word that a notice is taken back."""

    WAITING = "waiting"  # a person confirmed it; it is to be sent
    SENT = "sent"
    FAILED = "failed"  # it could not be delivered: a person has to tell them
    UPHELD = "upheld"  # it was confirmed as abuse again before this was sent
    GIVEN_UP = "given_up"  # a person says that nobody can be told


@dataclass(frozen=True, slots=True)
class Retraction:
    """Word to somebody who had a notice that it is taken back. `notice`: its id. `asked`: when a person confirmed it.

    `due`: when it is tried next, and the case asked again. `message`: Message-ID, its own. `sha256`: of what was sent.
    """

    id: str
    notice: str
    state: RetractionState
    asked: datetime
    due: datetime | None = None
    sent: datetime | None = None
    message: str = ""
    sha256: str = ""
    tries: int = 0
    cause: str = ""

    @property
    def may_have_arrived(self) -> bool:
        """Whether they may take the notice for withdrawn: one that was cut off in the middle counts as well."""
        unknown = self.state in {RetractionState.WAITING, RetractionState.UPHELD} and self.tries > 0
        return self.state is RetractionState.SENT or unknown


class AlarmKind(StrEnum):
    """Why people should look at a takedown, the most pressing first."""

    LATE = "late"  # a duty to remove is past its time, and something is still there
    SOON = "soon"  # a duty to remove is due within hours
    RETRACT = "retract"  # hosts were told of what is no abuse, and that was not taken back yet
    UNVOUCHED = "unvouched"  # a row of the database says what the log does not: somebody may have changed it
    RETURNED = "returned"  # it is there again after it was removed, or something of its family is elsewhere
    UNCLEAR = "unclear"  # something else is there that only a person can judge; nobody is told meanwhile
    PAUSED = "paused"  # the case has let nothing go on for a day
    UNSETTLED = "unsettled"  # no look can tell whether it is there: a person has to say
    NO_HOST = "no_host"  # its host has had no address for a week: a person may say that it is gone
    EXHAUSTED = "exhausted"  # everybody was asked, and it is still there
    ASTRAY = "astray"  # it leads to a place that nobody works on
    BY_HAND = "by_hand"  # a notice waits for a person to send it, or could not be sent for a day


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something about a takedown that waits for people. `at`: since when, or of a duty, when it is due.

    `location`: empty for a duty of the whole case; `what`: the id of the duty, or of the notice.
    """

    kind: AlarmKind
    case: str
    at: datetime
    location: str = ""
    what: str = ""


@dataclass(frozen=True, slots=True)
class Location:
    """A URL where an item of a case is, or was.

    `notices`: in the order in which they were sent. `looks`: those after which `place` was another, oldest first.
    `next_look`: when it is looked at again, None for never. `gone`: since when it is not there. `returned`: how often
    it came back. `found_as`: a location that this one came from: it moved, or something of its family returned.
    `closed`: the reason why nobody works on it any more. `begun`: when a person had the takedown begin; None before.
    `vouched`: when a person said that it is there, whatever we get to see; None once a look sees it, or it is gone.
    `past`: the `gone` of all removals after which it came back. `back`: when it came back last, by a look, a person's
    word, or an item that came from there. `anew`: since when the plan runs, where it began again at its first step.
    `there`: the last look that found it there. `no_host`: since when all looks found that its host has no address.
    `followed`: how many redirects, each found by a look at the place before, led to it from a URL that a person gave.
    `retractions`: words that notices are taken back, in the order in which people confirmed them. `as_of`: when it was
    changed last, by the clock of whoever did: one that lies ahead tells that their clock did (`policy.takedown_clock`).

    `gone` is set once a second look or a person has confirmed it, to the time of the first look. `next_look` is also
    when a step of the plan is due: before a notice goes out the URL is looked at.
    """

    id: str
    case: str
    item: str
    sha256: str
    url: str
    added: datetime
    place: Place = Place.UNCHECKED
    contacts: Contacts | None = None
    notices: tuple[Notice, ...] = ()
    looks: tuple[Look, ...] = ()
    last_look: datetime | None = None
    next_look: datetime | None = None
    gone: datetime | None = None
    returned: int = 0
    found_as: str = ""
    closed: str = ""
    family: str = ""
    begun: datetime | None = None
    vouched: datetime | None = None
    past: tuple[datetime, ...] = ()
    back: datetime | None = None
    anew: datetime | None = None
    there: Look | None = None
    no_host: datetime | None = None
    followed: int = 0
    retractions: tuple[Retraction, ...] = ()
    as_of: datetime | None = None

    @property
    def in_force(self) -> tuple[Notice, ...]:
        """The notices that were not taken back: of those that were, nobody is to blame, and they would be told anew."""
        back = {one.notice for one in self.retractions if one.may_have_arrived}
        return tuple(one for one in self.notices if one.id not in back)

    @property
    def hours(self) -> float | None:
        """From the first notice in force to gone; None while it is there, or was gone before anybody was told."""
        sent = min((notice.sent for notice in self.in_force if notice.sent), default=None)
        if sent is None or self.gone is None or self.gone < sent:
            return None
        return (self.gone - sent).total_seconds() / 3600


@dataclass(frozen=True, slots=True)
class PlanStep:
    """Whom to ask, and how long to wait for an answer before the next step."""

    scope: Scope
    wait: timedelta


@dataclass(frozen=True, slots=True)
class Plan:
    """How a takedown goes on by itself once a person began it. `looks`: waits between checks while it is there.

    `watch`: waits between checks once it is gone; after the last one nobody looks any more.
    """

    steps: tuple[PlanStep, ...]
    looks: tuple[timedelta, ...]
    watch: tuple[timedelta, ...]
