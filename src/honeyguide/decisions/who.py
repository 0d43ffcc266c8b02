"""Whom to ask now, for a terminal or an agent: ranked, with the evidence, and naming what is missing.

Nothing is written as a decision here: what has not been decided yet is judged as it would be decided now.
"""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from honeyguide import moments
from honeyguide.core import clock
from honeyguide.db import Tx
from honeyguide.decisions import guardrails, reading, tables
from honeyguide.decisions.decide import ensure_policy, judge_all
from honeyguide.decisions.holdout import HOLDOUT
from honeyguide.decisions.judged import Judged
from honeyguide.decisions.messages import Draft, compose
from honeyguide.decisions.situation import WAIT
from honeyguide.decisions.tables import AskRow

_MOST = 5_000
AsOf = Literal["now", "data"]


async def data_time(tx: Tx, now: datetime) -> datetime:
    """The time of the latest event we hold, at most `now`: where a historical import ends."""
    latest: datetime | None = await tx.value(
        "select max(last_seen_at) from record where workspace_id = $1 and last_seen_at <= $2", tx.workspace_id, now
    )
    return latest or now


async def who(tx: Tx, now: datetime | None = None, limit: int = 25, *, as_of: AsOf = "now") -> list[dict[str, Any]]:
    """The best people to ask, ready ones first, then those something is missing for; in each the best score first.

    With `as_of="data"` the question is answered for the time of the latest event instead of today, so that history
    gives an answer too; every row then says so in `as_of`. Rows of people who are held out, vetoed or asked are left
    out. `score` is 100 x P(share), `interval` its central 90 %.
    """
    at = now or clock.now()
    if as_of == "data":
        at = await data_time(tx, at)
    found = [m.id for m in await moments.open(tx, at, _MOST) if at - m.occurred_at <= guardrails.LOOK_BACK]
    asks = await tables.asks_of_moments(tx, found)
    terms = await reading.terms_in_force(tx)
    policy = await ensure_policy(tx)
    situations = [
        s for s in await reading.situations(tx, [i for i in found if i not in asks], terms, at) if not s.settled
    ]
    judged = judge_all(situations, policy)
    ready = await _suggested(tx, asks, terms, at)
    ready += [_row(j, None, at, as_of) for j in judged if j.asks]
    lacking = [_row(j, why, at, as_of) for j in judged if (why := _lacks(j)) is not None]
    ready.sort(key=_rank)
    lacking.sort(key=_rank)
    return _one_each(ready + lacking)[:limit]


def _lacks(judged: Judged) -> str | None:
    """What is missing, when that is all that stands in the way."""
    situation = judged.situation
    if judged.arm == HOLDOUT or judged.choice.action != WAIT or len(judged.legal) > 1 or guardrails.veto(situation):
        return None
    reasons = [why for _, why in judged.blocked]
    missing = [m for channel in ("email", "inapp") if (m := guardrails.missing(situation, channel))]
    return missing[0] if reasons and all(r in missing for r in reasons) else None


def _row(judged: Judged, missing: str | None, at: datetime, as_of: AsOf) -> dict[str, Any]:
    situation, person, firm = judged.situation, judged.situation.person, judged.situation.firm
    message = judged.message
    if missing is None and message is None:
        written = compose(situation, judged.best)
        message = written if isinstance(written, Draft) else None
    score = judged.score
    row = {
        "persona": None
        if person is None
        else {"id": str(person.id), "name": person.name, "title": person.title, "email": person.email},
        "company": None if firm is None else {"id": str(firm.id), "name": firm.name},
        "moment": {
            "kind": situation.moment.kind, "title": situation.moment.title,
            "occurred_at": situation.moment.occurred_at.isoformat(),
        },
        "window_ends_at": situation.moment.window_ends_at.isoformat(),
        "offer": judged.best.label,
        "message": {"subject": message.subject, "body": message.body} if message and missing is None else None,
        "channel": judged.best.channel,
        "score": round(100 * score.mean, 1),
        "interval": [round(100 * score.low, 1), round(100 * score.high, 1)],
        "evidence": _evidence(judged.context),
        "missing": missing,
    }  # fmt: skip
    return row | ({"as_of": at.isoformat()} if as_of == "data" else {})


async def _suggested(tx: Tx, asks: dict[UUID, AskRow], terms: reading.Terms, at: datetime) -> list[dict[str, Any]]:
    """Asks that wait for a person already, as rows."""
    waiting = {i: a for i, a in asks.items() if a.state == "suggested" and a.window_ends_at > at}
    decisions = await tables.decisions(tx, [a.decision_id for a in waiting.values()])
    labels = {o.id: o.label for offers in terms.offers.values() for o in offers}
    rows = []
    for ask in waiting.values():
        context = decisions[ask.decision_id].context
        persona, company, moment = context["persona"], context["company"], context["moment"]
        rows.append({
            "persona": {k: persona[k] for k in ("id", "name", "title", "email")} if persona else None,
            "company": {k: company[k] for k in ("id", "name")} if company else None,
            "moment": {k: moment[k] for k in ("kind", "title", "occurred_at")},
            "window_ends_at": ask.window_ends_at.isoformat(),
            "offer": labels.get(ask.offer_id, ""),
            "message": {"subject": ask.subject, "body": ask.body},
            "channel": ask.channel,
            "score": round(ask.score, 1),
            "interval": [round(ask.score_low, 1), round(ask.score_high, 1)],
            "evidence": _evidence(context),
            "missing": None,
        })  # fmt: skip
    return rows


def _evidence(context: dict[str, Any]) -> list[dict[str, Any]]:
    """The moment's evidence and that of the signals, each once."""
    found = [*context["moment"]["evidence"], *context["evidence"].values()]
    rows: list[dict[str, Any]] = []
    for one in found:
        row = {
            "source": one.get("source", ""), "record": one.get("record", ""), "quote": one.get("quote", ""),
            "inferrer": one.get("inferrer", ""), "confidence": round(float(one.get("confidence", 0.0)), 3),
        }  # fmt: skip
        if row not in rows:
            rows.append(row)
    return rows


def _rank(row: dict[str, Any]) -> tuple[float, str, str]:
    return (-row["score"], row["window_ends_at"], str(row["persona"] or row["company"]))


def _one_each(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The best row of each person (of each company where nobody is known)."""
    seen: set[str] = set()
    kept = []
    for row in rows:
        key = f"p{row['persona']['id']}" if row["persona"] else f"c{(row['company'] or {}).get('id')}"
        if key not in seen:
            seen.add(key)
            kept.append(row)
    return kept
