"""The peer: threatexchange's own hashing and index in a bare Flask app under gunicorn."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from safelight.bench.service.load import Target
from safelight.bench.service.ours import free_port, running
from safelight.model.errors import MissingPeerError

PACKAGES = ("threatexchange", "faiss", "flask", "gunicorn")
APP = """
import os
import numpy as np
from flask import Flask, jsonify, request
from threatexchange.signal_type.pdq.pdq_index import PDQIndex
from threatexchange.signal_type.pdq.signal import PdqSignal

codes = np.load(os.environ["CODES"])
index = PDQIndex.build([(code.tobytes().hex(), number) for number, code in enumerate(codes)])
app = Flask(__name__)


@app.post("/gate")
def gate():
    code = PdqSignal.hash_from_bytes(request.get_data())
    return jsonify({"matches": [match.metadata for match in index.query(code)] if code else []})


@app.post("/lookup")
def lookup():
    found = [index.query(code) for code in request.json["hashes"]]
    return jsonify([[[match.metadata, match.similarity_info.distance] for match in one] for one in found])
"""
"""Its whole program. The index is made once and shared by all processes, which are forked afterwards."""


@contextmanager
def peer_serving(python: Path | None, folder: Path, processes: int) -> Iterator[Target]:
    """The peer over the codes in `folder`, until the end. Raises MissingPeerError."""
    interpreter = str(python or sys.executable)
    for package in PACKAGES:
        found = subprocess.run([interpreter, "-c", f"import {package}"], check=False, capture_output=True)
        if found.returncode:
            raise MissingPeerError(package=package)
    (folder / "peer.py").write_text(APP, encoding="utf-8")
    port = free_port()
    command = ["-m", "gunicorn", "--preload", f"--workers={processes}", "--timeout=120", f"--bind=127.0.0.1:{port}"]
    environ = os.environ | {"CODES": str(folder / "codes.npy"), "OMP_NUM_THREADS": "1"}
    with running([interpreter, *command, f"--chdir={folder}", "peer:app"], environ, port) as process:
        yield Target(port, process)
