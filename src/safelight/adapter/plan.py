"""The operator's own steps and waits of takedowns, from a TOML file; see docs/takedown.md."""

import re
import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from safelight.model.errors import UsageError
from safelight.model.takedown import Plan, PlanStep, Scope

_WAIT: Final = re.compile(r"P(?:(\d{1,3})D)?(?:T(?:(\d{1,4})H)?(?:(\d{1,5})M)?)?")
_LEAST, _MOST = timedelta(minutes=5), timedelta(days=365)
_MOST_WAITS: Final = 50


def read_plan(path: Path) -> Plan:
    """The plan of a file: `[[steps]]` with `scope` and `wait`, and the lists `looks` and `watch`.

    Waits are ISO 8601 durations of days, hours and minutes (`P2D`, `PT12H`), from 5 minutes to 365 days. A scope comes
    once. Raises UsageError, which names the place.
    """
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise _flaw(path, "it cannot be read") from error
    if unknown := sorted(set(told) - {"steps", "looks", "watch"}):
        raise _flaw(path, f"it has no use for {unknown[0]!r}")
    steps = tuple(_step(path, number, one) for number, one in enumerate(_list(path, told, "steps"), 1))
    if len({step.scope for step in steps}) < len(steps):
        raise _flaw(path, "steps: a scope comes twice")
    waits = {name: tuple(_wait(path, name, one) for one in _list(path, told, name)) for name in ("looks", "watch")}
    return Plan(steps, **waits)


def _list(path: Path, told: dict[str, Any], name: str) -> list[Any]:
    found = told.get(name)
    if not isinstance(found, list) or not 0 < len(found) <= _MOST_WAITS:
        raise _flaw(path, f"{name}: it takes a list of 1 to {_MOST_WAITS}")
    return found


def _step(path: Path, number: int, told: object) -> PlanStep:
    place = f"steps: number {number}"
    if not isinstance(told, dict) or set(told) != {"scope", "wait"}:
        raise _flaw(path, f"{place}: it takes `scope` and `wait`")
    if told["scope"] not in list(Scope):
        raise _flaw(path, f"{place}: `scope` takes {', '.join(Scope)}")
    return PlanStep(Scope(told["scope"]), _wait(path, place, told["wait"]))


def _wait(path: Path, place: str, told: object) -> timedelta:
    found = _WAIT.fullmatch(told) if isinstance(told, str) else None
    days, hours, minutes = (int(one or 0) for one in found.groups()) if found else (0, 0, 0)
    wait = timedelta(days=days, hours=hours, minutes=minutes)
    if not _LEAST <= wait <= _MOST:
        raise _flaw(path, f"{place}: a wait is an ISO 8601 duration from PT5M to P365D, such as P2D or PT12H")
    return wait


def _flaw(path: Path, cause: str) -> UsageError:
    return UsageError(detail=f"SAFELIGHT_PLAN: {path}: {cause}")
