"""The PDQ index as files: one folder for each bank, exact radius search, crash-safe. docs/index-format.md.

| file | what | changed |
|---|---|---|
| `manifest` | names the files of the present state | replaced as a whole (`manifest`) |
| `00000007.segment` | codes, ids and search tables | never (`segment`) |
| `00000007.log` | what came and went since the segments were made | appended to (`delta`) |
| `00000007.dead` | rows of segments that were removed since | never |
| `lock` | held by the writer | never |

`reader.FileIndex` searches; `writer.FileIndexWriter` also takes in changes and merges segments (`merge`).
"""

from safelight.adapter.index.merge import Tuning
from safelight.adapter.index.reader import FileIndex
from safelight.adapter.index.room import FileIndexRoom
from safelight.adapter.index.writer import FileIndexWriter

__all__ = ["FileIndex", "FileIndexRoom", "FileIndexWriter", "Tuning"]
