"""The people of the year: a marketing lead who decides on asks, advocates and friends who answer, finance who pays."""

import heapq
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from random import Random
from typing import Any
from uuid import UUID

from honeyguide import decisions, delivery, identity, ledger, outcomes, programs
from honeyguide.app.year.post import Received
from honeyguide.core.errors import HoneyguideError
from honeyguide.db import Database, Tx
from honeyguide.demo.event import DemoEvent
from honeyguide.demo.year import Asked, NewFriend, World
from honeyguide.demo.year_crm import deal_events
from honeyguide.web.approve import approve

LEAD, FINANCE, SECOND = "mara.lindt@tidewater.example", "felix.adeyemi@tidewater.example", "ida.holm@tidewater.example"
BASE = "https://refer.tidewater.example"
_BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0"
_A_DAY = 12  # asks the lead has time for
_MONEY = frozenset({"commission", "gift_card"})
_RECENT = timedelta(days=90)


@dataclass
class Tally:
    """What happened in a month, as the people saw it."""

    approved: int = 0
    not_now: int = 0
    alone: int = 0
    sent: int = 0
    shared: int = 0
    unasked: int = 0
    signed_up: int = 0
    reminded: int = 0
    refused: int = 0
    opted_out: int = 0
    paid_minor: dict[str, int] = field(default_factory=lambda: defaultdict(int))


class People:
    """Everybody who is not the product."""

    def __init__(self, db: Database, workspace_id: int, world: World) -> None:
        self._db, self._workspace_id, self.world = db, workspace_id, world
        self.tally = Tally()
        self._asked: dict[str, list[datetime]] = defaultdict(list)
        self._waiting: dict[str, decisions.QueueRow] = {}
        self._how: dict[str, dict[str, Any]] = {}
        self._read: dict[str, tuple[decisions.QueueRow, dict[str, Any]]] = {}
        self._due: list[tuple[datetime, int, str, NewFriend]] = []
        self._order = count()
        self.crm: list[tuple[datetime, int, DemoEvent]] = []

    async def lead(self, now: datetime) -> None:
        """The lead goes through the queue, best first: approves most, says not now to a few."""
        async with self._db.tx(self._workspace_id) as tx:
            page = await decisions.queue(tx, limit=_A_DAY)
        for row in page.rows:
            lots = Random(f"{self.world.seed}:lead:{row.id}")  # noqa: S311  # a simulation's lots
            async with self._db.tx(self._workspace_id) as tx:
                if lots.random() < 0.08:
                    reason = lots.choice(("bad_timing", "wrong_person", "sensitive_account"))
                    await decisions.not_now(tx, UUID(row.id), LEAD, reason, now=now)
                    self.tally.not_now += 1
                    continue
            try:
                async with self._db.tx(self._workspace_id) as tx:
                    await approve(tx, UUID(row.id), LEAD, decisions.Edits(), base_url=BASE, now=now)
                self.tally.approved += 1
            except HoneyguideError:
                continue  # something speaks against it since it was suggested: it leaves the queue by itself

    async def expect(self) -> None:
        """Note which asks are about to go out, so that who reads the letter can be told what it is about."""
        async with self._db.tx(self._workspace_id) as tx:
            page = await decisions.queue(tx, decisions.Filters(state="approved"), limit=500)
            logged = [await decisions.logged(tx, UUID(row.decision_id)) for row in page.rows]
        self._waiting = {row.persona.email: row for row in page.rows}
        self._how = {row.id: one.decision.expected["best"] for row, one in zip(page.rows, logged, strict=True)}

    def read(self, letters: Iterable[Received], now: datetime) -> list[tuple[str, str]]:
        """People read their letters. Returns (code, stop token) of those who want no more; sharing is noted for later."""
        leaving = []
        for letter in letters:
            first = self._waiting.get(letter.email)
            known = self._read.get(letter.email) if first is None else (first, self._how.get(first.id, {}))
            if known is None:
                continue
            row, how = self._read[letter.email] = known
            if first is None:  # a reminder of the last ask
                self.tally.reminded += 1
            else:
                self.tally.sent += 1
            lot = row.id if first else f"{row.id}:{now:%Y%m%d}"
            asked = self._as_asked(row, how, now)
            self._asked[letter.email].append(now)
            if self.world.leaves(asked, lot):
                leaving.append((letter.email, letter.stop))
            if letter.code and self.world.shares(asked, lot):
                self.tally.shared += 1
                self._tell(letter.code, letter.email, now)
        return leaving

    def _as_asked(self, row: decisions.QueueRow, how: dict[str, Any], now: datetime) -> Asked:
        happened = datetime.fromisoformat(row.moment.occurred_at)
        recent = sum(at > now - _RECENT for at in self._asked[row.persona.email])
        return Asked(
            row.persona.email, row.moment.kind, (now - happened).total_seconds() / 86_400, row.offer.incentive,
            str(how.get("size") or "medium"), str(how.get("tone") or "warm"), row.persona.seniority or "", recent,
        )  # fmt: skip

    def _tell(self, code: str, who: str, now: datetime) -> None:
        for friend in self.world.tells(who, now):
            heapq.heappush(self._due, (friend.comes_at, next(self._order), code, friend))

    async def stop(self, leaving: list[tuple[str, str]], now: datetime) -> None:
        """Those who want no more say so."""
        for _, token in leaving:
            if not token:
                continue
            async with self._db.tx(self._workspace_id) as tx:
                await delivery.withdraw(tx, token, now)
            self.tally.opted_out += 1

    async def unasked(self, now: datetime) -> None:
        """Some recommend without being asked: they get their link from the team."""
        for person in self.world.cast.people:
            if person.works_at(now) and person.company.active(now) and self.world.unasked(person, now):
                code = await self._link_of(person.email, person.name)
                if code:
                    self.tally.unasked += 1
                    self._tell(code, person.email, now)

    async def _link_of(self, email: str, name: str) -> str:
        async with self._db.tx(self._workspace_id) as tx:
            entity = await identity.find(tx, "email", email, "persona")
            if entity is None:
                return ""
            program = await programs.ensure_program(tx)
            group = await programs.group_for(tx, program, None, None)
            advocate, _ = await programs.ensure_advocate(tx, entity, name, email, program, group)
            return (await programs.ensure_link(tx, advocate)).code

    async def friends(self, now: datetime) -> None:
        """Friends whose hour has come follow the link and sign up; sales will work their deals."""
        while self._due and self._due[0][0] <= now:
            at, _, code, friend = heapq.heappop(self._due)
            try:
                async with self._db.tx(self._workspace_id) as tx:
                    await self._sign_up(tx, code, friend, at)
            except HoneyguideError:
                self.tally.refused += 1
                continue
            self.tally.signed_up += 1
            for event in deal_events(self.world.seed, friend, at):
                heapq.heappush(self.crm, (event.at, next(self._order), event))

    async def _sign_up(self, tx: Tx, code: str, friend: NewFriend, at: datetime) -> None:
        link = await programs.find_link(tx, code)
        visitor = None
        if link is not None:
            await programs.accept_terms(tx, link.advocate_id, at)
            visitor = (await outcomes.record_touch(tx, link, "click", agent=_BROWSER, at=at)).visitor
        await outcomes.sign_up(tx, code, friend.email, friend.name, visitor, at)

    def crm_until(self, now: datetime) -> list[DemoEvent]:
        """What sales has written into the CRM up to now."""
        found = []
        while self.crm and self.crm[0][0] <= now:
            found.append(heapq.heappop(self.crm)[2])
        return found

    async def finance(self, now: datetime) -> None:
        """Rewards whose hold is over are approved; on the first of a month what is payable is paid, by two persons."""
        async with self._db.tx(self._workspace_id) as tx:
            held = await ledger.rewards(tx, "held", limit=500) + await ledger.rewards(tx, "review", limit=500)
        for reward in sorted(held, key=lambda r: (r.created_at, str(r.id))):
            if reward.hold_until <= now:
                await self._quietly(ledger.approve_reward, reward.id, FINANCE, now)
        if now.day == 1:
            await self._pay(now)

    async def _pay(self, now: datetime) -> None:
        async with self._db.tx(self._workspace_id) as tx:
            approved = await ledger.rewards(tx, "payable", limit=500)
        by_currency: dict[str, list[Any]] = defaultdict(list)
        for reward in sorted(approved, key=lambda r: (r.created_at, str(r.id))):
            if reward.incentive in _MONEY and reward.amount_minor > 0:
                by_currency[reward.currency].append(reward)
        for currency, some in sorted(by_currency.items()):
            async with self._db.tx(self._workspace_id) as tx:
                payout = await ledger.request_payout(tx, [r.id for r in some], "manual", FINANCE, now)
                await ledger.approve_payout(tx, payout.id, SECOND, now)
                await ledger.export_payout(tx, payout.id, SECOND)
                await ledger.mark_paid(tx, payout.id, SECOND, f"SEPA {now:%Y%m%d} {currency}", now)
            self.tally.paid_minor[currency] += sum(r.amount_minor for r in some)

    async def _quietly(self, act: Any, *arguments: Any) -> None:
        """Do it unless the product refuses: a refusal (the approver is the one who asked) is part of the story."""
        try:
            async with self._db.tx(self._workspace_id) as tx:
                await act(tx, *arguments)
        except HoneyguideError:
            self.tally.refused += 1
