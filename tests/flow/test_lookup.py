"""Looking up what has several frames: what is harmless in one must not hide what another shows."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from safelight.flow.lookup import Lookup
from safelight.match.queries import Query
from safelight.model.bank import Bank, BankEntry, KnownHash
from safelight.model.fingerprint import Digests
from safelight.model.match import Match
from safelight.model.scan import Depth
from tests.contract.memory_bank_store import MemoryBankStore, SetClock
from tests.fakes import BruteRoom
from tests.material.clips import clip
from tests.video_banks import VideoBanks, ask

KNOWN, BENIGN = "00" * 32, "0f" + "00" * 31


def code(known: int, benign: int) -> str:
    """A code that is so many bits from KNOWN, of which so few are not BENIGN's own."""
    own = known - benign + 4  # of the four bits of BENIGN that it shares, each is one bit nearer
    assert own % 2 == 0
    shared = own // 2
    value = sum(1 << (248 + bit) for bit in range(shared)) + sum(1 << bit for bit in range(known - shared))
    return f"{value:064x}"


def look_up(codes: list[str], digests: Digests | None = None) -> dict[str, Match]:
    store, room = MemoryBankStore(SetClock()), BruteRoom()
    for name, value in (("known", KNOWN), ("benign", BENIGN)):
        bank = store.create(Bank(0, name, negative=name == "benign"))
        store.add(bank, [BankEntry("one", (KnownHash("pdq", value, 100), KnownHash("md5", name[0] * 32)))])
    queries = [Query(one, 100, frame) for frame, one in enumerate(codes)]
    with Lookup(store, room, ["known", "benign"]) as lookup:
        (matches,) = lookup.search([queries], [digests])
    return {match.bank: match for match in matches}


@pytest.mark.parametrize(
    ("codes", "frame", "distance", "explained"),
    [
        ([code(10, 14)], 0, 10, False),
        ([code(14, 10)], 0, 14, True),
        ([code(14, 14)], 0, 14, True),
        ([code(14, 10), code(20, 24)], 1, 20, False),  # the nearer one is explained, the other is not
        ([code(14, 10), code(20, 16)], 0, 14, True),
        ([code(20, 24), code(10, 14), code(4, 0)], 1, 10, False),
    ],
)
def test_a_frame_that_nothing_harmless_explains_is_told(
    codes: list[str], frame: int, distance: int, explained: bool
) -> None:
    found = look_up(codes)["known"]
    assert (found.frame, found.distance) == (frame, distance)
    assert found.suppressed_by == ("benign/one" if explained else None)


def test_bytes_that_are_known_to_be_harmless_explain_all_frames() -> None:
    found = look_up([code(10, 14), code(4, 8)], Digests("b" * 32, "0" * 40, "0" * 64, 1))
    assert found["benign"].algorithm == "md5"
    assert found["known"].suppressed_by == "benign/one"


def png(*frames: np.ndarray) -> bytes:
    first, *rest = map(Image.fromarray, frames)
    data = BytesIO()
    first.save(data, "PNG", save_all=bool(rest), append_images=rest, duration=500)
    return data.getvalue()


@pytest.mark.parametrize("benign_first", [True, False])
def test_a_harmless_frame_of_an_animation_does_not_hide_a_known_one(*, benign_first: bool) -> None:
    (known,), (benign,) = clip(1, 1, fps=1), clip(99, 1, fps=1)
    small = Image.fromarray(known).resize((200, 150)).resize(known.shape[1::-1])
    banks = VideoBanks()
    banks.know("picture", png(known))
    banks.know("card", png(benign), "benign", negative=True)
    frames = (benign, np.asarray(small)) if benign_first else (np.asarray(small), benign)
    with banks.matching(Depth.HASHES) as matcher:
        matches = ask(matcher, png(*frames))
    assert {match.bank: match.suppressed_by for match in matches} == {"known": None, "benign": None}
