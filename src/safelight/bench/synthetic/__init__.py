"""The benchmark of the synthetic hint: what the detector says of sources and generators that it has never seen.

Each fold holds out one real source and one generator completely; encodings are equal for both classes
(`detect.hint.views`). Thresholds and calibration are those that ship; heads are trained anew for each fold.
"""

import json
import os
import resource
import time
from collections.abc import Callable
from pathlib import Path

from safelight.adapter.hint import detector
from safelight.adapter.hint.encoder import SHA256, OnnxEncoder, find_model, read_model
from safelight.bench.common import Row, informs
from safelight.bench.synthetic import collect, report
from safelight.bench.synthetic.embed import Cache
from safelight.detect.hint.views import SIDE

QUICK_PICTURES = 6
"""Of each source in a quick run, whose figures judge nothing."""
EDITED_PICTURES = 90
"""Of each source that are also measured after an edit."""


def run(quick: bool, say: Callable[[str], None], *, out: Path) -> list[Row]:
    """Measure; embeddings are kept in `out`/embeddings, so that a run that was broken off goes on where it was.

    Returns no rows, having said why, where the encoder or the corpus is not at hand.
    """
    corpus = Path(os.environ.get("SAFELIGHT_SHARED", "../shared")) / "corpus"
    model = find_model()
    if model is None:
        say("skipped: the encoder is not installed (docs/hint.md)")
        return []
    if not (corpus / "synthetic").is_dir():
        say("skipped: the corpus is not at hand; SAFELIGHT_SHARED names the folder that holds it")
        return []
    encoder = OnnxEncoder(read_model(model))
    cost = _cost(encoder)
    cache = Cache(out / "embeddings", encoder, SHA256)
    most = QUICK_PICTURES if quick else None
    data = collect.read(corpus, cache, most, say)
    unseen = collect.embed("unseen drawings", collect.drawings(collect.DRAWN_UNSEEN, most), cache)
    paths = collect.files(corpus, collect.SCREENSHOTS)
    screens = collect.embed("screenshots", (path.read_bytes() for path in paths), cache)
    edited = {} if quick else collect.read_edited(corpus, cache, EDITED_PICTURES, say)
    say("training and measuring")
    found = report.measure(data, edited, (unseen, screens), detector.read_head(), judged=not quick)
    (out / "details.json").write_text(json.dumps(found.details, indent=1) + "\n", encoding="utf-8")
    return [*found.rows, *cost]


def _cost(encoder: OnnxEncoder) -> list[Row]:
    view = collect.grey(SIDE)
    encoder(view)
    rounds = 10
    began = time.process_time()
    for _ in range(rounds):
        encoder(view)
    spent = (time.process_time() - began) / rounds * 1000
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return [
        informs("CPU of encoding one picture (5 views)", 5 * spent, "ms", rounds),
        informs("resident memory of the process with the encoder loaded", peak, "MiB", 1),
    ]
