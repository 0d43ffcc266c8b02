"""The budget of a workspace and day (UTC): tokens, money, CPU-seconds of language models. A hard stop, kept before
anything is spent: what a call will cost is reserved first, and set right afterwards. A process that dies in between
leaves its reservation standing: the limit errs to the safe side.
"""

from collections.abc import Sequence
from datetime import UTC, date

from msgspec import Struct

from honeyguide.core import clock
from honeyguide.db import Database, Tx
from honeyguide.inference import spend_tables
from honeyguide.inference.contract import Usage
from honeyguide.inference.port import Tier
from honeyguide.inference.spend_tables import Limits
from honeyguide.inference.stacking import LANGUAGE_MODELS

# What holds until a workspace sets limits of its own: 2 million tokens, 5 units of money, 4 hours of one core.
DEFAULT = Limits(tokens=2_000_000, cost_micros=5_000_000, cpu_ms=4 * 3_600_000)
_COUNTED: tuple[Tier, ...] = tuple(sorted(LANGUAGE_MODELS))


class Budget(Struct, frozen=True):
    """The limits that hold, what is spent of them today, who set them (empty: the shipped ones)."""

    tokens: int
    cost_micros: int
    cpu_ms: int
    spent: Usage
    day: date
    actor: str

    def room(self, wanted: Sequence[Usage]) -> int:
        """How many of these fit, from the first."""
        tokens, cost, cpu = self.spent.tokens_in + self.spent.tokens_out, self.spent.cost_micros, self.spent.cpu_ms
        for n, one in enumerate(wanted):
            tokens += one.tokens_in + one.tokens_out
            cost += one.cost_micros
            cpu += one.cpu_ms
            if tokens > self.tokens or cost > self.cost_micros or cpu > self.cpu_ms:
                return n
        return len(wanted)

    @property
    def exhausted(self) -> bool:
        """Whether not even a word more may be read by a model today."""
        return self.room([Usage(1, 1, 1.0, 0)]) == 0 or self.spent.cost_micros >= self.cost_micros > 0


def today() -> date:
    """The day budgets count by (UTC)."""
    return clock.now().astimezone(UTC).date()


async def budget(tx: Tx, *, lock: bool = False) -> Budget:
    """Today's budget."""
    own = await spend_tables.limits(tx, lock=lock)
    day = today()
    return Budget(
        tokens=DEFAULT.tokens or 0 if own.tokens is None else own.tokens,
        cost_micros=DEFAULT.cost_micros or 0 if own.cost_micros is None else own.cost_micros,
        cpu_ms=DEFAULT.cpu_ms or 0 if own.cpu_ms is None else own.cpu_ms,
        spent=await spend_tables.spent(tx, day, _COUNTED), day=day, actor=own.actor,
    )  # fmt: skip


async def set_budget(
    tx: Tx, actor: str, *, tokens: int | None = None, cost_micros: int | None = None, cpu_ms: int | None = None
) -> Budget:
    """Set the limits per day; None is the shipped default. They hold at once."""
    await spend_tables.set_limits(tx, Limits(tokens, cost_micros, cpu_ms), actor, clock.now())
    return await budget(tx)


class DailyPurse:
    """The purse of one workspace, kept in the database: any number of readers share it."""

    def __init__(self, db: Database, workspace_id: int) -> None:
        self._db, self._workspace_id = db, workspace_id

    async def reserve(self, provider: str, tier: Tier, wanted: Sequence[Usage]) -> int:
        """How many of these may be spent; counted as spent from now on."""
        async with self._db.tx(self._workspace_id) as tx:
            known = await budget(tx, lock=True)
            granted = known.room(wanted)
            await spend_tables.add(
                tx, known.day, provider, tier, total(wanted[:granted]), calls=1 if granted else 0, items=granted,
                refused=len(wanted) - granted,
            )  # fmt: skip
            return granted

    async def settle(self, provider: str, tier: Tier, reserved: Sequence[Usage], spent: Sequence[Usage]) -> None:
        """Replace what was reserved by what was spent, on the day it is now."""
        before, after = total(reserved), total(spent)
        difference = Usage(
            after.tokens_in - before.tokens_in, after.tokens_out - before.tokens_out, after.cpu_ms - before.cpu_ms,
            after.cost_micros - before.cost_micros,
        )  # fmt: skip
        async with self._db.tx(self._workspace_id) as tx:
            await spend_tables.add(tx, today(), provider, tier, difference)


def total(usages: Sequence[Usage]) -> Usage:
    """The sum."""
    return Usage(
        sum(u.tokens_in for u in usages), sum(u.tokens_out for u in usages), sum(u.cpu_ms for u in usages),
        sum(u.cost_micros for u in usages),
    )  # fmt: skip
