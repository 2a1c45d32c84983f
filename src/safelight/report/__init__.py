"""The report of a scan as text. Pure: values in, text out; the files are written by `safelight.adapter.outputs`."""
