"""Part of the service; see docs/service.md."""
