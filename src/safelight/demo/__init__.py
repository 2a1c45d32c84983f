"""Benign material drawn by code: the bank, the folder and the expectations that `safelight demo` works on."""
