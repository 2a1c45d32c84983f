"""The C2PA SDK's own test media against the reviewed table tests/golden/provenance/c2pa_rs.yml."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from safelight.adapter.trust import load_trust
from safelight.detect.provenance import read_provenance
from safelight.model.provenance import Provenance, TrustList

GOLDEN = Path(__file__).parents[2] / "golden/provenance/c2pa_rs.yml"
CASES: list[dict[str, Any]] = yaml.safe_load(GOLDEN.read_text(encoding="utf-8"))
TYPES = {
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".tif": "image/tiff",
    ".mp4": "video/mp4",
    ".svg": "image/svg+xml",
}


def read(path: Path, trust: TrustList) -> Provenance | None:
    suffix = path.suffix.lower()
    return read_provenance(path.read_bytes(), TYPES.get(suffix, f"image/{suffix[1:]}"), trust)


@pytest.fixture(scope="module")
def media(shared: Path) -> Path:
    return shared / "corpus/provenance/c2pa-rs"


@pytest.fixture(scope="module")
def test_roots(shared: Path) -> TrustList:
    pem = (shared / "corpus/provenance/trust/test_cert_root_bundle.pem").read_text()
    return TrustList("the SDK's test roots", "2026-08-21", "test roots", pem, "", load_trust(None).usages)


@pytest.mark.shared
@pytest.mark.parametrize("case", CASES, ids=lambda case: case["file"])
def test_golden(case: dict[str, Any], media: Path, test_roots: TrustList) -> None:
    found, tested = read(media / case["file"], load_trust(None)), read(media / case["file"], test_roots)
    if case["state"] == "none":
        assert found is None
        assert tested is None
        return
    assert found is not None
    assert tested is not None
    remote = case.get("remote", "").replace("{here}", "localhost")
    assert (found.state, found.remote, found.cause) == (case["state"], remote, case.get("cause", ""))
    assert found.says == tested.says == case.get("says", "nothing")
    assert [uri.rpartition("/")[2] for uri in found.source_types] == case.get("source_types", [])
    assert found.valid is case.get("valid")
    assert tested.valid is case.get("valid")
    assert found.trusted is case.get("trusted")
    assert tested.trusted is case.get("trusted_by_test_roots")
    failures = list(dict.fromkeys(failure.code for failure in tested.failures))
    assert failures == case.get("failures_under_test_roots", [])
    assert [_row(ingredient) for ingredient in tested.ingredients] == case.get("ingredients", [])


def _row(ingredient: Any) -> dict[str, Any]:
    return {name: getattr(ingredient, name) for name in ("depth", "relationship", "says", "valid", "trusted")}


@pytest.mark.shared
def test_every_file_is_in_the_table(media: Path) -> None:
    assert sorted(case["file"] for case in CASES) == sorted(path.name for path in media.iterdir())


@pytest.mark.shared
@pytest.mark.parametrize("folder", ["photos", "synthetic/real_objects", "provenance/generators"])
def test_files_without_a_manifest_have_none(shared: Path, folder: str) -> None:
    files = sorted((shared / "corpus" / folder).iterdir())
    shipped = load_trust(None)
    assert len(files) > 5
    assert [path.name for path in files if read(path, shipped) is not None] == []
