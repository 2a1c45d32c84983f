"""Who can act about a URL: DNS, RDAP and security.txt, each asked under a guard and within bounds. docs/notices.md."""

from pathlib import Path
from urllib.parse import urlsplit

from safelight.adapter.directory.find import WebDirectory
from safelight.adapter.directory.lists import BootstrapLists
from safelight.adapter.directory.names import Names
from safelight.adapter.directory.records import MAX_REDIRECTS, Records
from safelight.adapter.fetch import SafeFetcher
from safelight.ports import Clock

__all__ = ["BootstrapLists", "Names", "Records", "WebDirectory", "open_directory"]

IANA = "https://data.iana.org/rdap/"
MAX_RECORD = 1 << 20
MAX_SECURITY_TXT = 1 << 16
SECONDS = 10.0
"""For one question, redirects included."""
_RDAP_TYPES = "application/rdap+json, application/json;q=0.9"


def open_directory(rdap: str, resolver: str, folder: Path, clock: Clock) -> WebDirectory:
    """The directory; nothing is asked by this.

    Args:
        rdap: where the lists of RDAP servers are. The host of another place than IANA's is the operator's own: it may
            have any address and port, and need not speak https.
        resolver: address of a DNS server, with a port behind a colon if it is not 53; empty for the machine's.
        folder: where lists are kept.
        clock: says how old they are.
    """
    own = frozenset({urlsplit(rdap).hostname or ""}) if rdap != IANA else frozenset[str]()
    names = Names(resolver)
    rdap_fetcher = SafeFetcher(
        MAX_RECORD,
        seconds=SECONDS,
        resolve=names.resolve,
        hosts=own,
        accept=_RDAP_TYPES,
        redirects=MAX_REDIRECTS,
        https=True,
    )
    site = SafeFetcher(
        MAX_SECURITY_TXT,
        seconds=SECONDS,
        resolve=names.resolve,
        accept="text/plain",
        redirects=MAX_REDIRECTS,
        https=True,
    )
    return WebDirectory(Records(rdap_fetcher, BootstrapLists(rdap_fetcher, rdap, folder, clock)), names, site, clock)
