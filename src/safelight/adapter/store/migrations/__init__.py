"""Schema history of the store; applied by `open_store`."""
