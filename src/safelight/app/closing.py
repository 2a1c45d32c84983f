"""From found to gone: law, policy, reports, takedown."""

from safelight.app.service import Service


class Closing(Service):
    """From found to gone: law, policy, reports, takedown."""
