"""`python -m safelight` is `safelight`."""

from safelight.cli.main import main

if __name__ == "__main__":
    main()
