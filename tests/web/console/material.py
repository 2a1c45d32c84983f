"""A service with benign drawn pictures in its queue. They came by the intake; what matching would say is told here."""

import io
from dataclasses import dataclass, replace
from functools import cache
from hashlib import sha256

from PIL import Image

from safelight.app import App
from safelight.demo.draw import draw
from safelight.demo.variants import jpeg
from safelight.demo.videos import known_videos
from safelight.flow.intake import Arrival, Intake
from safelight.model.bank import Bank, BankEntry, KnownHash
from safelight.model.match import Match, MatchKind
from safelight.model.region import AlteredRegion, RegionBasis
from safelight.model.scan import ScanRow, Status
from safelight.model.service import Item
from safelight.policy.decide import decide
from tests.rows import derivative_of, row_of

BOX = (200, 120, 420, 360)
"""Where another drawing is pasted into an altered picture."""
BANK = "hotline"


@dataclass(frozen=True)
class Filled:
    """Ids of cases. `family`: of four items, the others of one. `known`: closed unseen."""

    family: str
    video: str
    near: str
    known: str
    other: str
    claimed: str


@cache
def picture(number: int, box: tuple[int, int, int, int] | None = None) -> bytes:
    made = draw(number, 640, 480)
    if box:
        left, top, right, bottom = box
        made.paste(draw(number + 57, right - left, bottom - top), (left, top))
    return jpeg(made)


def fill(app: App) -> Filled:
    """Put a bank and five cases there."""
    source, near_source = picture(3), picture(8)
    names = {
        "drawn-3": source,
        "drawn-8": near_source,
        "drawn-20": picture(20),
        "drawn-40": picture(40),
        "drawn-31": picture(31),
        "drawn-12": picture(12),
        "drawn-51": picture(51),
    }
    bank = app.store.create(Bank(0, BANK, local=False))
    app.store.add(bank, [BankEntry(name, (KnownHash("sha256", _sha256(data)),), "B2") for name, data in names.items()])

    arrive(app, source, _exact("drawn-3"), "upload 7001")
    altered = []
    for number, box in enumerate((BOX, (60, 60, 240, 300), (300, 200, 620, 440))):
        altered.append(arrive(app, picture(3, box), derived("drawn-3", box), f"upload {7002 + number}"))
    lone = arrive(app, picture(20, (20, 20, 300, 200)), derived("drawn-20", (20, 20, 300, 200)), "upload 7100")
    shrunk = jpeg(Image.open(io.BytesIO(near_source)).resize((320, 240)))
    near = arrive(app, shrunk, _near("drawn-8"), "upload 7200")
    _path, clip = next(iter(known_videos()))
    video = arrive(app, clip, _near("drawn-40"), "upload 7300", "video/mp4")
    fresh = arrive(app, picture(31), _exact("drawn-31"), "upload 7400")
    claimed = arrive(app, picture(12, BOX), derived("drawn-12", BOX), "upload 7500")
    return Filled(_case(altered[-1]), _case(video), _case(near), _case(fresh), _case(lone), _case(claimed))


def _case(item: Item) -> str:
    assert item.case is not None
    return item.case


def arrive(app: App, data: bytes, match: Match, reference: str, mime: str = "image/jpeg", account: str = "") -> Item:
    def look(_file: object, path: str) -> list[ScanRow]:
        row = replace(row_of(path), sha256=_sha256(data), size=len(data), mime=mime, matches=(match,))
        width, height = Image.open(io.BytesIO(data)).size if mime.startswith("image/") else (320, 240)
        return [replace(row, width=width, height=height, decision=decide(Status.OK, (match,)))]

    intake = Intake(app.cases, app.evidence, app.families, app.store, look, app.ids, app.clock)
    return intake.process(intake.receive(io.BytesIO(data), Arrival("items", reference, account)).id)


def derived(entry: str, box: tuple[int, int, int, int]) -> Match:
    area = (box[2] - box[0]) * (box[3] - box[1]) / (640 * 480)
    region = AlteredRegion(area=area, bbox=box, basis=RegionBasis.KEYPOINTS, confidence=0.87)
    return derivative_of(BANK, entry, classification="B2", altered_region=region)


def _near(entry: str) -> Match:
    return Match(BANK, entry, MatchKind.NEAR, "pdq", 12, classification="B2", p_false_match=1e-12)


def _exact(entry: str) -> Match:
    return Match(BANK, entry, MatchKind.EXACT, "sha256", 0, classification="B2")


def _sha256(data: bytes) -> str:
    return sha256(data).hexdigest()
