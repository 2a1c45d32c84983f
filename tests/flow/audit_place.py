"""A small service in a folder: a log with two cases, media in the vault, and a key to sign with."""

import io
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from safelight.adapter.casework import open_casework
from safelight.adapter.outputs.bundle import PublicKeys, ZipBundleReader, ZipBundles
from safelight.adapter.signing import KeySigner, make_key, open_key
from safelight.app import App
from safelight.flow.audit import Exporter, export_case, export_log, verify_store
from safelight.flow.audit_file import verify_export
from safelight.model.access import SYSTEM, Actor
from safelight.model.audit import AuditReport
from safelight.model.case import (
    SERVICE_CASE,
    Approved,
    Body,
    Decided,
    Draft,
    Grave,
    ItemAdded,
    ItemDestroyed,
    Noted,
    Opened,
    Proposed,
    Revealed,
    ServiceEvent,
    Verified,
)
from safelight.model.decision import Outcome
from safelight.model.export import Exported
from safelight.ports import CaseStore, EvidenceVault, StampCheck
from safelight.settings import read_settings
from tests.case.histories import ANN, BEN, CONFIRMED, KEY
from tests.fakes import FakeClock

PLAIN = {"i1": b"drawn by code, one", "i2": b"drawn by code, two"}


@dataclass
class Place:
    """What tests of exports work with."""

    home: Path
    store: CaseStore
    vault: EvidenceVault
    exporter: Exporter
    key: Path
    blobs: dict[str, str]

    @property
    def public(self) -> Path:
        return self.key.with_name("key.pub.pem")

    def add(self, case: str, actor: Actor, *bodies: Body) -> None:
        self.store.append([Draft(case, actor, body, "test 1") for body in bodies])

    def export(self, case: str | None = "a", *, media: bool = True) -> tuple[bytes, Exported]:
        out = io.BytesIO()
        if case is None:
            done = export_log(self.exporter, out, actor=ANN, reason="a test")
        else:
            done = export_case(self.exporter, case, out, media=media, actor=ANN, reason="a test")
        return out.getvalue(), done

    def check(self, data: bytes, keys: Iterable[Path] | None = None, stamps: StampCheck | None = None) -> AuditReport:
        named = [self.public] if keys is None else keys
        return verify_export(ZipBundleReader(io.BytesIO(data), PublicKeys.of_files(named)), stamps)

    def check_store(self, *, media: bool = True) -> AuditReport:
        keys = PublicKeys.of_files([self.public])
        return verify_store(self.store, self.vault if media else None, keys.holds)

    def sql(self, *statements: str) -> None:
        """What somebody with the database at hand can do: the triggers do not hold them."""
        database = sqlite3.connect(self.home / "store.sqlite3")
        names = database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for statement in (*(f"DROP TRIGGER {name}" for (name,) in names), *statements):
            database.execute(statement)
        database.commit()
        database.close()


def signer_in(folder: Path, name: str = "key") -> KeySigner:
    make_key(folder / f"{name}.pem", "")
    return open_key(folder / f"{name}.pem", str)


def make_place(root: Path, *, signed: bool = True, small: bool = False) -> Place:
    """Case a: two items with media, revealed, agreed on; case b: one known item. `small`: one item, and no more."""
    home = root / "home"
    app = App(read_settings({"SAFELIGHT_HOME": str(home)}))
    clock = FakeClock()
    store, vault = open_casework(home, clock), app.evidence
    signer = signer_in(root)
    exporter = Exporter(store, vault, ZipBundles(), "safelight test", signer if signed else None)
    blobs = {item: vault.put(io.BytesIO(data), "image/png").id for item, data in PLAIN.items()}
    place = Place(home, store, vault, exporter, root / "key.pem", blobs)
    if small:
        place.add("a", KEY, Opened("gate"), item_of(place, "i1"))
        return place
    place.add(SERVICE_CASE, SYSTEM, ServiceEvent("service.started"))
    place.add("a", KEY, Opened("gate", family="f"), *(item_of(place, item) for item in PLAIN))
    place.add("b", KEY, Opened("gate"), ItemAdded("k1", "ab" * 32, 7, "image/png", "gate", Outcome.KNOWN, "known"))
    place.add("b", SYSTEM, Decided(CONFIRMED, by_policy=True))
    place.add("a", ANN, Revealed("i1", "to decide"), Proposed(Grave.DECIDE, "seen", CONFIRMED))
    place.add("a", BEN, Approved(4, "agreed"), Noted("for colleagues: \u00e4\u2603"))
    place.add("a", SYSTEM, Verified("i1", vault.blob(blobs["i1"]).sha256, intact=True))
    return place


def item_of(place: Place, item: str) -> ItemAdded:
    blob = place.vault.blob(place.blobs[item])
    return ItemAdded(item, blob.sha256, blob.size, blob.mime, "gate", Outcome.NEAR, "near", "post 5", blob.id)


def destroy(place: Place, item: str) -> None:
    """Two people agree, then it is done."""
    place.add("a", ANN, Proposed(Grave.DESTROY, "request", item=item))
    place.add("a", BEN, Approved(place.store.case("a").length - 1))
    sha256 = place.vault.destroy(place.blobs[item]).sha256
    place.add("a", BEN, ItemDestroyed(item, sha256, "data key destroyed", "request"))


def where(report: AuditReport) -> set[str]:
    return {flaw.where for flaw in report.flaws}
