"""The clips of known videos as files: one folder for each bank, encrypted, crash-safe. docs/clip-index.md.

| file | what | changed |
|---|---|---|
| `manifest` | names the files of the present state, and what was removed of them | replaced as a whole |
| `00000007.clips` | clips, each a record | never (`records`) |
| `lock` | held by the writer | never |

Clips are kept as `adapter.vault` keeps things, by the key of local features; nothing here exports them. `segment` opens
and writes a file of clips, `reader.FileClipIndex` is a bank's index as it was when it was opened,
`writer.FileClipWriter` adds, removes and merges.
"""

from safelight.adapter.clips.reader import FileClipIndex
from safelight.adapter.clips.room import FileClipRoom
from safelight.adapter.clips.writer import FileClipWriter

__all__ = ["FileClipIndex", "FileClipRoom", "FileClipWriter"]
