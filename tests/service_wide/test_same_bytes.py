"""Bytes come again while those that nobody needs are being destroyed: what was taken in stays."""

import hashlib
import io
import os
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import pytest
from django.db import connections

from safelight.app import App
from safelight.flow.intake import Arrival, Intake
from safelight.model.scan import ScanRow
from safelight.model.service import Item, ItemState
from safelight.settings import read_settings
from tests.databases import DATABASES, database
from tests.rows import row_of

DATA = b"the same bytes" * 100


@pytest.fixture(params=DATABASES)
def app(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[App]:
    with database(request.param, tmp_path, "store", "casework", "evidence") as target:
        url = {"SAFELIGHT_DATABASE_URL": target} if isinstance(target, str) else {}
        yield App(read_settings({"HOME": os.environ.get("HOME", "/"), "SAFELIGHT_HOME": str(tmp_path)} | url))


def look(file: BinaryIO, name: str) -> Sequence[ScanRow]:
    return [replace(row_of(name), sha256=hashlib.sha256(file.read()).hexdigest())]


@pytest.mark.parametrize("at_once", [False, True])
def test_what_comes_while_the_same_is_destroyed_stays(app: App, *, at_once: bool) -> None:
    """The second item is written but not committed while the first one's job looks for others; or both end at once."""
    written, go_on = threading.Event(), threading.Event()

    def waiting(_item: Item) -> None:
        if held:
            written.set()
            assert go_on.wait(30)

    held, taken = False, []
    intake = Intake(app.cases, app.evidence, app.families, app.store, look, app.ids, app.clock, waiting)
    first = intake.receive(io.BytesIO(DATA), Arrival("items"))
    held = not at_once

    def take() -> None:
        taken.append(intake.receive(io.BytesIO(DATA), Arrival("items")))
        if at_once:
            intake.process(taken[0].id)
        connections.close_all()

    def process() -> None:
        intake.process(first.id)
        connections.close_all()

    threads = [threading.Thread(target=take), threading.Thread(target=process)]
    threads[0].start()
    assert at_once or written.wait(30)
    threads[1].start()
    threads[1].join(0.5)
    go_on.set()
    for thread in threads:
        thread.join(30)
    assert intake.process(taken[0].id).state is ItemState.DONE
    assert app.evidence.status().blobs == len(list(app.blobs.names())) == 0
