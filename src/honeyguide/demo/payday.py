"""Finance: some rewards are approved before their hold ends, with a reason, and one payout goes all the way."""

from collections import defaultdict
from collections.abc import Callable
from typing import Any, Protocol

from honeyguide.core.errors import Unavailable
from honeyguide.demo.console import Console, until

_APPROVE = 3
_REASON = "Opening week: invoice of the new customer seen, agreed with sales."
_MONEY = frozenset({"commission", "gift_card"})


class Books(Protocol):
    """The part of the journal finance writes."""

    rewards: list[str]
    payout: str
    paid: bool


async def payday(
    first: Console,
    second: Console,
    journal: Books,
    note: Callable[[], None],
    tell: Callable[[str], None],
    patience_s: float,
) -> None:
    """Approve up to three rewards, request a payout, have another person approve it, export it, mark it paid.

    Raises Unavailable when no reward came about in time.
    """
    if journal.paid:
        return
    if not journal.rewards:
        await _approve(first, journal, note, tell, patience_s)
    if not journal.payout:
        await _request(first, journal, note)
    if journal.payout:
        await _pay(second, journal, note, tell)


async def _approve(
    console: Console, journal: Books, note: Callable[[], None], tell: Callable[[str], None], patience_s: float
) -> None:
    held: list[dict[str, Any]] = []

    async def look() -> bool | None:
        held[:] = await console.rows("/api/rewards?state=held")
        return True if len(held) > _APPROVE else None  # some stay held, so that there is one to decide on

    try:
        await until("a reward to be held", look, patience_s)
    except Unavailable:
        if not held:
            raise
    held.sort(key=lambda r: (r["incentive"] not in _MONEY, r["created_at"], r["id"]))
    for reward in held:
        if len(journal.rewards) >= _APPROVE:
            break
        reply = await console.post(f"/api/rewards/{reward['id']}/approve", {"reason": _REASON})
        if reply.status < 300:
            journal.rewards.append(str(reward["id"]))
            note()
    tell(f"Finance approved {len(journal.rewards)} rewards.")


async def _request(console: Console, journal: Books, note: Callable[[], None]) -> None:
    """One payout of the first currency that has something payable."""
    approved = await console.rows("/api/rewards?state=payable")
    by_currency: dict[str, list[str]] = defaultdict(list)
    for reward in approved:
        if reward["incentive"] in _MONEY and reward["amount_minor"] > 0:
            by_currency[reward["currency"]].append(str(reward["id"]))
    for ids in by_currency.values():
        reply = await console.post("/api/payouts", {"reward_ids": ids[:2]})
        if reply.status < 300:
            journal.payout = str(reply.json()["id"])
            note()
            return
    raise Unavailable("No approved reward can be paid yet.", "Renewal credits and beta access are not paid in money.")


async def _pay(console: Console, journal: Books, note: Callable[[], None], tell: Callable[[str], None]) -> None:
    path = f"/api/payouts/{journal.payout}"
    state = str((await console.get(path)).get("state"))
    if state == "requested":
        await console.post(f"{path}/approve")
        state = str((await console.get(path)).get("state"))
    if state in ("approved", "exported"):
        await console.fetch(f"{path}/export.csv")
        await console.post(f"{path}/paid", {"reference": f"SEPA {journal.payout[:8].upper()}"})
        state = str((await console.get(path)).get("state"))
    journal.paid = state == "paid"
    note()
    tell("One payout was paid." if journal.paid else f"The payout is {state}.")
