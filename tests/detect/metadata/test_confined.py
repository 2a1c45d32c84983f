"""The reading works where no file can be opened and nothing imported: in the confined worker."""

import subprocess
import sys

from tests.docs.pages import ROOT

PROGRAM = """
import sys
from safelight.detect.metadata import read_blocks
from tests.detect.metadata.build import tiff
from tests.detect.metadata.samples import SAMPLES

japanese = b"JIS" + bytes(5) + "\\u6f2b\\u753b".encode("iso2022_jp")
comments = [japanese, b"UNICODE\\0a\\0b\\0", b"UNICODE\\0a\\0b\\0\\0\\xd8", bytes(8) + b"\\xff\\xfe\\xfd"]
files = [*SAMPLES.items(), *(("image/tiff", tiff([(0x9286, 7, comment)])) for comment in comments)]

def refuse(event, arguments):
    if event in {"open", "import", "exec", "compile"}:
        raise SystemExit(f"{event} {arguments}")

sys.addaudithook(refuse)
for mime, data in files:
    assert read_blocks(data, mime).blocks
    for size in range(0, len(data), 50):
        read_blocks(data[:size], mime)
print("done")
"""


def test_nothing_is_loaded_late() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
    )
    assert ran.stdout == "done\n", ran.stdout + ran.stderr
