"""What the ledger should do, in dictionaries: it knows nothing of postings, locks or SQL."""

from typing import Any

from msgspec import Struct, field

UNPAID = ("pending", "held", "review", "approved", "payable")
CAP = 1_700
# What has to be seen, beside every state, for a run to have tried everything.
HAPPENS = (
    "owed", "kept back", "set off", "taken back in a payout", "partly taken back", "disputed", "payout requested",
    "payout approved", "payout paid", "payout cancelled", "changed", "written off",
)  # fmt: skip


class Known(Struct):
    """What the model knows of a reward. `order` is the order its row is locked in; days count from the start."""

    order: str
    born: int
    advocate: int
    wanted: int
    issued: int
    state: str
    hold: int
    due: int | None
    expires: int | None
    review: str
    reversed: int = 0
    clawed: int = 0
    netted: int = 0
    approved_by: str = ""
    payout: int | None = None
    claimed: bool = False
    keys: dict[str, int | None] = field(default_factory=dict)
    disputes: dict[str, str] = field(default_factory=dict)

    @property
    def amount(self) -> int:
        return self.issued - self.reversed + self.clawed

    @property
    def net(self) -> int:
        return self.issued - self.reversed

    @property
    def disputed(self) -> bool:
        return "" in self.disputes.values()


class Paying(Struct):
    """What the model knows of a payout."""

    ident: Any
    keys: list[int]
    requested_by: str
    state: str = "requested"
    approved_by: str = ""
    reference: str = ""


class Model:
    """Rewards, payouts, budgets and debts."""

    def __init__(self) -> None:
        self.day = 0
        self.rewards: dict[int, Known] = {}
        self.payouts: list[Paying] = []
        self.funded: dict[str, int] = {}
        self.changed: dict[str, int] = {}
        self.written_off: dict[str, tuple[int, int]] = {}
        self.debts: dict[int, int] = {0: 0, 1: 0}

    def left(self) -> int:
        """What is left of the budget."""
        spent = sum(k.net for k in self.rewards.values())
        return sum(self.funded.values()) - spent - sum(self.changed.values())

    def room(self, advocate: int) -> int:
        """What an advocate may still earn."""
        used = sum(k.net for k in self.rewards.values() if k.advocate == advocate)
        return max(0, min(self.left(), CAP - used))

    def in_order(self, keys: list[int]) -> list[Known]:
        """Rewards in the order their rows are locked in."""
        return sorted((self.rewards[k] for k in keys), key=lambda k: k.order)

    def why_not_approve(self, known: Known, reason: str, *, keep: bool) -> bool:
        """Is the approval refused, whoever it is?"""
        if known.state not in ("held", "review") or known.disputed:
            return True
        return not reason and (bool(known.review) or (self.day < known.hold and not keep))

    def ripe(self, known: Known) -> bool:
        """May it be put into a payout now?"""
        ready = known.state == "payable" or (known.state == "approved" and self.day >= known.hold)
        return ready and not known.disputed

    def advance(self) -> None:
        """What time has brought."""
        for known in self.rewards.values():
            late = known.expires is not None and self.day >= known.expires and not known.claimed
            if late and known.state in UNPAID and not known.disputed and known.net:
                self.take(known, "@expired", None, "expired")
        for known in self.rewards.values():
            if known.state == "pending" and known.due is not None and self.day >= known.due:
                known.state = "review" if known.review else "held"
            if known.state == "approved" and self.day >= known.hold and not known.disputed:
                known.state = "payable"

    def take(self, known: Known, key: str, minor: int | None, final: str = "reversed") -> tuple[int, int]:
        """Take back; returns how much, and how much of that is owed."""
        known.keys[key] = minor
        taken = known.net if minor is None else min(minor, known.net)
        owed = 0 if known.state in UNPAID else taken
        was_paid = known.state == "paid"
        whole = taken == known.net
        known.reversed += taken
        known.clawed += owed
        self.debts[known.advocate] += owed
        if known.state in UNPAID and not known.amount:
            known.state = final
        elif was_paid and taken and whole:
            known.state = "reversed"
        return taken, owed

    def request(self, chosen: list[Known], number: int) -> int:
        """Put ripe rewards into payout `number`; returns what it pays."""
        for known in chosen:
            known.netted = min(known.amount, self.debts[known.advocate])
            self.debts[known.advocate] -= known.netted
            known.state, known.payout = "in_payout", number
        return sum(k.amount - k.netted for k in chosen)

    def would_pay(self, chosen: list[Known]) -> int:
        """What a payout of these would pay."""
        debts, total = dict(self.debts), 0
        for known in chosen:
            kept = min(known.amount, debts[known.advocate])
            debts[known.advocate] -= kept
            total += known.amount - kept
        return total

    def paid(self, number: int) -> None:
        """The payout was paid."""
        for known in self.rewards.values():
            if known.payout == number and known.state == "in_payout":
                known.state = "paid" if known.net else "reversed"

    def cancelled(self, number: int) -> None:
        """The payout came to nothing: debts are as they were, and what was taken back meanwhile is settled."""
        for known in sorted(self.rewards.values(), key=lambda k: k.order):
            if known.payout != number:
                continue
            self.debts[known.advocate] += known.netted
            settled = min(known.clawed, self.debts[known.advocate])
            self.debts[known.advocate] -= settled
            known.clawed -= settled
            known.netted, known.payout = 0, None
            known.state = "payable" if known.amount else "reversed"

    def settle(self, advocate: int) -> list[Known]:
        """Set off payable rewards of an advocate that the debt eats whole, the oldest first."""
        settled = []
        for known in sorted(self.rewards.values(), key=lambda k: (k.born, k.order)):
            if known.advocate != advocate or known.state != "payable" or known.disputed:
                continue
            if known.amount > self.debts[advocate]:
                break
            self.debts[advocate] -= known.amount
            known.netted, known.state = known.amount, "paid"
            settled.append(known)
        return settled

    def balances(self) -> dict[str, int]:
        """What every account must hold; zeros left out."""
        found = {
            "budget EUR": self.left(),
            "expense EUR": -sum(self.funded.values()) - sum(m for _, m in self.written_off.values()),
            "exchange EUR": sum(self.changed.values()), "budget USD": sum(m * 11 // 10 for m in self.changed.values()),
            "exchange USD": -sum(m * 11 // 10 for m in self.changed.values()),
            "allowed EUR": sum(k.net for k in self.rewards.values()),
        }  # fmt: skip
        for advocate, debt in self.debts.items():
            mine = [k for k in self.rewards.values() if k.advocate == advocate]
            found |= {
                f"held {advocate}": sum(k.amount for k in mine if k.state in ("pending", "held", "review")),
                f"available {advocate}": sum(k.amount for k in mine if k.state in ("approved", "payable")),
                f"in_payout {advocate}": sum(k.amount - k.netted for k in mine if k.state == "in_payout"),
                f"paid {advocate}": sum(k.amount - k.netted for k in mine if k.state in ("paid", "reversed")),
                f"owed {advocate}": -debt, f"allowance {advocate}": -sum(k.net for k in mine),
            }  # fmt: skip
        return {k: v for k, v in found.items() if v}

    def happened(self) -> set[str]:
        """What this example has come to, so that the test can say that all of it was tried."""
        known = list(self.rewards.values())
        seen = {k.state for k in known}
        seen |= {"owed" for d in self.debts.values() if d}
        seen |= {"kept back" for k in known if k.netted and k.payout is not None}
        seen |= {"set off" for k in known if k.netted and k.payout is None}
        seen |= {"taken back in a payout" for k in known if k.clawed and k.state == "in_payout"}
        seen |= {"settled on leaving" for k in known if k.reversed and k.state == "payable" and not k.net}
        seen |= {"partly taken back" for k in known if k.reversed and k.net}
        seen |= {"disputed" for k in known if k.disputed}
        seen |= {f"payout {p.state}" for p in self.payouts}
        return seen | {"changed" for _ in self.changed} | {"written off" for _ in self.written_off}
