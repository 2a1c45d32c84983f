"""Banks of videos in memory, and a look-up as a scan makes it, but in one process: the real flows, the real decoder."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from io import BytesIO

from safelight.flow.bank_media import known_hashes
from safelight.flow.banks import sync_index
from safelight.flow.clips import ClipMatcher
from safelight.flow.examine import examine
from safelight.flow.lookup import Lookup
from safelight.flow.matching import Matcher
from safelight.flow.trace import Tracer
from safelight.match.local.sketch import make_sketch
from safelight.model.bank import Bank, BankEntry
from safelight.model.clip import OF_KNOWN_CLIP, video_frame
from safelight.model.local import OF_KNOWN, Sketch
from safelight.model.match import Match
from safelight.model.media import Limits
from safelight.model.scan import Depth, Examination
from tests.contract.memory_bank_store import MemoryBankStore, SetClock
from tests.contract.memory_features import MemoryFeatureRoom
from tests.fakes import BruteRoom, KeptMasks, MemoryClipRoom
from tests.match.local.pictures import quantiser

KNOWN = replace(OF_KNOWN_CLIP, key_frames=6)
"""As closely as known videos are looked at, but for fewer key frames: these videos are short."""


@cache
def _seen(data: bytes) -> tuple[Examination, tuple[tuple[int, Sketch], ...]]:
    """What is known of a file, and what is kept of its key frames, or of itself, by the frame's number."""
    (found,) = examine("known", BytesIO(data), Limits(), local=OF_KNOWN, clip=KNOWN)
    kept = [(video_frame(frame.time), frame.local) for frame in found.key_frames]
    if found.local is not None:
        kept.append((0, found.local))
    return found, tuple((number, make_sketch(local, quantiser())) for number, local in kept)


@dataclass
class VideoBanks:
    """A store and its rooms; a bank is made when its first entry is."""

    store: MemoryBankStore = field(default_factory=lambda: MemoryBankStore(SetClock()))
    room: BruteRoom = field(default_factory=BruteRoom)
    features: MemoryFeatureRoom = field(default_factory=MemoryFeatureRoom)
    clips: MemoryClipRoom = field(default_factory=MemoryClipRoom)
    masks: KeptMasks = field(default_factory=KeptMasks)

    def bank(self, name: str, *, negative: bool = False) -> Bank:
        """The bank of this name, made when absent."""
        held = {bank.name: bank for bank in self.store.banks()}
        return held.get(name) or self.store.create(Bank(0, name, negative=negative))

    def know(self, entry: str, data: bytes, bank: str = "known", *, negative: bool = False) -> None:
        """Add a picture or a video."""
        found, sketches = _seen(data)
        assert found.fingerprint is not None, found.error
        held = self.bank(bank, negative=negative)
        self.store.add(held, [BankEntry(entry, known_hashes(found.fingerprint, found.clip))])
        number = self.store.entry_ids(held, [entry])[entry]
        self.features.open(held, write=True).add((number, frame, one) for frame, one in sketches)
        if found.clip is not None:
            self.clips.open(held, write=True).add([(number, found.clip)])
        sync_index(self.store, self.room, held)

    @contextmanager
    def matching(self, depth: Depth = Depth.FULL) -> Iterator[Matcher]:
        """A matcher against all banks."""
        with (
            Lookup(self.store, self.room, [bank.name for bank in self.store.banks()]) as lookup,
            Tracer(self.store, self.features, lookup.banks, quantiser, depth, self.masks) as tracer,
            ClipMatcher(self.store, self.clips, lookup, tracer, self.masks) as clips,
            Matcher(lookup, tracer, clips=clips) as matcher,
        ):
            yield matcher


def looked_at(matcher: Matcher, data: bytes, name: str = "suspect", key_frames: int = 5) -> Examination:
    """What a worker says of a file, who asks this matcher what is wanted; of videos, with so many key frames."""
    request = matcher.clip_request
    assert request is not None
    (found,) = examine(
        name,
        BytesIO(data),
        Limits(),
        local=matcher.request,
        clip=replace(request, key_frames=min(key_frames, request.key_frames)),
        wanted=lambda found: matcher.wanted(1, found),
    )
    return found


def matched(matcher: Matcher, found: Examination) -> tuple[Match, ...]:
    """The matches of what was looked at."""
    matches = matcher.matches([(1, matcher.start(1, found))])[0]
    matcher.forget(1)
    return matches


def ask(matcher: Matcher, data: bytes, name: str = "suspect") -> tuple[Match, ...]:
    """The matches of a file, found as a scan finds them."""
    return matched(matcher, looked_at(matcher, data, name))
