"""The processes of the service, and who starts them; see docs/operations.md."""
