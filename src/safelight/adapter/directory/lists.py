"""IANA's lists of RDAP servers (RFC 9224), kept in the data folder for a week."""

import json
import os
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from safelight.model.errors import FetchError
from safelight.ports import Clock, Fetcher
from safelight.report.contacts.rdap import Said, read_json

FRESH = timedelta(days=7)


class BootstrapLists:
    """The lists, from the data folder or from IANA."""

    def __init__(self, fetcher: Fetcher, base: str, folder: Path, clock: Clock) -> None:
        """Nothing is fetched by this. `base`: where the lists are; `folder`: where they are kept, made when needed."""
        self._fetcher = fetcher
        self._base = base if base.endswith("/") else base + "/"
        self._folder = folder
        self._clock = clock

    def get(self, name: str) -> tuple[Said, str]:
        """The list of this name (`dns`, `ipv4`, `ipv6`, `asn`), and a flaw when it is older than it should be.

        Raises FetchError when there is none, neither new nor old.
        """
        path = self._folder / f"{name}.json"
        kept, fetched = _read(path, self._base)
        now = self._clock.now()
        if kept is not None and fetched is not None and timedelta() <= now - fetched < FRESH:
            return kept, ""
        try:
            said = self._fetch(name)
        except FetchError as error:
            if kept is None or fetched is None:
                raise
            cause = error.details["cause"]
            return kept, f"the list of RDAP servers ({name}) is of {fetched:%Y-%m-%d}: no newer one came: {cause}"
        with suppress(OSError):  # it works without being kept, only slower
            _write(path, {"from": self._base, "fetched": now.isoformat(), "list": said})
        return said, ""

    def _fetch(self, name: str) -> Said:
        with self._fetcher.fetch(f"{self._base}{name}.json") as file:
            said = read_json(file.read())
        if said is None or not isinstance(said.get("services"), list):
            raise FetchError(cause="it is no list of RDAP servers")
        return said


def _read(path: Path, base: str) -> tuple[Said | None, datetime | None]:
    """A list that was kept, and when it was fetched; of another place, or broken: none."""
    try:
        kept = json.loads(path.read_bytes())
        if kept["from"] == base and isinstance(kept["list"], dict):
            fetched = datetime.fromisoformat(kept["fetched"])
            return (kept["list"], fetched) if fetched.tzinfo is not None else (None, None)
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        pass
    return None, None


def _write(path: Path, value: dict[str, Any]) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.{uuid4().hex}")
    try:
        new.write_text(json.dumps(value), encoding="utf-8")
        os.replace(new, path)  # noqa: PTH105 - `Path.replace` is the same; this one says that it is atomic
    finally:
        new.unlink(missing_ok=True)
