"""Part of the service; see docs/closing-api.md."""
