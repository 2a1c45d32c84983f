"""The upload gate and look-ups of hashes, over HTTP, beside what HMA does at its heart.

The peer is a Flask app of a few lines under gunicorn: an upload is hashed by threatexchange's PDQ and looked up in its
`PDQIndex`, a batch of hashes in the same. It is given what it lacks: a route for whole batches, and as many processes
as ours are. It has no keys, no limits, no confinement, no digests, no rotated or mirrored pictures, no log and no
evidence; ours has all of these on. Both hold the same codes and get the same bytes from the same clients, in rounds in
which they take turns.
"""

import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from safelight.bench.common import Row, at_least, at_most, informs
from safelight.bench.service import material
from safelight.bench.service.load import Heard, Target, together, work
from safelight.bench.service.ours import serving
from safelight.bench.service.peer import peer_serving

CLIENTS = 16
SECONDS, QUICK_SECONDS = 60, 12
ROUNDS = 4
CODES, QUICK_CODES = 1_000_000, 50_000
BATCH = 100
LOOKUP_CLIENTS = 4
WEB, DECODERS = 2, 1
"""Processes of ours, as `safelight serve` has them on two processors: those that answer, and decoders of each."""

Say = Callable[[str], None]


def run(quick: bool, say: Say, *, seconds: int | None = None, peer_python: Path | None = None) -> list[Row]:
    """Measure.

    Args:
        quick: fewer codes and seconds.
        say: told what is being done.
        seconds: how long each contestant answers uploads; by default 60, or 12 when quick.
        peer_python: an interpreter with threatexchange, faiss-cpu, flask and gunicorn; by default this one.
    """
    count = QUICK_CODES if quick else CODES
    seconds = seconds or (QUICK_SECONDS if quick else SECONDS)
    say(f"drawing JPEG files and {count:,} codes")
    pictures = material.pictures(8 if quick else 32)
    codes = material.codes(count)
    with tempfile.TemporaryDirectory(prefix="safelight-bench-") as name:
        folder = Path(name)
        np.save(folder / "codes.npy", codes)
        say("filling a bank, starting the service and its peer")
        with (
            serving(folder / "home", codes, WEB, DECODERS) as ours,
            peer_serving(peer_python, folder, WEB * (1 + DECODERS)) as peer,
        ):
            say(f"uploads: {CLIENTS} clients, {seconds} s each")
            rows = _uploads(ours, peer, pictures, seconds)
            say(f"look-ups: batches of {BATCH} hashes")
            return rows + _lookups(ours, peer, codes, max(4, seconds // 4))


def _uploads(ours: Target, peer: Target, pictures: list[bytes], seconds: int) -> list[Row]:
    ours_says, peer_says = _in_turns(
        lambda time: work(ours, "/api/v1/gate", "application/octet-stream", pictures, CLIENTS, time),
        lambda time: work(peer, "/gate", "application/octet-stream", pictures, CLIENTS, time),
        seconds,
    )
    size = sum(map(len, pictures)) / len(pictures) / 1000
    what = f"uploads of {material.WIDTH}x{material.HEIGHT} JPEGs of {size:.0f} kB, {CLIENTS} clients"
    n = len(ours_says.seconds)
    return [
        at_least(f"{what}: throughput / peer", ours_says.rate / peer_says.rate, "x", 4, n),
        at_most("p99 / peer's p99", ours_says.quantile(0.99) / peer_says.quantile(0.99), "x", 1, n),
        at_most("answers that are errors", ours_says.errors, "", 0, n),
        informs("CPU of an upload, all processes, peer / ours", peer_says.cpu_each / ours_says.cpu_each, "x", n),
        informs("uploads answered in a second", ours_says.rate, "1/s", n),
        informs("p50", 1000 * ours_says.quantile(0.5), "ms", n),
        informs("p99", 1000 * ours_says.quantile(0.99), "ms", n),
        informs("CPU of an upload, all processes", 1000 * ours_says.cpu_each, "ms", n),
        informs("peer: uploads answered in a second", peer_says.rate, "1/s", len(peer_says.seconds)),
        informs("peer: p99", 1000 * peer_says.quantile(0.99), "ms", len(peer_says.seconds)),
        informs("peer: answers that are errors", peer_says.errors, "", len(peer_says.seconds)),
    ]


def _lookups(ours: Target, peer: Target, codes: material.Codes, seconds: int) -> list[Row]:
    asked = material.questions(codes, BATCH, 16)
    for_ours, for_peer = [[kind(batch) for batch in asked] for kind in (material.for_ours, material.for_peer)]
    ours_says, peer_says = _in_turns(
        lambda time: work(ours, "/api/v1/lookup", "application/json", for_ours, LOOKUP_CLIENTS, time),
        lambda time: work(peer, "/lookup", "application/json", for_peer, LOOKUP_CLIENTS, time),
        seconds,
    )
    n = len(ours_says.seconds)
    return [
        at_least(
            f"look-ups of {BATCH} hashes against {len(codes):,}: batches in a second / peer",
            ours_says.rate / peer_says.rate,
            "x",
            20,
            n,
        ),
        at_most("answers to look-ups that are errors", ours_says.errors, "", 0, n),
        informs("CPU of a batch, all processes, peer / ours", peer_says.cpu_each / ours_says.cpu_each, "x", n),
        informs("batches answered in a second", ours_says.rate, "1/s", n),
        informs("p99 of a batch", 1000 * ours_says.quantile(0.99), "ms", n),
        informs("peer: batches answered in a second", peer_says.rate, "1/s", len(peer_says.seconds)),
    ]


def _in_turns(ours: Callable[[float], Heard], peer: Callable[[float], Heard], seconds: float) -> tuple[Heard, Heard]:
    """Both, in rounds; each is asked for a moment before that counts."""
    for contestant in (ours, peer):
        contestant(1.5)
    heard = [(ours(seconds / ROUNDS), peer(seconds / ROUNDS)) for _ in range(ROUNDS)]
    return together([one for one, _ in heard]), together([other for _, other in heard])
