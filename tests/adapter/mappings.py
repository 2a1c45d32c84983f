"""What the kernel says of this process's memory."""

import re
from pathlib import Path


def mapping_flags(address: int) -> list[str]:
    """Flags of the mapping at an address of this process; `dd`: do not dump."""
    inside = False
    for line in Path("/proc/self/smaps").read_text().splitlines():
        if span := re.match(r"([0-9a-f]+)-([0-9a-f]+) ", line):
            inside = int(span[1], 16) <= address < int(span[2], 16)
        elif inside and line.startswith("VmFlags:"):
            return line.split()[1:]
    return []
