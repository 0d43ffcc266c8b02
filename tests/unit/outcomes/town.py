"""A small town: a program, an advocate with a link, and events as the sources would report them."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from msgspec import Struct

from honeyguide import identity, outcomes, programs
from honeyguide.core.ids import content_id, new_id
from honeyguide.core.terms import CanonicalEvent, Identifier, RecordRef
from honeyguide.db import Tx
from honeyguide.funnel import decode, load_sources

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
BROWSER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/142.0 Safari/537.36"


def days(n: float) -> datetime:
    return AT + timedelta(days=n)


def person(email: str, source: str = "hubspot", ext_id: str = "", name: str = "") -> RecordRef:
    traits = {"email": email} | ({"name": name} if name else {})
    return RecordRef("persona", source, ext_id or f"email:{email}", (Identifier("email", email),), traits)


def company(domain: str, source: str = "hubspot", name: str = "") -> RecordRef:
    traits = {"domain": domain} | ({"name": name} if name else {})
    return RecordRef("company", source, f"c-{domain}", (Identifier("domain", domain),), traits)


def event(
    kind: str,
    at: datetime,
    *,
    who: RecordRef | None = None,
    firm: RecordRef | None = None,
    source: str = "hubspot",
    message: str = "",
    **props: Any,
) -> CanonicalEvent:
    message_id = message or f"{kind}:{props.get('deal', '')}:{at.isoformat()}:{who.ext_id if who else ''}"
    ref = f"HubSpot deal {props['deal']}" if "deal" in props else f"HubSpot {message_id}"
    return CanonicalEvent(
        event_id=content_id("test", source, message_id), workspace_id=0, source_id=1, source=source, message_id=message_id,
        kind=kind, name=kind, at=at, received_at=at, ref=ref, person=who, company=firm, props=props,
    )  # fmt: skip


class Town(Struct, frozen=True):
    program: programs.Program
    group: programs.Group
    advocate: programs.Advocate
    link: programs.Link


async def settle(
    tx: Tx, *, group: str = "partner", email: str = "maya@customer.example", name: str = "Maya Ortiz"
) -> Town:
    """Install the program and make one advocate of a group, known from HubSpot."""
    program = await programs.ensure_program(tx, "customer-referrals")
    chosen = next(g for g in await programs.groups(tx, program.id) if g.slug == group)
    maya = person(email, ext_id=f"hs-{email}", name=name)
    firm = company(email.split("@")[1])
    await tell(tx, [event("persona.identified", days(-100), who=maya, firm=firm)])
    advocate, _ = await programs.ensure_advocate(tx, maya.id, name, email, program, chosen)
    return Town(program, chosen, advocate, await programs.ensure_link(tx, advocate))


async def tell(tx: Tx, events: Sequence[CanonicalEvent]) -> outcomes.OutcomeChanges:
    """What the road and the consumer behind it do with a batch, as far as outcomes reads it."""
    await identity.step(tx, events)
    return await outcomes.step(tx, events)


async def joins(
    tx: Tx, town: Town, email: str = "tom@prospect.example", at: datetime = AT, name: str = "Tom Berg"
) -> outcomes.SignUp:
    """A friend follows the link, signs up five minutes later, and the log's event goes through the consumers."""
    touch = await outcomes.record_touch(
        tx, town.link, "click", agent=BROWSER, visitor=new_id(), at=at - timedelta(minutes=5)
    )
    made = await outcomes.sign_up(tx, town.link.code, email, name, touch.visitor, at)
    await tell(tx, await logged(tx))
    return made


async def logged(tx: Tx) -> list[CanonicalEvent]:
    """The events in the log, decoded."""
    sources = await load_sources(tx)
    rows = await tx.rows(
        "select event_id, source_id, format, kind, message_id, event_time, received_at, sent_at, body, seq, lane "
        "from event_log where workspace_id = $1 order by seq",
        tx.workspace_id,
    )
    return [e for r in rows for e in decode(r, sources[r["source_id"]])]


async def ask(tx: Tx, town: Town, offer_id: int, *, by: str, at: datetime, state: str = "sent") -> UUID:
    """An ask that reached the advocate."""
    made = new_id()
    await tx.run(
        "insert into ask (workspace_id, id, decision_id, moment_id, record_id, offer_id, channel, subject, body, state, score, "
        "score_low, score_high, window_ends_at, created_at, decided_by, decided_at) "
        "values ($1, $2, $3, $4, $5, $6, 'email', 's', 'b', $7, 1, 0, 2, $8, $8, $9, $8)",
        tx.workspace_id, made, new_id(), new_id(), town.advocate.record_id, offer_id, state, at, by,
    )  # fmt: skip
    return made


def deal(kind: str, day: float, number: str = "77", **more: Any) -> CanonicalEvent:
    """A deal event of Tom's company, with Tom on it unless `who` says otherwise."""
    props = {"deal": number, "name": "Prospect Ltd", **more.pop("props", {})}
    who = more.pop("who", person("tom@prospect.example"))
    return event(f"deal.{kind}", days(day), who=who, firm=more.pop("firm", None), **more, **props)


def won(day: float, minor: int = 4_800_000, number: str = "77", currency: str = "EUR", **more: Any) -> CanonicalEvent:
    return deal("won", day, number, props={"amount_minor": minor, "currency": currency}, **more)
