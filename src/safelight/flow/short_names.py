"""Cases and duties by the short names that lists show them under, for people who type them."""

from typing import Final

from safelight.flow.owing import owing
from safelight.model.case import Case, CaseDuty
from safelight.model.errors import UnknownCaseError, UsageError
from safelight.ports import CaseStore

SHORT: Final = 8
"""Characters at the end of an id, which are random: its short name."""
_LEAST: Final = 4
"""Characters from which on a text may be the beginning of an id."""


def case_named(cases: CaseStore, name: str) -> str:
    """The id of the case that a text names: the id, its beginning or, of a case with open duties, its end.

    An end names a case from `SHORT` characters on, which are those that lists show. Raises UnknownCaseError; UsageError
    where the text names several.
    """
    try:
        return cases.case(name).id
    except UnknownCaseError:
        if len(name) < _LEAST:
            raise
    found = [one.id for one in cases.cases(after=name, limit=3) if one.id.startswith(name)]
    if len(name) >= SHORT:
        found += [one.id for one in owing(cases) if one.id.endswith(name) and one.id not in found]
    if not found:
        raise UnknownCaseError(case=name)
    if len(found) > 1:
        raise UsageError(detail=f"{name!r} names several cases, among them {', '.join(found[:3])}")
    return found[0]


def duty_named(case: Case, name: str) -> CaseDuty:
    """The duty that a text names: by its id, by its rule as `us/report`, or by the id's beginning.

    Those that were met or dropped count, too: else a name that was read of one would mean a younger one once somebody
    else has met the first. Raises UsageError for none, and with their ids where the text names several.
    """
    by_id = [one for one in case.duties if one.duty.id == name]
    by_rule = [one for one in case.duties if _rule(one) == name]
    found = by_id or by_rule or [one for one in case.duties if name and one.duty.id.startswith(name)]
    if not found:
        raise UsageError(detail=f"the case has no duty {name!r}")
    if len(found) > 1:
        ids = ", ".join(f"{one.duty.id} ({one.state})" for one in found)
        raise UsageError(detail=f"{name!r} names several duties: {ids}")
    return found[0]


def duty_name(case: Case, duty: CaseDuty) -> str:
    """What names a duty in its case, as short as may be: its rule, or its whole id where others have that rule, too."""
    rule = _rule(duty)
    return duty.duty.id if sum(_rule(one) == rule for one in case.duties) > 1 else rule


def _rule(duty: CaseDuty) -> str:
    return f"{duty.duty.jurisdiction}/{duty.duty.rule}"
