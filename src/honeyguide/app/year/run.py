"""Play the year: day by day, every stage, under a clock that says what day it is."""

import hashlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from msgspec import Struct

from honeyguide import decisions, delivery, learning, ledger, moments, programs
from honeyguide.app import following, keeping, reading, releasing, replay, road
from honeyguide.app.tiers import Installed
from honeyguide.app.year.log import Systems
from honeyguide.app.year.people import LEAD, People, Tally
from honeyguide.app.year.post import Post
from honeyguide.core import clock, ids
from honeyguide.core.money import Money
from honeyguide.db import Database, change_settings, create_workspace
from honeyguide.decisions import autonomy
from honeyguide.demo.cast import draw_cast
from honeyguide.demo.event import DemoEvent
from honeyguide.demo.story import generate
from honeyguide.demo.year import World
from honeyguide.inference.cascade import Cascade
from honeyguide.learning import cohorts
from honeyguide.learning.promotion import Change
from honeyguide.settings import Settings
from honeyguide.web.operators import ensure_operator

SLUG = "tidewater"
# What was decided, credited, posted and measured, besides what is derived from the log. Secrets are left out: they are random.
RECORDED: dict[str, tuple[str, ...]] = {
    "decision": (), "ask": (), "ask_follow_up": (), "message": ("unsubscribe_digest", "html", "text"), "referral": (), "conversion": (), "transfer": (),
    "posting": (), "reward": (), "payout": (), "evaluation": (), "experiment_look": (), "policy_version": (), "readiness": (),
}  # fmt: skip
HOLDOUT_BP = 2_000  # one in five: so small a company proves nothing within a year with one in twenty
_DAY = timedelta(days=1)
_OPERATORS = (("mara.lindt@tidewater.example", "Mara Lindt", "owner"), ("felix.adeyemi@tidewater.example", "Felix Adeyemi", "finance"),
              ("ida.holm@tidewater.example", "Ida Holm", "finance"))  # fmt: skip


class Year(Struct, frozen=True):
    """What a year came to: a row a month, and a digest of everything that was believed, decided, credited and posted."""

    seed: int
    end: str
    months: list[dict[str, Any]]
    tables: dict[str, str]
    digest: str


async def run_year(
    db: Database, settings: Settings, *, seed: int, end: datetime, months: int, scale: float,
    say: Callable[[dict[str, Any]], None],
) -> Year:  # fmt: skip
    """Play `months` months up to `end` in an empty store. `say` is told each month's row as it is over."""
    start = end - months * timedelta(days=30)
    with ids.seeded(seed), clock.frozen(start):
        play = _Play(db, settings, seed, start, end, scale)
        await play.open()
    with ids.seeded(seed + 1):
        rows = []
        for n in range(months):
            rows.append(await play.month(n))
            say(rows[-1])
        with clock.frozen(end):
            return await play.close(rows)


class _Play:
    def __init__(
        self, db: Database, settings: Settings, seed: int, start: datetime, end: datetime, scale: float
    ) -> None:
        self.db, self.settings, self.seed, self.start, self.end, self.scale = db, settings, seed, start, end, scale
        self.workspace_id = 0
        self.posts = {name: Post(name) for name in ("email", "inapp")}
        self.changes: list[Change] = []

    async def open(self) -> None:
        """The workspace, its people, its program; then everything from before the year begins."""
        self.workspace_id = await create_workspace(self.db, SLUG, "Tidewater", currency="EUR", timezone="Europe/Berlin")
        async with self.db.tx(self.workspace_id) as tx:
            for email, name, role in _OPERATORS:
                await ensure_operator(tx, email, name, role)
            program = await programs.ensure_program(tx, "customer-referrals")
            await ledger.fund_budget(tx, "year", program.id, Money(20_000_000, "EUR"), _OPERATORS[1][0], self.start)
            await change_settings(tx, {"quiet_hours": "none"})
            await decisions.first_policy(tx, holdout_bp=HOLDOUT_BP)
            # The lead lets steps rise by themselves, as far as evidence carries them and no further than 95 %.
            await autonomy.set_ceiling(tx, 3, LEAD, self.start, seal=releasing.seal_of(self.settings))
        self.systems = Systems(self.db, self.workspace_id)
        await self.systems.open()
        cast = draw_cast(self.seed, self.end, self.scale)
        self.people = People(self.db, self.workspace_id, World(self.seed, cast))
        self.story = _Told(generate(self.seed, self.end, self.scale))
        self.tiers = Installed(msgspec.structs.replace(self.settings, model="none", hosted_model=""))

    async def month(self, number: int) -> dict[str, Any]:
        """Thirty days."""
        self.people.tally = Tally()
        first = self.start + number * 30 * _DAY
        for n in range(30):
            await self._day(first + n * _DAY)
        with clock.frozen(first + 30 * _DAY):
            return await self._row(number + 1, first + 30 * _DAY)

    async def _day(self, day: datetime) -> None:
        morning, noon, evening = (day + timedelta(hours=h) for h in (6, 12, 20))
        with clock.frozen(morning):
            await self._hear(morning)
        with clock.frozen(noon):
            await self._ask(noon)
            await self.people.unasked(noon)
        with clock.frozen(evening):
            await self.people.friends(evening)
            await self._hear(evening)
            await self.people.finance(evening)
            await self._night(evening)

    async def _hear(self, now: datetime) -> None:
        """The log takes in what was said since, and everything up to moments follows."""
        await self.systems.say([*self.story.until(now), *self.people.crm_until(now)])
        await road.catch_up(self.db, self.workspace_id, limit=2_000)
        cascade = await self._cascade()
        while await reading.read_due(self.db, self.workspace_id, cascade, 200, refill=False):
            pass
        while await keeping.keep(self.db, self.workspace_id):
            pass

    async def _cascade(self) -> Cascade:
        async with self.db.tx(self.workspace_id) as tx:
            providers = await self.tiers.of(tx)
        return await reading.cascade_of(self.db, self.workspace_id, providers)

    async def _ask(self, now: datetime) -> None:
        async with self.db.tx(self.workspace_id) as tx:
            await decisions.expire(tx, now)
        for _ in range(20):
            async with self.db.tx(self.workspace_id) as tx:
                if not await decisions.decide(tx, now):
                    break
        self.people.tally.alone += await releasing.release(self.db, self.workspace_id, self.settings)
        await self.people.lead(now)
        await following.remind(self.db, self.workspace_id, self.settings, now)
        await self.people.expect()
        for post in self.posts.values():
            while await delivery.send_due(self.db, self.workspace_id, post, now, 200, overtaken=following.overtaken):
                pass
        letters = [letter for post in self.posts.values() for letter in post.collect()]
        await self.people.stop(self.people.read(letters, now), now)

    async def _night(self, now: datetime) -> None:
        async with self.db.tx(self.workspace_id) as tx:
            await learning.measure(tx, now)
        async with self.db.tx(self.workspace_id) as tx:
            await learning.train(tx, now)
        self.changes += await releasing.review(self.db, self.workspace_id, self.settings)
        if now.day % 7 == 0:
            await keeping.keep_day(self.db, self.workspace_id)
        else:
            async with self.db.tx(self.workspace_id) as tx:
                await moments.day(tx, now)

    async def _row(self, number: int, now: datetime) -> dict[str, Any]:
        tally = self.people.tally
        async with self.db.tx(self.workspace_id) as tx:
            lift = await learning.latest(tx)
            arms = {a.arm: a for a in await learning.arms(tx)}
            books = await ledger.verify(tx)
            grown = await cohorts.growth(tx, now)
            levels = await decisions.levels(tx, releasing.seal_of(self.settings))
        return {
            "month": number, "until": now.date().isoformat(), "sent": tally.sent, "reminded": tally.reminded, "approved": tally.approved,
            "not_now": tally.not_now, "shared": tally.shared, "unasked": tally.unasked, "signed_up": tally.signed_up,
            "opted_out": tally.opted_out, "paid_minor": dict(sorted(tally.paid_minor.items())),
            "referrals": arms["treated"].referrals, "won": arms["treated"].wins, "verdict": lift.verdict,
            "lift": [lift.estimate, lift.lower, lift.upper], "sentence": lift.sentence, "books": books.ok,
            "alone": tally.alone, "levels": dict(sorted(levels.items())), "changes": self._news(),
            "caused": msgspec.to_builtins(grown.caused), "given_away": msgspec.to_builtins(grown.given_away),
            "cost_per_incremental": msgspec.to_builtins(grown.cost_per_incremental), "adds_up": grown.adds_up,
        }  # fmt: skip

    def _news(self) -> list[dict[str, Any]]:
        """What the reviews of this month did to levels."""
        told = [msgspec.to_builtins(c) for c in self.changes]
        self.changes.clear()
        return told

    async def close(self, rows: list[dict[str, Any]]) -> Year:
        """The digest of what there is at the end."""
        async with self.db.tx(self.workspace_id) as tx:
            tables = await replay.digests(tx)
            for table, left_out in RECORDED.items():
                tables[table] = await replay.digest_of(tx, table, left_out)
        told = msgspec.json.encode([rows, tables], order="sorted")
        return Year(self.seed, self.end.isoformat(), rows, tables, hashlib.sha256(told).hexdigest())


class _Told:
    """The story of the customers' systems, handed out as time goes by."""

    def __init__(self, events: Iterator[DemoEvent]) -> None:
        self._events = events
        self._next = next(events, None)

    def until(self, now: datetime) -> list[DemoEvent]:
        """Everything up to now that has not been told."""
        found = []
        while self._next is not None and self._next.at <= now:
            found.append(self._next)
            self._next = next(self._events, None)
        return found


def midnight(day: datetime) -> datetime:
    """The beginning of a day in UTC."""
    return day.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
