"""Hash lists: streaming readers and writers of the formats that banks are shared in."""

from safelight.adapter.lists.formats import READERS, WRITERS, read_list, write_list

__all__ = ["READERS", "WRITERS", "read_list", "write_list"]
