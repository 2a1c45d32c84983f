"""Values read as JSON: one class is read for the first time by several threads at once, in a process of its own."""

import json
import subprocess
import sys

from tests.conftest import ROOT

AT_ONCE = """
import sys, threading
from dataclasses import make_dataclass
from safelight.model.codec import convert, decoder, from_json

sys.setswitchinterval(1e-6)
TEXT = b'{"one":{"x":1,"y":"why"},"all":[{"x":2}],"n":3,"said":"so"}'
READ = 0, lambda kind: from_json(TEXT, kind), lambda kind: decoder(kind).decode(TEXT), lambda kind: convert(
    {"one": {"x": 1, "y": "why"}, "all": [{"x": 2}], "n": 3, "said": "so"}, kind)
bad = []
for number in range(400):
    inner = make_dataclass("Inner", [("x", int, 0), ("y", str, "")])
    outer = make_dataclass("Outer", [("one", inner), ("all", list[inner]), ("n", int), ("said", str | None, None)])
    start = threading.Barrier(4)
    def read(way):
        start.wait()
        try:
            value = READ[way](outer) if way else from_json(b'{"x":1,"y":"why"}', inner)
            if value != (outer(inner(1, "why"), [inner(2)], 3, "so") if way else inner(1, "why")):
                bad.append(repr(value))
        except Exception as error:
            bad.append(repr(error))
    threads = [threading.Thread(target=read, args=(way,)) for way in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
import json
print(json.dumps(bad))
"""


def test_threads_that_read_a_class_for_the_first_time_neither_crash_nor_miss_a_field() -> None:
    done = subprocess.run(
        [sys.executable, "-c", AT_ONCE], capture_output=True, text=True, timeout=120, check=False, cwd=ROOT
    )
    assert (done.returncode, done.stderr[-2000:]) == (0, "")
    assert json.loads(done.stdout) == []
