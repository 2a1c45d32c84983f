"""Locations of one URL that have become one, as cases did: by the log, which names each as it was at first."""

from collections.abc import Iterable
from dataclasses import dataclass

from safelight.model.address import canonical
from safelight.model.case import Body, Located
from safelight.model.takedown import Location


@dataclass(frozen=True, slots=True)
class OneUrl:
    """What the log knows of one URL. `ids`: of locations that have it, `items`: what is there, or was."""

    ids: frozenset[str]
    items: frozenset[str]


def of_one_url(said: Iterable[Body], location: Location) -> OneUrl:
    """All that had the URL of this location, however spelled; `said`: in its case, and in those merged into it."""
    url = canonical(location.url)
    named = [body for body in said if isinstance(body, Located) and canonical(body.url) == url]
    return OneUrl(
        frozenset(body.location for body in named) | {location.id},
        frozenset(body.item for body in named) | {location.item},
    )
