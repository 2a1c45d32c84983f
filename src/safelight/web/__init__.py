"""The face for browsers and programs: a Django project. `safelight serve` starts it. See docs/service.md."""
