"""What a visitor's request tells about device and network, for the fraud rules. It is kept as keyed hashes only.

The device is a random number in a cookie of our own, given where somebody acts (an advocate's page, a form that was sent) and
never on a page that is only read. The network is the client's /24 or /48; behind a proxy the server must be told to trust it,
else all visitors have the proxy's address, and private addresses say nothing.
"""

import ipaddress
from uuid import UUID

from fastapi import Request
from fastapi.responses import Response

from honeyguide.core import clock
from honeyguide.core.ids import new_id
from honeyguide.db import Tx
from honeyguide.outcomes import classify, fraud
from honeyguide.outcomes.fraud.marks import FADE, Side
from honeyguide.web.signin import caller

COOKIE = "hg_device"
_PREFIX = {4: 24, 6: 48}


def network(address: str) -> str:
    """The network of a client's address, such as 93.184.216.0/24; empty for a private address, or what is none."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return ""
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    one = mapped or found
    if not one.is_global or one.is_multicast:
        return ""
    return str(ipaddress.ip_network((one, _PREFIX[one.version]), strict=False))


def _carried(request: Request) -> str:
    """The device's number the browser brought, empty when it is none of ours."""
    try:
        return str(UUID(request.cookies.get(COOKIE, "")[:64]))
    except ValueError:
        return ""


async def see(tx: Tx, request: Request, side: Side, owner: UUID) -> str:
    """Keep the device and network of an advocate (by id), or of the friend of a referral (by its id), who acts just now.

    Returns the device's number for `give`; empty for machines, and where the workspace's policy keeps no such marks.
    """
    if classify(request.headers.get("user-agent", ""), request.method) == "scanner":
        return ""
    if not fraud.keeps(await fraud.policy(tx), "device"):
        return ""
    device = _carried(request) or str(new_id())
    used = [fraud.Used("device", device), fraud.Used("network", network(caller(request)))]
    await fraud.see(tx, side, owner, used, clock.now())
    return device


async def told(tx: Tx, what: str) -> str:
    """What a page says about the cookie `what` sets; empty where none is."""
    if not fraud.keeps(await fraud.policy(tx), "device"):
        return ""
    return f"{what} sets one cookie with a random number, kept for {FADE.days} days, to notice when somebody recommends themselves."


def give(request: Request, response: Response, device: str) -> None:
    """Give the browser its number, or let the one it has live on."""
    if device:
        response.set_cookie(
            COOKIE, device, max_age=int(FADE.total_seconds()), path="/", httponly=True, samesite="lax",
            secure=request.app.state.settings.base_url.startswith("https:"),
        )  # fmt: skip
