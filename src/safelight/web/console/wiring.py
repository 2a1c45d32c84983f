"""What the console's views work with, made of the one `App`."""

from functools import cache

from safelight.flow.render import View
from safelight.flow.review import Review
from safelight.flow.wellness import DAY, LONGEST, Exposures, Limits, Standing, check, standing
from safelight.model.case import SERVICE_CASE, Case
from safelight.model.errors import UnknownCaseError
from safelight.ports import CaseStore
from safelight.web.console.models import Preference
from safelight.web.console.stores import TableClaims, TableExposures, people_since
from safelight.web.container import the_app

claims = TableClaims()
exposures: Exposures = TableExposures()


def store() -> CaseStore:
    """Cases, items and the log."""
    return the_app().cases


def case_of(case: str) -> Case:
    """A case. Raises UnknownCaseError, also for the chain of what belongs to no case."""
    if case == SERVICE_CASE:
        raise UnknownCaseError(case=case)
    return store().case(case)


@cache
def limits() -> Limits:
    """Of exposure, as the settings have them."""
    service = the_app().settings.service
    return Limits(service.exposure_day, service.exposure_stretch, service.break_seconds)


def review() -> Review:
    """The acts of review."""
    app = the_app()
    return Review(store(), claims, exposures, app.clock, app.ids, limits(), app.settings.service.second_review)


def standing_of(person: str) -> Standing:
    """How somebody stands with what they have seen."""
    return check(person, exposures, limits(), the_app().clock.now())


def everybody() -> list[Standing]:
    """The same of all who looked at anything within the last day, without names."""
    now = the_app().clock.now()
    begin = now - DAY
    return [standing(exposures.since(person, begin, now), limits(), now) for person in people_since(begin)]


def preference_of(person: str) -> Preference:
    """How somebody wants to be shown media; what is usual where they have not said."""
    return Preference.objects.filter(person=person).first() or Preference(person=person)


def view_of(preference: Preference) -> View:
    """The filters that somebody prefers."""
    return View(preference.blur, preference.grey, preference.sepia, preference.plain)


__all__ = [
    "LONGEST",
    "case_of",
    "claims",
    "everybody",
    "exposures",
    "limits",
    "preference_of",
    "review",
    "standing_of",
    "store",
    "view_of",
]
