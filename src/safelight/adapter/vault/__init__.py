"""What is kept encrypted, one folder for each bank, crash-safe: the part that features and clips share.

A bank's folder has a `manifest`, which names the *segments* of the present state and what was removed of them, and
their files, which never change: one writer, many readers. `seal` keeps the parts of a file, by keys that `keys`
derives; `container` is a file of parts and `records` one of records with a directory. `reader.SealedIndex` is a bank's
state as it was when it was opened, `writer.SealedWriter` adds, removes and merges, `room.SealedRoom` holds all banks.
What is in a segment is for `adapter.features` and `adapter.clips` to say. docs/feature-index.md, docs/clip-index.md.
"""
