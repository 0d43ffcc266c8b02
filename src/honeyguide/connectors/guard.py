"""Where connectors may go: public addresses by https, and what the operator of this machine has allowed by name.

The address that was checked is the address that is called, so a name that answers differently the second time gains
nothing.
"""

import asyncio
import ipaddress
import socket
from pathlib import Path

import httpx2

from honeyguide.connectors.problems import VendorProblem
from honeyguide.core.errors import Forbidden

_ALLOW = "Whoever runs this machine can allow it: HONEYGUIDE_ALLOW_PRIVATE_HOSTS={}"


async def address_of(host: str, port: int, private_hosts: frozenset[str]) -> str:
    """The address to call. Raises Forbidden for one inside a private network, VendorProblem when there is none."""
    name = host.lower().rstrip(".")
    try:
        found = await asyncio.wait_for(asyncio.get_running_loop().getaddrinfo(name, port, type=socket.SOCK_STREAM), 10)
    except (OSError, UnicodeError, TimeoutError) as e:
        raise VendorProblem(
            f"There is no server called {host}.",
            str(e),
            advice="Check the address of the connection.",
            code="no_such_host",
        ) from e
    addresses = [str(info[4][0]).split("%")[0] for info in found]
    if name not in private_hosts and f"{name}:{port}" not in private_hosts:
        inside = [a for a in addresses if not _is_public(a)]
        if inside or not addresses:
            raise Forbidden(
                f"{host} is inside a private network.", f"It resolves to {', '.join(inside)}.",
                advice=_ALLOW.format(f"{name}:{port}"), code="private_host",
            )  # fmt: skip
    return addresses[0]


def _is_public(address: str) -> bool:
    found = ipaddress.ip_address(address)
    if isinstance(found, ipaddress.IPv6Address):
        mapped = found.ipv4_mapped or found.sixtofour
        if mapped is not None:
            found = mapped
    return found.is_global and not found.is_multicast and not found.is_reserved


class Pinned(httpx2.AsyncBaseTransport):
    """A transport that resolves, checks, and then connects to the very address it has checked."""

    def __init__(self, private_hosts: frozenset[str], inner: httpx2.AsyncBaseTransport | None = None) -> None:
        self._private_hosts = private_hosts
        self._inner = inner or httpx2.AsyncHTTPTransport(limits=httpx2.Limits(max_connections=16))

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request to a checked address, with the name it was meant for in Host and in TLS."""
        host = request.url.host
        port = request.url.port or (443 if request.url.scheme == "https" else 80)
        if request.url.scheme != "https" and not {host.lower(), f"{host.lower()}:{port}"} & self._private_hosts:
            raise Forbidden(
                f"{host} would be called without encryption.", "Credentials would travel readable for anyone.",
                advice="Use https. " + _ALLOW.format(f"{host}:{port}"), code="not_https",
            )  # fmt: skip
        address = await address_of(host, port, self._private_hosts)
        pinned = httpx2.Request(
            request.method, request.url.copy_with(host=address), headers=request.headers, stream=request.stream,
            extensions={**request.extensions, "sni_hostname": host},
        )  # fmt: skip
        return await self._inner.handle_async_request(pinned)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._inner.aclose()


def checked_path(text: str, folders: tuple[Path, ...]) -> Path:
    """A file or folder connectors may read. Raises Forbidden outside the allowed folders (links are followed first)."""
    for folder in folders:
        path = (folder / text).resolve()
        if path == folder.resolve() or folder.resolve() in path.parents:
            return path
    raise Forbidden(
        f"{text} is not in a folder connectors may read.", f"They may read: {', '.join(str(f) for f in folders)}.",
        advice="Whoever runs this machine can allow more: HONEYGUIDE_ALLOW_FOLDERS.", code="folder_not_allowed",
    )  # fmt: skip
