"""Use cases: short scripts of stage calls. I/O only through the ports handed in."""
