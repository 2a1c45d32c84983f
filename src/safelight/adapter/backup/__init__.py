"""Backups in one file.

`archive` is the file, `copies` copies the database, `place` takes and puts back the rest of a data folder, `keys` seals
keys by a passphrase. docs/backup.md.
"""
