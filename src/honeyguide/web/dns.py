"""What stands in the DNS, for proving a domain."""

from importlib import import_module

from honeyguide.core.errors import Unavailable

_SECONDS = 5.0


async def txt(name: str) -> list[str]:
    """The TXT records of a name; none when there are none. Raises Unavailable when nobody answers."""
    resolver, errors = import_module("dns.asyncresolver"), import_module("dns.exception")  # by name: rarely needed
    absent = import_module("dns.resolver")
    try:
        found = await resolver.resolve(name, "TXT", lifetime=_SECONDS)
    except (absent.NXDOMAIN, absent.NoAnswer):
        return []
    except errors.DNSException as e:
        raise Unavailable("The DNS does not answer.", type(e).__name__, advice="Try again in a minute.") from e
    return [b"".join(record.strings).decode("utf-8", "replace") for record in found]
