"""The sketches of known pictures as files: one folder for each bank, encrypted, crash-safe. docs/feature-index.md.

| file | what | changed |
|---|---|---|
| `manifest` | names the files of the present state, and what was removed of them | replaced as a whole (`manifest`) |
| `00000007.lists` | what is searched: inverted lists, decrypted into memory | never (`lists`) |
| `00000007.records` | the rest of each sketch, read one by one | never (`records`) |
| `lock` | held by the writer | never |

Local descriptors can be partly inverted into pictures. So they are kept as `adapter.vault` keeps things, and nothing
here exports them. `segment` opens and writes a pair of files, `reader.FileFeatureIndex` is a bank's index as it was
when it was opened, `writer.FileFeatureWriter` adds, removes and merges.
"""

from safelight.adapter.features.reader import FileFeatureIndex
from safelight.adapter.features.room import FileFeatureRoom
from safelight.adapter.features.writer import FileFeatureWriter
from safelight.adapter.vault.keys import KeyFile
from safelight.adapter.vault.writer import Tuning

__all__ = ["FileFeatureIndex", "FileFeatureRoom", "FileFeatureWriter", "KeyFile", "Tuning"]
