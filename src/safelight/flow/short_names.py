"""Cases and duties by the short names that lists show them under, for people who type them."""

from collections.abc import Sequence
from typing import Final

from safelight.flow.owing import owing
from safelight.model.case import Case, CaseDuty, DutyState
from safelight.model.errors import UnknownCaseError, UsageError
from safelight.ports import CaseStore

SHORT: Final = 8
"""Characters at the end of an id, which are random: its short name."""
_LEAST: Final = 4


def case_named(cases: CaseStore, name: str) -> str:
    """The id of the case that a text names: the id, its beginning or, of a case with open duties, its end.

    Raises UnknownCaseError; UsageError where the text names several.
    """
    try:
        return cases.case(name).id
    except UnknownCaseError:
        if len(name) < _LEAST:
            raise
    found = [one.id for one in cases.cases(after=name, limit=3) if one.id.startswith(name)]
    found = found or [one.id for one in owing(cases) if one.id.endswith(name)]
    if not found:
        raise UnknownCaseError(case=name)
    return _only(found, name, "cases")


def duty_named(case: Case, name: str) -> CaseDuty:
    """The duty that a text names: by its id, by its rule as `us/report`, or by the id's beginning; rather an open one.

    Raises UsageError for none, and where the text names several.
    """
    ids = {one.duty.id: one for one in case.duties}
    by_rule = [one for one in case.duties if _rule(one) == name]
    found = by_rule or [one for one in case.duties if name and one.duty.id.startswith(name)]
    found = [one for one in found if one.state is DutyState.OPEN] or found
    if name not in ids and not found:
        raise UsageError(detail=f"the case has no duty {name!r}")
    return ids[name] if name in ids else ids[_only([one.duty.id for one in found], name, "duties")]


def duty_name(case: Case, duty: CaseDuty) -> str:
    """What names a duty in its case, as short as may be: its rule, or its whole id where others have that rule, too."""
    rule = _rule(duty)
    same = [one for one in case.duties if _rule(one) == rule]
    open_ = [one for one in same if one.state is DutyState.OPEN] or same
    return rule if open_ == [duty] else duty.duty.id


def _rule(duty: CaseDuty) -> str:
    return f"{duty.duty.jurisdiction}/{duty.duty.rule}"


def _only(found: Sequence[str], name: str, what: str) -> str:
    if len(found) > 1:
        raise UsageError(detail=f"{name!r} names several {what}, among them {', '.join(found[:3])}")
    return found[0]
