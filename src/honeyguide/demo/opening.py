"""The opening week: what the demo company's own people, and the friends they reach, do with the product.

A marketing lead approves asks; advocates pass their links on; friends sign up; sales works their deals in the CRM;
finance approves rewards and pays. All of it goes through the doors and pages everybody uses. What has been done is
noted in a journal, so that a second run changes nothing and an interrupted one goes on.
"""

import asyncio
import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct, field

from honeyguide.core import clock
from honeyguide.core.errors import Unavailable
from honeyguide.demo import sales
from honeyguide.demo.cast import Cast, draw_cast
from honeyguide.demo.clocks import awake
from honeyguide.demo.console import SCANNER, Console, accept_terms, code_in, follow, sign_up, until
from honeyguide.demo.friends import Friend, disguised, draw_friends
from honeyguide.demo.load import Credentials
from honeyguide.demo.payday import payday
from honeyguide.demo.state import Story, change_state, read_journal, write_journal
from honeyguide.demo.vendors import Office
from honeyguide.demo.wire import Wire

ASKS = 20


class Journal(Struct):
    """What has been done. `links`: code -> (advocate's name, address); `friends`: number -> how far."""

    approved: dict[str, str] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    links: dict[str, tuple[str, str]] = field(default_factory=dict)
    friends: dict[str, str] = field(default_factory=dict)
    deals: list[str] = field(default_factory=list)
    rewards: list[str] = field(default_factory=list)
    payout: str = ""
    paid: bool = False


class Opened(Struct, frozen=True):
    """How the opening went."""

    asks_approved: int
    links_followed: int
    friends_signed_up: int
    deals_won: int
    rewards_approved: int
    paid: bool


async def play_opening(
    base_url: str, credentials: Credentials, folder: Path, story: Story, office: Office, *, say: Callable[[str], None] | None = None,
    patience_s: float = 180.0,
) -> Opened:  # fmt: skip
    """Play the opening week, or what is left of it. `patience_s` bounds the wait for each thing workers do.

    Needs the API keys `marketing`, `finance` and `finance-2`. Where a step does not come about in time, the rest is
    played with what there is, and the next run goes on. Raises BadInput when a key may not do its part.
    """
    tell = say or (lambda _: None)
    journal = _read(folder)
    cast = await asyncio.to_thread(draw_cast, story.seed, story.end, story.scale)
    async with Wire(base_url, 6) as wire:
        week = _Week(wire, credentials, folder, story, cast, journal, tell, patience_s, office)
        complete = await week.play()
    if complete:
        change_state(folder, opening_done=True)
    signed = [f for f in journal.friends.values() if f != "visited"]
    fates = {str(f.number): f.fate for f in draw_friends(story.seed, {c.domain for c in cast.companies})}
    return Opened(
        len(journal.approved), len(journal.friends), len(signed), sum(fates.get(n) == "won" for n in journal.deals),
        len(journal.rewards), journal.paid,
    )  # fmt: skip


def _read(folder: Path) -> Journal:
    with contextlib.suppress(msgspec.DecodeError, msgspec.ValidationError):
        return msgspec.json.decode(read_journal(folder) or b"{}", type=Journal)
    return Journal()


class _Week:
    """The week in its order; every step notes what it did."""

    def __init__(
        self, wire: Wire, credentials: Credentials, folder: Path, story: Story, cast: Cast, journal: Journal,
        tell: Callable[[str], None], patience_s: float, office: Office,
    ) -> None:  # fmt: skip
        self.office = office
        self.wire, self.credentials, self.folder, self.story, self.cast = wire, credentials, folder, story, cast
        self.journal, self.tell, self.patience_s = journal, tell, patience_s
        self.marketing = Console(wire, credentials.api_keys.get("marketing", ""))
        self.zones = {p.email: p.company.timezone for p in cast.people}

    def note(self) -> None:
        """Keep the journal."""
        write_journal(self.folder, msgspec.json.encode(self.journal))

    async def play(self) -> bool:
        """All steps. Returns whether everything came about."""
        try:
            await self._settled()
            await self._approve()
            await self._collect_links()
            await self._friends_come()
            await self._sales_work()
            consoles = [Console(self.wire, self.credentials.api_keys.get(k, "")) for k in ("finance", "finance-2")]
            await payday(consoles[0], consoles[1], self.journal, self.note, self.tell, self.patience_s)
        except Unavailable as e:
            self.tell(f"The opening week goes on at the next start: {e.sentence()}")
            return False
        return self.journal.paid

    async def _settled(self) -> None:
        """Wait until the workers have read the history and suggested asks."""
        if len(self.journal.approved) >= ASKS:
            return

        async def look() -> bool | None:
            overview = await self.marketing.get("/api/overview")
            if not overview.get("queue"):
                return None
            sources = await self.marketing.rows("/api/sources")
            return True if sum(int(s.get("lag") or 0) for s in sources) < 200 else None

        # The history takes its time on a small machine, so this first wait is a long one.
        await until("the first suggested asks", look, self.patience_s * 4)

    async def _approve(self) -> None:
        if len(self.journal.approved) >= ASKS:
            return
        rows = await self.marketing.rows("/api/ask-now?limit=100", most=300)
        companies: set[str] = set()
        for row in sorted(rows, key=lambda r: not self._is_awake(r)):
            company = str((row.get("company") or {}).get("id"))
            if len(self.journal.approved) >= ASKS:
                break
            if company in companies or row["id"] in self.journal.approved or row["id"] in self.journal.refused:
                continue
            companies.add(company)
            reply = await self.marketing.post(f"/api/asks/{row['id']}/approve")
            message: Any = reply.json().get("message") or {}
            if reply.status < 300 and message.get("state") in ("queued", "sent"):
                self.journal.approved[row["id"]] = str(row["persona"]["email"])
            else:
                self.journal.refused.append(row["id"])
            self.note()
        self.tell(f"The marketing lead approved {len(self.journal.approved)} asks.")

    def _is_awake(self, row: dict[str, Any]) -> bool:
        """Could the message leave now? Nobody is written to at night, so those who are up come first."""
        return awake(self.zones.get(str(row["persona"]["email"]), ""), clock.now())

    async def _collect_links(self) -> None:
        """Take the links out of what was really sent."""
        wanted = min(len(self.journal.approved), len(_people(self.story, self.cast)))
        read: set[str] = set()

        async def look() -> bool | None:
            for row in await self.marketing.rows("/api/outbox?state=sent&limit=100"):
                if row["ask_id"] not in self.journal.approved or row["id"] in read:
                    continue
                letter = await self.marketing.get(f"/api/outbox/{row['id']}")
                code = code_in(str(letter.get("text") or "")) or code_in(str(letter.get("html") or ""))
                read.add(row["id"])
                await accept_terms(self.wire, str(letter.get("text") or ""))
                if code:
                    self.journal.links[code] = (row["persona"]["name"], self.journal.approved[row["ask_id"]])
            self.note()
            return True if len(self.journal.links) >= wanted else None

        if len(self.journal.links) < wanted:
            with contextlib.suppress(Unavailable):  # some wait for the morning of their reader; go on with the others
                await until("the asks to be sent", look, min(self.patience_s, 45.0))
        if not self.journal.links:
            raise Unavailable("No ask has been sent yet.", "It may be night where the advocates live.")

    async def _friends_come(self) -> None:
        links = sorted(self.journal.links)
        for friend in _people(self.story, self.cast):
            known = self.journal.friends.get(str(friend.number))
            if known not in (None, "visited"):
                continue
            code = links[friend.number % len(links)]
            visitor = disguised(friend, *self.journal.links[code])
            if friend.number % 4 == 0:
                await follow(self.wire, code, SCANNER)  # the friend's mail gateway looks first
            landing = await follow(self.wire, code)
            status = await sign_up(self.wire, landing, visitor.name, visitor.email) if landing else 0
            self.journal.friends[str(friend.number)] = "signed_up" if 200 <= status < 400 else f"refused:{status}"
            self.note()
        self.tell(f"{len(self.journal.friends)} friends followed a link.")

    async def _sales_work(self) -> None:
        for friend in _people(self.story, self.cast):
            number = str(friend.number)
            if friend.fate in ("self", "colleague", "signed_up") or number in self.journal.deals:
                continue
            if self.journal.friends.get(number) != "signed_up":
                continue
            await sales.work(self.wire, self.credentials, self.story.seed, friend, self.office)
            self.journal.deals.append(number)
            self.note()
        self.tell(f"Sales worked on {len(self.journal.deals)} of their deals.")


def _people(story: Story, cast: Cast) -> list[Friend]:
    return draw_friends(story.seed, {c.domain for c in cast.companies})
