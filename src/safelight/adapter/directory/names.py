"""Names of hosts, asked at the resolver that the settings name."""

from collections.abc import Sequence
from ipaddress import ip_address
from urllib.parse import urlsplit

import dns.exception
import dns.resolver

from safelight.model.errors import UsageError

SECONDS = 4.0
"""For one question, all tries included."""
MAX_ANSWERS = 8


class Names:
    """Asks DNS. A name that does not exist, or has no such record, has none; no answer at all raises OSError."""

    def __init__(self, server: str = "", seconds: float = SECONDS) -> None:
        """Nothing is asked by this.

        Args:
            server: its address, with a port behind a colon if it is not 53; empty for the machine's own.
            seconds: for one question.

        Raises:
            UsageError: `server` is no address.
        """
        self._resolver = _resolver_at(server) if server else None
        self._seconds = seconds

    def addresses(self, host: str) -> tuple[str, ...]:
        """Its addresses, IPv4 first; a literal address is its own. Raises OSError."""
        try:
            return (str(ip_address(host.strip("[]"))),)
        except ValueError:
            return tuple(dict.fromkeys([*self._ask(host, "A"), *self._ask(host, "AAAA")]))

    def resolve(self, host: str, _port: int) -> Sequence[str]:
        """As `adapter.fetch.Resolve`. Raises OSError."""
        return self.addresses(host)

    def servers(self, domain: str) -> tuple[str, ...]:
        """Its name servers. Raises OSError."""
        return tuple(sorted(name.rstrip(".").lower() for name in self._ask(domain, "NS")))

    def takes_mail(self, domain: str) -> bool:
        """Whether mail can go there: not when it says so (RFC 7505), nor without address. Raises OSError."""
        exchanges = [text.split()[-1] for text in self._ask(domain, "MX")]
        return exchanges != ["."] if exchanges else bool(self.addresses(domain))

    def _ask(self, name: str, kind: str) -> list[str]:
        try:
            if self._resolver is None:
                self._resolver = dns.resolver.Resolver()
            # Without "search": a host of a URL is never one of this machine's own domain.
            answer = self._resolver.resolve(name, kind, search=False, lifetime=self._seconds)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return []
        except (dns.exception.DNSException, ValueError, OSError) as error:
            raise OSError(0, "the resolver did not answer") from error
        # Servers turn the order round; the same question has the same answer here.
        return sorted(record.to_text() for record in answer)[:MAX_ANSWERS]


def _resolver_at(server: str) -> dns.resolver.Resolver:
    made = dns.resolver.Resolver(configure=False)
    try:
        # A bare IPv6 address is all colons; every other form is that of a URL's authority.
        parts = urlsplit(f"//[{server}]" if server.count(":") > 1 and "[" not in server else f"//{server}")
        made.nameservers = [str(ip_address(parts.hostname or ""))]
        made.port = parts.port or 53
    except ValueError as error:
        raise UsageError(detail="SAFELIGHT_RESOLVER takes an address, with a port behind a colon if not 53") from error
    return made
