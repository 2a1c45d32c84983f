"""`safelight config check`: looks at all that the service needs, and says what to do about what is wrong."""

import json
import os
import shutil
import stat
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

import django
from django.core import checks
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from safelight.app import App
from safelight.model.errors import SafelightError
from safelight.policy.duties import stale
from safelight.web.container import the_app
from safelight.web.ops.traces import ENDPOINTS

ROOM = 1 << 30
"""Free bytes below which the data folder's disk is called nearly full."""
SKEW = timedelta(seconds=5)
"""How far our clock and the database's may be apart: leases of jobs compare them."""
OLDEST = datetime(2026, 1, 1, tzinfo=UTC)
"""No clock that is right shows less: this version is younger."""
OURS = {
    "security.W002": "HeadersMiddleware sets X-Frame-Options on everything",
    "security.W005": "HSTS for subdomains is for whoever owns them",
    "security.W008": "the proxy in front redirects to https",
    "security.W021": "HSTS preloading is for whoever owns the domain",
}
"""Django's deployment checks that do not hold on purpose."""
PLAIN = frozenset(("security.W004", "security.W012", "security.W016"))
"""Those that tell that the address is not https, which one line of ours says."""


class Grade(StrEnum):
    """How a check ended."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line. `todo`: what to do; empty when nothing is."""

    grade: Grade
    what: str
    todo: str = ""


Check = Callable[[App], Iterator[Finding]]


def check(*, as_json: bool) -> int:
    """Print a line for each finding; return 1 when one of them is a failure, else 0."""
    findings = list(look(the_app()))
    for finding in findings:
        if as_json:
            print(json.dumps(asdict(finding)))  # noqa: T201 (it is what the command says)
        else:
            print(f"{finding.grade:<5} {finding.what}{f': {finding.todo}' if finding.todo else ''}")  # noqa: T201 (as above)
    sys.stdout.flush()
    return int(any(finding.grade is Grade.FAIL for finding in findings))


def look(app: App) -> Iterator[Finding]:
    """All findings. A check that cannot be made is a failure, with the reason, and the others are made all the same."""
    yield Finding(Grade.OK, "settings can be read")
    for part in (extras, folder, address, law):
        yield from _guarded(part, app)
    try:
        django.setup()
    except (ImproperlyConfigured, ImportError, SafelightError) as error:
        yield Finding(Grade.FAIL, "the service cannot be set up", _first_line(error))
        return
    for part in (deployment, database, blobs, keys):
        yield from _guarded(part, app)


def _guarded(part: Check, app: App) -> Iterator[Finding]:
    try:
        yield from part(app)
    except (SafelightError, DatabaseError, ImproperlyConfigured, OSError, ValueError) as error:
        yield Finding(Grade.FAIL, part.__name__, _first_line(error))


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]


def extras(app: App) -> Iterator[Finding]:
    """Optional packages that the settings ask for."""
    service = app.settings.service
    for asked, package, extra in (
        (service.database_url, "psycopg", "postgresql"),
        (service.blobs.startswith("s3://"), "boto3", "s3"),
        (any(os.environ.get(name) for name in ENDPOINTS), "opentelemetry.sdk", "otel"),
        (service.timestamp_url, "rfc3161_client", "timestamp"),
    ):
        if asked and not _installed(package):
            yield Finding(Grade.FAIL, f"extra {extra} is not installed", f"pip install 'safelight[{extra}]'")
        elif asked:
            yield Finding(Grade.OK, f"extra {extra} is installed")


def _installed(package: str) -> bool:
    try:
        return find_spec(package) is not None
    except ModuleNotFoundError:
        return False


def folder(app: App) -> Iterator[Finding]:
    """The data folder and the files in it that are nobody else's business."""
    home = app.settings.home
    if not home.exists():
        yield Finding(Grade.WARN, f"data folder {home} is not there yet", "`safelight serve` makes it")
        return
    yield _private(home, "data folder", "chmod 700")
    if not os.access(home, os.R_OK | os.W_OK | os.X_OK):
        yield Finding(Grade.FAIL, f"data folder {home} cannot be written", f"give it to the user {os.geteuid()}")
    for name in ("secret", "key", "evidence.key", "log-key.pem", "store.sqlite3"):
        if (home / name).exists():
            yield _private(home / name, name, "chmod 600")
    free = shutil.disk_usage(home).free
    if free < ROOM:
        yield Finding(Grade.WARN, f"{free >> 20} MiB are free for the data folder", "make room")


def _private(path: Path, name: str, todo: str) -> Finding:
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        return Finding(Grade.FAIL, f"{name} may be opened by others (mode {mode:o})", f"{todo} {path}")
    return Finding(Grade.OK, f"{name} is private (mode {mode:o})")


def address(app: App) -> Iterator[Finding]:
    """Where people reach the service: without https, only on this machine."""
    url = urlsplit(app.settings.service.url)
    if url.scheme == "https" or url.hostname in {"127.0.0.1", "::1", "localhost"}:
        yield Finding(Grade.OK, f"address {app.settings.service.url}")
    else:
        yield Finding(
            Grade.FAIL,
            f"passwords would go to {url.hostname} in the clear",
            "put a proxy with TLS in front: SAFELIGHT_URL",
        )


def law(app: App) -> Iterator[Finding]:
    """Law packs can be read, and those of the jurisdictions in force are not old."""
    packs = {pack.id: pack for pack in app.jurisdictions}
    if not packs:
        yield Finding(Grade.WARN, "no law applies", "say whose law does: SAFELIGHT_JURISDICTIONS")
        return
    yield Finding(Grade.OK, f"law packs can be read: {', '.join(packs)}")
    for name in stale(packs, app.clock.now().date()):
        todo = "see whether the law has changed; your own packs go into SAFELIGHT_LAW"
        yield Finding(Grade.WARN, f"nobody has gone through law pack {name} for more than 180 days", todo)


def deployment(app: App) -> Iterator[Finding]:
    """Django's own checks, those for deployment among them."""
    plain = not app.settings.service.url.startswith("https://")
    found = 0
    for message in checks.run_checks(include_deployment_checks=True):
        if message.id in OURS or (plain and message.id in PLAIN) or message.level < checks.WARNING:
            continue
        found += 1
        grade = Grade.FAIL if message.level >= checks.ERROR else Grade.WARN
        yield Finding(
            grade,
            f"{message.id} {' '.join(str(message.msg).split())}",
            " ".join(str(message.hint or "see Django's deployment checklist").split()),
        )
    if not found:
        yield Finding(Grade.OK, "Django's deployment checks")


def database(app: App) -> Iterator[Finding]:
    """The database answers, has its tables, and knows what time it is."""
    home = app.settings.home
    if connection.vendor == "sqlite" and not home.exists():
        yield Finding(Grade.WARN, "there is no database yet", "`safelight serve` makes it")
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT CURRENT_TIMESTAMP")
        (theirs,) = cursor.fetchone()
    yield Finding(Grade.OK, f"database answers ({connection.vendor})")
    executor = MigrationExecutor(connection)
    newer = executor.loader.applied_migrations.keys() - executor.loader.disk_migrations.keys()
    ours = {
        name.rpartition(".")[2]
        for name in ("store", "casework", "evidence", "closing", "accounts", "api", "hooks", "jobs")
    }
    if any(label in ours for label, _ in newer):
        yield Finding(Grade.FAIL, "a newer version of Safelight made the tables", "install that version or a later one")
    elif executor.migration_plan(executor.loader.graph.leaf_nodes()):
        yield Finding(Grade.WARN, "tables are missing or old", "`safelight serve` brings them up to date")
    else:
        yield Finding(Grade.OK, "tables are up to date")
    yield from _clock(theirs)


def _clock(theirs: datetime | str) -> Iterator[Finding]:
    now = datetime.now(UTC)
    then = theirs if isinstance(theirs, datetime) else datetime.fromisoformat(theirs).replace(tzinfo=UTC)
    if now < OLDEST:
        yield Finding(Grade.FAIL, f"the clock shows {now:%Y-%m-%d}", "set it, and keep it by NTP")
    elif abs(now - then) > SKEW:
        seconds = abs(now - then).total_seconds()
        yield Finding(Grade.FAIL, f"our clock and the database's are {seconds:.0f} s apart", "keep both by NTP")
    else:
        yield Finding(Grade.OK, "clock")


def blobs(app: App) -> Iterator[Finding]:
    """The blob store takes bytes, gives them back and deletes them."""
    name, sent = app.ids.new(), os.urandom(64)
    app.blobs.put(name, [sent])
    try:
        with app.blobs.get(name) as file:
            same = file.read() == sent
    finally:
        app.blobs.delete(name)
    yield (
        Finding(Grade.OK, "blob store can be written and read")
        if same
        else Finding(
            Grade.FAIL, "the blob store gives back other bytes than it was given", "look at its disk or server"
        )
    )


def keys(app: App) -> Iterator[Finding]:
    """The keys of evidence and of the log can be opened; none is made here."""
    home = app.settings.home
    if not app.settings.service.evidence_key and not (home / "evidence.key").exists():
        yield Finding(Grade.WARN, "there is no evidence key yet", "it is made with the first media; then back it up")
    else:
        yield Finding(Grade.OK, f"evidence key can be opened (id {app.evidence_key_id()})")
    if (home / "log-key.pem").exists():
        yield Finding(Grade.OK, f"log key can be opened (fingerprint {app.log_signer.fingerprint})")
    else:
        yield Finding(Grade.WARN, "there is no key for the log yet", "`safelight serve` makes it; then back it up")
