"""Media as evidence: encrypted, content-addressed, verified on read."""
