"""Hotlines that take what nobody else removed: a small dated table. They are told by a person, on their web page."""

from dataclasses import dataclass
from datetime import date

from safelight.model.signal import RuleStatus
from safelight.model.takedown import Contact, Scope

_AS_OF = date(2026, 11, 21)


@dataclass(frozen=True, slots=True)
class HotlineEntry:
    """A hotline. `country`: empty for all. `seen`: where its address was read; unverified ones are to be checked."""

    country: str
    name: str
    form: str
    seen: str
    status: RuleStatus = RuleStatus.CONFIRMED
    as_of: date = _AS_OF


HOTLINES = (
    HotlineEntry("AU", "eSafety Commissioner", "https://www.esafety.gov.au/report", "esafety.gov.au"),
    HotlineEntry("CA", "Cybertip.ca (C3P)", "https://www.cybertip.ca/", "protectkidsonline.ca"),
    HotlineEntry("DE", "eco complaints office", "https://international.eco.de/", "international.eco.de"),
    HotlineEntry("GB", "Internet Watch Foundation", "https://report.iwf.org.uk/", "memory", RuleStatus.UNVERIFIED),
    HotlineEntry("JP", "Internet Hotline Center Japan", "https://www.internethotline.jp/", "internethotline.jp"),
    HotlineEntry("KR", "KCSC, by telephone 1377", "https://www.kocsc.or.kr/", "memory", RuleStatus.UNVERIFIED),
    HotlineEntry("US", "NCMEC CyberTipline", "https://report.cybertip.org/", "missingkids.org"),
    HotlineEntry("", "INHOPE, the hotline of the country", "https://www.inhope.org/", "inhope.org"),
)
"""The last one is for every other country: it leads to the hotline there."""


def hotline_of(country: str) -> Contact:
    """The hotline of a country, or the way to it."""
    entry = next((one for one in HOTLINES if one.country == country), HOTLINES[-1])
    source = f"table of {entry.as_of}, {entry.status}, read at {entry.seen}"
    return Contact(Scope.HOTLINE, entry.name, form=entry.form, how="table", source=source, country=entry.country)
