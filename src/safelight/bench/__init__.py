"""Benchmarks: one module each, `run(quick, say) -> list[Row]`; every comparison is measured beside its peer."""
