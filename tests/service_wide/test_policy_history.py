"""The history of the policy in real databases: who change it at once lose nothing, and another process sees it."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.db import connections

from safelight.app import App
from safelight.model.decision import Action
from safelight.model.errors import ConflictError, NotNowError
from safelight.model.policy import PolicyState
from safelight.settings import read_settings
from tests.databases import DATABASES, database
from tests.flow.policy_place import ANN, BEN, LAZY, QUIET
from tests.flow.test_policy import KNOWN, NEAR

AT_ONCE = 4


@pytest.fixture(params=DATABASES)
def apps(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[App, App]]:
    """One service, as two processes have it."""
    with database(request.param, tmp_path, "store", "casework", "closing") as target:
        url = {"SAFELIGHT_DATABASE_URL": target} if isinstance(target, str) else {}
        settings = read_settings({"HOME": os.environ.get("HOME", "/"), "SAFELIGHT_HOME": str(tmp_path)} | url)
        yield App(settings), App(settings)


def test_versions_of_several_who_propose_at_once(apps: tuple[App, App]) -> None:
    app, _ = apps

    def propose(number: int) -> int | None:
        try:
            return app.policies.propose(ANN, QUIET + f"# {number}\n").number
        except ConflictError:
            return None
        finally:
            connections.close_all()

    with ThreadPoolExecutor(AT_ONCE) as threads:
        numbers = [number for number in threads.map(propose, range(AT_ONCE)) if number]
    versions = app.policies.versions()
    assert sorted(numbers) == list(range(1, len(numbers) + 1)) == sorted(version.number for version in versions)
    assert len({version.sha256 for version in versions}) == len(versions) > 0


def test_one_process_approves_and_another_asks(apps: tuple[App, App]) -> None:
    here, there = apps
    first = here.policies.propose(ANN, QUIET)
    with pytest.raises(NotNowError):
        there.policies.answer(ANN, first.number, approve=True)
    there.policies.answer(BEN, first.number, approve=True)
    assert here.policies.of_row(KNOWN, "gate").version == first.number
    assert here.file_rule(KNOWN, "gate").actions == (Action.QUEUE, Action.HOLD)
    shadow = here.policies.propose(ANN, LAZY, wanted=PolicyState.SHADOW)
    here.policies.answer(BEN, shadow.number, approve=True)
    here.policies.of_row(NEAR, "gate")
    here.policies.keep_counts()
    counted = there.policies.shadowed(shadow.number)
    assert (counted.asked, counted.kinds) == (1, {"file: queue hold -> none": 1})
