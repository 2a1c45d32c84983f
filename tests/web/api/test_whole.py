"""From an upload to its case with nothing made up: confined decoders, the store, the vault, the job."""

import hashlib
import io
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from django.test import Client
from PIL import Image

from safelight.demo.draw import draw
from safelight.fingerprint.pdq import pdq
from safelight.flow.banks import create_bank
from safelight.model.bank import BankEntry, KnownHash
from safelight.web.api.jobs import examine_item
from safelight.web.container import the_app

Clients = Callable[..., Client]
ITEMS = "/api/v1/items"


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    yield
    the_app().close_intake()


def _jpeg(number: int, quality: int = 90) -> bytes:
    out = io.BytesIO()
    draw(number, 320, 240).save(out, "JPEG", quality=quality)
    return out.getvalue()


@pytest.mark.usefixtures("committed_db")
def test_from_upload_to_case(client: Clients) -> None:
    app, one = the_app(), client()
    known = _jpeg(1)
    code = pdq(np.array(Image.open(io.BytesIO(known))))
    assert code is not None
    hashes = (KnownHash("sha256", hashlib.sha256(known).hexdigest()), KnownHash("pdq", code.hash, code.quality))
    app.store.add(create_bank(app.store, "real"), [BankEntry("one", hashes)])

    def sent(data: bytes) -> dict[str, object]:
        item = one.post(ITEMS, data, content_type="image/jpeg").json()["id"]
        examine_item(item)
        told: dict[str, object] = one.get(f"{ITEMS}/{item}").json()
        return told

    exact, near, other, broken = (sent(data) for data in (known, _jpeg(1, 40), _jpeg(2), b"no picture"))
    outcomes = [told["outcome"] for told in (exact, near, other, broken)]
    assert outcomes == ["known", "near", "no_match", "partly_checked"]
    assert near["case_id"] == exact["case_id"] is not None
    assert (other["media_kept"], broken["media_kept"]) == (False, True)
    assert other["case_id"] is None
    assert broken["case_id"] not in {None, near["case_id"]}  # what could not be checked is for people
    case = one.get(f"/api/v1/cases/{exact['case_id']}").json()
    assert (case["state"], len(case["items"])) == ("open", 2)
    assert app.evidence.status().blobs == 3
    hidden = [path for path in app.settings.home.rglob("*") if path.is_file() and known[100:200] in path.read_bytes()]
    assert hidden == []
