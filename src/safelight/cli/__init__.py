"""The command line: parse the request, call a flow, render."""
