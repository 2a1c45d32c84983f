"""Code of others that operators install beside Safelight: found by entry points, loaded only when it is asked for."""
