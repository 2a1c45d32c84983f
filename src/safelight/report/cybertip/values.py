"""What a CyberTipline report says, before it is XML. No field holds media, a person of ours, or a description."""

from dataclasses import dataclass, field
from datetime import datetime

from safelight.model.filing import FileTold, Reporter, Told


@dataclass(frozen=True, slots=True)
class Incident:
    """A report. `when`: the time of the incident, `when_words`: what time that is. `remarks`: for `additionalInfo`."""

    told: Told
    reporter: Reporter
    when: datetime
    when_words: str = ""
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What is said of a file.

    `name`: our own id of it. `annotations`: words of FILE_ANNOTATIONS. `classification`: A1, A2, B1, B2, or empty; said
    of a file that is reported, not of a `supplemental` one. `hashes`: kind and value; `evidence`: name and value.
    `told`: what people say of how it came.
    """

    name: str
    received: datetime | None = None
    viewed: bool = False
    supplemental: bool = False
    annotations: tuple[str, ...] = ()
    classification: str = ""
    hashes: tuple[tuple[str, str], ...] = ()
    evidence: tuple[tuple[str, str], ...] = ()
    remarks: tuple[str, ...] = ()
    told: FileTold = field(default_factory=FileTold)
