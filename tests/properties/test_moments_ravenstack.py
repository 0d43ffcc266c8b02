"""A stranger's company-level tables (tickets, subscriptions, usage per account) give moments of companies."""

import csv
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from honeyguide import moments
from honeyguide.core.terms import CanonicalEvent, RecordRef
from honeyguide.db import Database, create_workspace
from tests.unit.inference.story import derived, event, shuffled, walk

ACCOUNTS = 40  # of 500: enough for every kind, quick enough for the gate


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def rows(folder: Path, name: str) -> Iterator[dict[str, str]]:
    with (folder / f"ravenstack_{name}.csv").open() as file:
        yield from csv.DictReader(file)


def account(ident: str) -> RecordRef:
    return RecordRef("company", "ravenstack", ident)


def tickets(folder: Path, known: set[str]) -> Iterator[CanonicalEvent]:
    for r in rows(folder, "support_tickets"):
        if r["account_id"] not in known:
            continue
        firm, ticket, opened, closed = (
            account(r["account_id"]),
            r["ticket_id"],
            at(r["submitted_at"]),
            at(r["closed_at"]),
        )
        yield event("ticket.opened", opened, None, firm, source="ravenstack", ticket=ticket, priority=r["priority"])
        if r["escalation_flag"] == "True":
            yield event(
                "ticket.escalated", opened + timedelta(minutes=1), None, firm, source="ravenstack", ticket=ticket
            )
        yield event("ticket.solved", closed, None, firm, source="ravenstack", ticket=ticket)
        if r["satisfaction_score"]:
            score = float(r["satisfaction_score"])
            yield event(
                "ticket.rated",
                closed + timedelta(minutes=5),
                None,
                firm,
                source="ravenstack",
                ticket=ticket,
                score=score,
            )


def story(folder: Path) -> list[CanonicalEvent]:
    known = {r["account_id"] for r, _ in zip(rows(folder, "accounts"), range(ACCOUNTS), strict=False)}
    out = list(tickets(folder, known))
    holder = {}
    for r in rows(folder, "subscriptions"):
        if r["account_id"] not in known:
            continue
        firm, subscription = account(r["account_id"]), r["subscription_id"]
        holder[subscription] = firm
        out.append(
            event(
                "subscription.started", at(r["start_date"]), None, firm, source="ravenstack", subscription=subscription,
                plan=r["plan_tier"], amount_minor=int(r["mrr_amount"]) * 100, currency="USD", seats=int(r["seats"]),
            )
        )  # fmt: skip
        if r["end_date"]:
            out.append(
                event(
                    "subscription.cancelled",
                    at(r["end_date"]),
                    None,
                    firm,
                    source="ravenstack",
                    subscription=subscription,
                )
            )
    out += [
        event(
            "feature.used", at(r["usage_date"]), None, holder[r["subscription_id"]], source="ravenstack", tag=r["usage_id"],
            product="ravenstack", feature=r["feature_name"], n=int(r["usage_count"]),
        )
        for r in rows(folder, "feature_usage")
        if r["subscription_id"] in holder
    ]  # fmt: skip
    return out


async def test_company_tables_give_company_moments(
    db: Database, workspace: int, shared_path: Callable[[str], Path]
) -> None:
    events = story(shared_path("data/ravenstack"))
    await walk(db, workspace, events)
    async with db.tx(workspace) as tx:
        stored = await tx.rows(
            "select kind, record_id, company_record_id, strength from moment where workspace_id = $1", workspace
        )
        companies = {r["id"] for r in await tx.rows("select id from record where workspace_id = $1", workspace)}
        felt = await tx.rows("select id, occurred_at from moment where workspace_id = $1 limit 20", workspace)
        read = await moments.by_ids(tx, [r["id"] for r in felt])
        wrong = await tx.rows("select kind from incident where workspace_id = $1", workspace)
    kinds = Counter(r["kind"] for r in stored)
    good = sum(1 for e in events if e.kind == "ticket.rated" and float(e.props["score"]) >= 4)
    paid = sum(1 for e in events if e.kind == "subscription.started" and e.props["amount_minor"])
    assert 0.8 * good <= kinds["support_success"] <= good, "all well rated tickets but the mixed stories"
    assert 0.8 * paid <= kinds["purchase_euphoria"] <= paid, "all paid subscriptions but those cancelled at once"
    assert kinds["product_milestone"] >= ACCOUNTS
    assert {r["record_id"] for r in stored} <= companies
    assert all(0 < r["strength"] <= 1 for r in stored)
    assert all(m.persona is None and m.company in companies for m in read.values()), "nobody is invented"
    incidents = Counter(r["kind"] for r in wrong)
    assert incidents["low_rating"] == sum(
        1 for e in events if e.kind == "ticket.rated" and float(e.props["score"]) <= 2
    )
    bought = {e.props["subscription"] for e in events if e.kind == "subscription.started" and e.props["amount_minor"]}
    ended = {e.props["subscription"] for e in events if e.kind == "subscription.cancelled"}
    assert incidents["cancelled"] == len(bought & ended), "what was free is no customer lost"


async def test_and_any_order_of_them_gives_the_same(
    db: Database, workspace: int, shared_path: Callable[[str], Path]
) -> None:
    events = story(shared_path("data/ravenstack"))
    await walk(db, workspace, events)
    again = await create_workspace(db, f"raven-{workspace}", "Again")
    await walk(db, again, shuffled(events, 11), batch=333)
    assert await derived(db, again) == await derived(db, workspace)
