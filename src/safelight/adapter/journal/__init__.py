"""The journal of a scan in one SQLite file: what makes it resumable."""
