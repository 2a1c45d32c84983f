"""From found to gone: law, policy, reports, takedown."""

from functools import cached_property

from safelight.app.service import Service
from safelight.ports import FilingStore, PolicyStore, TakedownStore


class Closing(Service):
    """From found to gone: law, policy, reports, takedown."""

    @cached_property
    def filings(self) -> FilingStore:
        """Reports on their way, in the store of banks."""
        from safelight.adapter.closing import open_filings

        return open_filings(self._database)

    @cached_property
    def takedowns(self) -> TakedownStore:
        """URLs that are worked on, in the store of banks."""
        from safelight.adapter.closing import open_takedowns

        return open_takedowns(self._database)

    @cached_property
    def policy_store(self) -> PolicyStore:
        """Versions of the policy, in the store of banks."""
        from safelight.adapter.closing import open_policies

        return open_policies(self._database)
