"""kill -9 of everything, under load: nothing is lost, nothing doubled, nothing plain is left on a disk."""

import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.databases import DATABASES, database, postgresql
from tests.service_wide import load
from tests.service_wide.checks import Kept, check_cases, check_disk, check_items, check_media, check_words
from tests.service_wide.load import Client, File, Sent
from tests.service_wide.running import Scans, Watch, Whole, audit, wait_for

pytestmark = pytest.mark.usefixtures("socket_enabled")

ROUND = ("web", "worker", "scan", "decoder", "web", "worker", "scan", "web", "worker", "supervisor")


@dataclass
class Figures:
    """What a run was."""

    kills: dict[str, int]
    requests: int = 0
    broken: int = 0
    items: int = 0
    events: int = 0
    nobodys: int = 0
    looked: int = 0
    scans: int = 0
    seconds: float = 0.0


@pytest.fixture(params=DATABASES)
def whole(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Whole]:
    with database(request.param, tmp_path / "home") as target:
        made = Whole(tmp_path, target)
        yield made
        made.end()


@pytest.mark.parametrize("whole", ["sqlite"], indirect=True)
def test_after_a_few_kills_all_is_there_once(whole: Whole, tmp_path: Path) -> None:
    figures = endure(whole, tmp_path, ["web", "worker", "scan"], clients=3, between=(0.8, 1.6), real_time=False)
    print(json.dumps(asdict(figures)))  # noqa: T201 - what a soak run is for
    assert sum(figures.kills.values()) == 3


@pytest.mark.soak
@pytest.mark.timeout(1500)
def test_after_many_kills_all_is_there_once(whole: Whole, tmp_path: Path) -> None:
    figures = endure(whole, tmp_path, list(ROUND * 4), clients=5, between=(0.5, 6.0), real_time=True)
    print(json.dumps(asdict(figures)))  # noqa: T201 - what a soak run is for
    assert sum(figures.kills.values()) >= 30


def endure(
    whole: Whole, root: Path, victims: list[str], clients: int, between: tuple[float, float], *, real_time: bool
) -> Figures:
    """Load a service, kill these parts of it, let it come to rest, and hold what it kept against what it said.

    `real_time`: wait for leases to run out, in place of having them be older.
    """
    began, random, uploads = time.monotonic(), Random(len(victims)), load.files()
    key = set_up(whole, root, uploads)
    watch = Watch(whole)
    scans = Scans(whole, root / "files", root / "scans")
    asking = [Client(number, whole.port, key, uploads, seed=len(victims)) for number in range(clients)]
    for thread in (watch, scans, *asking):
        thread.start()
    wait_for("load", lambda: sum(len(client.sent) for client in asking) > 8 * clients)
    kills = kill_all(whole, victims, between, random)
    for client in asking:
        client.stop()
    stopping = threading.Thread(target=scans.stop)
    stopping.start()
    kept = Kept(whole)
    come_to_rest(kept, asking, real_time=real_time)
    stopping.join()
    watch.stop()

    sent = [one for client in asking for one in client.sent]
    folders = [whole.home, whole.temporary, *([postgresql().folder] if isinstance(whole.target, str) else [])]
    looked = check_disk(folders, [file.data for file in uploads])
    whole.stop()
    wait_for("the end of all processes", lambda: not whole.left(), 15)
    looked += check_disk(folders, [file.data for file in uploads])
    items, log = check_all(whole, kept, asking, sent, scans)
    return Figures(
        dict(kills),
        requests=sum(len(one.statuses) for one in sent),
        broken=sum(client.broken for client in asking),
        items=items,
        events=log,
        nobodys=check_media(kept, kept.items()),
        looked=looked,
        scans=len(scans.results),
        seconds=time.monotonic() - began,
    )


def set_up(whole: Whole, root: Path, uploads: list[File]) -> str:
    """A bank, a folder to scan, and a running service; returns the text of a key."""
    for number in load.KNOWN:
        (root / "known").mkdir(exist_ok=True)
        (root / "known" / f"{number}.jpg").write_bytes(load.known(number))
    (root / "files").mkdir()
    for place, file in enumerate(uploads):
        (root / "files" / f"{place}.jpg").write_bytes(file.data)
    key = whole.prepare()
    with ThreadPoolExecutor(1) as threads:
        starting = threads.submit(whole.start)
        for words in (("bank", "create", "known"), ("bank", "add", "known", root / "known", "--processes", 1)):
            done = whole.run(*words)
            assert done.returncode == 0, done.stderr
        starting.result()
    return key


def kill_all(whole: Whole, victims: list[str], between: tuple[float, float], random: Random) -> Counter[str]:
    """Kill, one after another, at random times; a victim that is not there at the time is waited for."""
    kills: Counter[str] = Counter()
    for victim in victims:
        time.sleep(random.uniform(*between))
        wait_for(f"a {victim} to kill", lambda victim=victim: whole.kill(victim, random), 60)  # type: ignore[misc]
        kills[victim] += 1
        if victim == "supervisor":
            scan = {whole.scan.pid} if whole.scan else set()
            wait_for("the end of its children", lambda scan=scan: not whole.left_but(scan))  # type: ignore[misc]
            whole.start()
    return kills


def come_to_rest(kept: Kept, asking: list[Client], *, real_time: bool) -> None:
    """Until nothing waits and nothing is unknown."""
    settling = [threading.Thread(target=client.settle, args=[time.monotonic() + 200]) for client in asking]
    for thread in settling:
        thread.start()

    def at_rest() -> bool:
        if not real_time:
            kept.let_time_pass(idle=3.0)
        return kept.is_drained() and not any(thread.is_alive() for thread in settling)

    wait_for("rest", at_rest, 400)
    kept.sign_soon()
    wait_for("a signed head", lambda: any(head.head.size == kept.app.cases.head().size for head in kept.heads()))
    wait_for("rest", kept.is_drained)


def check_all(whole: Whole, kept: Kept, asking: list[Client], sent: list[Sent], scans: Scans) -> tuple[int, int]:
    """All that must hold once all is at rest and has ended; returns how many items and events there are."""
    assert [wrong for client in asking for wrong in client.wrong] == []
    assert [one.mark for one in sent if one.key and one.open] == []
    code, report = audit(whole)
    assert (code, report["flaws"], report["intact"]) == (0, [], True)
    jobs: dict[str, Any] = kept.jobs()
    assert jobs.keys() <= {"done", "waiting"}
    assert kept.waiting() == Counter()
    items, log = kept.items(), kept.log()
    assert len(log) == report["entries"]
    check_items(items, log, sent)
    check_cases(kept, items, sent)
    check_words(log, sent)
    assert set(scans.codes) <= {-9, 1}
    assert len(set(scans.results)) == 1
    return len(items), len(log)
