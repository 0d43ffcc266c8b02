"""Whom to ask now, for a terminal or an agent: ranked, with the evidence, and naming what is missing.

Nothing is written as a decision here: what has not been decided yet is judged as it would be decided now.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from msgspec import structs

from honeyguide import moments
from honeyguide.core import clock
from honeyguide.db import Tx
from honeyguide.decisions import guardrails, reading, tables, telling
from honeyguide.decisions.decide import ensure_policy, judge_all
from honeyguide.decisions.holdout import HOLDOUT
from honeyguide.decisions.journey import Stage, stages_of
from honeyguide.decisions.judged import Judged
from honeyguide.decisions.messages import Draft, compose
from honeyguide.decisions.readiness_words import Readiness, readiness_of
from honeyguide.decisions.situation import WAIT
from honeyguide.decisions.tables import AskRow, DecisionRow
from honeyguide.decisions.telling import Case

_MOST = 5_000
AsOf = Literal["now", "data"]
Row = dict[str, Any]


class _Told:
    """A row with what its sentences are made of."""

    def __init__(self, row: Row, case: Case) -> None:
        self.row, self.case = row, case

    @property
    def persona(self) -> int | None:
        """Whom it is about."""
        return int(self.row["persona"]["id"]) if self.row["persona"] else None


async def data_time(tx: Tx, now: datetime) -> datetime:
    """The time of the latest event we hold, at most `now`: where a historical import ends."""
    latest: datetime | None = await tx.value(
        "select max(last_seen_at) from record where workspace_id = $1 and last_seen_at <= $2", tx.workspace_id, now
    )
    return latest or now


async def who(
    tx: Tx, now: datetime | None = None, limit: int = 25, *, as_of: AsOf = "now", segment: str = "", stage: str = "",
    moment: str = "", personas: Collection[int] | None = None,
) -> list[Row]:  # fmt: skip
    """The best people to ask, ready ones first, then those something is missing for; in each the best score first.

    With `as_of="data"` the question is answered for the time of the latest event instead of today, so that history
    gives an answer too; every row then says so in `as_of`. Rows of people who are held out, vetoed or asked are left
    out. `score` is 100 x P(share), `interval` its central 90 %. `why` (sentences, each with its evidence), `what` (the
    offer, because) and `when` (now or what is missing, because) tell it in words; `readiness` and `stage` may be None.
    `segment` and `stage` are words of the journey, `moment` a kind of moment; `personas`: only these.
    """
    at = now or clock.now()
    if as_of == "data":
        at = await data_time(tx, at)
    ready, lacking = await _candidates(tx, at, moment, personas)
    rows = _one_each(sorted(ready, key=_rank) + sorted(lacking, key=_rank))
    if segment or stage:
        people = [p for t in rows if (p := t.persona) is not None]
        stages, known = await stages_of(tx, people, at), await readiness_of(tx, people, at)
        rows = [t for t in rows if _is_of(t.persona, stages, known, segment, stage)]
    return await _told(tx, rows[:limit], at, as_of)


async def _candidates(
    tx: Tx, at: datetime, moment: str, personas: Collection[int] | None
) -> tuple[list[_Told], list[_Told]]:
    """Who can be asked at that time, and for whom only something is missing."""
    open_now = [m for m in await moments.open(tx, at, _MOST) if at - m.occurred_at <= guardrails.LOOK_BACK]
    found = [m.id for m in open_now if (not moment or m.kind == moment) and (personas is None or m.persona in personas)]
    asks = await tables.asks_of_moments(tx, found)
    terms = await reading.terms_in_force(tx)
    policy = await ensure_policy(tx)
    situations = [
        s for s in await reading.situations(tx, [i for i in found if i not in asks], terms, at) if not s.settled
    ]
    judged = judge_all(situations, policy)
    ready = await _suggested(tx, asks, terms, at)
    ready += [_row(j, None) for j in judged if j.asks]
    return ready, [_row(j, why) for j in judged if (why := _lacks(j)) is not None]


def _is_of(
    persona: int | None, stages: dict[int, Stage], known: dict[int, Readiness], segment: str, stage: str
) -> bool:
    """Does the person stand there, and is their company of that kind? Of whom nothing is known, no."""
    if persona is None:
        return False
    stands = persona in stages and stages[persona].stage == stage
    return (not stage or stands) and (not segment or (persona in known and known[persona].segment == segment))


async def _told(tx: Tx, rows: list[_Told], at: datetime, as_of: AsOf) -> list[Row]:
    people = [p for t in rows if (p := t.persona) is not None]
    stages, known = await stages_of(tx, people, at), await readiness_of(tx, people, at)
    return [
        _in_words(t, stages.get(t.persona or 0), known.get(t.persona or 0), at)
        | ({"as_of": at.isoformat()} if as_of == "data" else {})
        for t in rows
    ]


def _in_words(told: _Told, stage: Stage | None, ready: Readiness | None, at: datetime) -> Row:
    stands = (stage.stage, stage.why, stage.evidence) if stage is not None else None
    return told.row | {
        "stage": stage.stage if stage is not None else None,
        "segment": ready.segment if ready is not None else None,
        "readiness": None if ready is None else {"score": ready.score, "low": ready.low, "high": ready.high},
        "why": [{"sentence": s.sentence, "evidence": s.evidence} for s in telling.why(told.case, ready, stands, at)],
        "what": telling.what(told.case),
        "when": telling.when(told.case, at),
    }


def _lacks(judged: Judged) -> str | None:
    """What is missing, when that is all that stands in the way."""
    situation = judged.situation
    if judged.arm == HOLDOUT or judged.choice.action != WAIT or len(judged.legal) > 1 or guardrails.veto(situation):
        return None
    reasons = [why for _, why in judged.blocked]
    missing = [m for channel in ("email", "inapp") if (m := guardrails.missing(situation, channel))]
    return missing[0] if reasons and all(r in missing for r in reasons) else None


def _row(judged: Judged, missing: str | None) -> _Told:
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
        "ask": None,
        "moment": {
            "id": str(situation.moment.id), "kind": situation.moment.kind, "title": situation.moment.title,
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
    values = judged.expected["values_minor"]
    allowed = [values[a.key] for a in judged.legal if a.key in values]
    case = _case(judged.context, judged.best.key, allowed, judged.expected, judged.choice.propensity, missing)
    return _Told(row, structs.replace(case, offer=judged.best.label, channel=judged.best.channel))


def _case(
    context: dict[str, Any], key: str, allowed: list[int], expected: dict[str, Any], propensity: float,
    missing: str | None,
) -> Case:  # fmt: skip
    moment, best = context["moment"], expected.get("best") or {}
    return Case(
        moment_title=moment["title"], occurred_at=_time(moment["occurred_at"]),
        window_ends_at=_time(moment["window_ends_at"]), half_life_hours=moment["half_life_hours"],
        moment_evidence=moment["evidence"], offer=str(best.get("label", "")), channel=str(best.get("channel", "")),
        group_reason=context.get("group_reason") or "", past_asks=int(context.get("past_asks") or 0),
        value_minor=int(expected["values_minor"].get(key, expected["value_minor"])), currency=expected["currency"],
        best_minor=max(allowed, default=0), choices=len(allowed), propensity=propensity, missing=missing,
    )  # fmt: skip


def _time(said: str | datetime) -> datetime:
    return said if isinstance(said, datetime) else datetime.fromisoformat(said)


async def _suggested(tx: Tx, asks: dict[UUID, AskRow], terms: reading.Terms, at: datetime) -> list[_Told]:
    """Asks that wait for a person already, as rows."""
    waiting = {i: a for i, a in asks.items() if a.state == "suggested" and a.window_ends_at > at}
    decisions = await tables.decisions(tx, [a.decision_id for a in waiting.values()])
    labels = {o.id: o.label for offers in terms.offers.values() for o in offers}
    rows: list[_Told] = []
    for ask in waiting.values():
        context = decisions[ask.decision_id].context
        persona, company, moment = context["persona"], context["company"], context["moment"]
        row = {
            "persona": {k: persona[k] for k in ("id", "name", "title", "email")} if persona else None,
            "company": {k: company[k] for k in ("id", "name")} if company else None,
            "ask": str(ask.id),
            "moment": {k: moment[k] for k in ("id", "kind", "title", "occurred_at")},
            "window_ends_at": ask.window_ends_at.isoformat(),
            "offer": labels.get(ask.offer_id, ""),
            "message": {"subject": ask.subject, "body": ask.body},
            "channel": ask.channel,
            "score": round(ask.score, 1),
            "interval": [round(ask.score_low, 1), round(ask.score_high, 1)],
            "evidence": _evidence(context),
            "missing": None,
        }  # fmt: skip
        decision: DecisionRow = decisions[ask.decision_id]
        values = decision.expected["values_minor"]
        allowed = [values[a["action"]] for a in decision.legal_actions if a["action"] in values]
        case = _case(context, decision.action, allowed, decision.expected, decision.propensity, None)
        rows.append(_Told(row, structs.replace(case, offer=row["offer"], channel=ask.channel)))
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


def _rank(told: _Told) -> tuple[float, str, str]:
    row = told.row
    return (-row["score"], row["window_ends_at"], str(row["persona"] or row["company"]))


def _one_each(rows: list[_Told]) -> list[_Told]:
    """The best row of each person (of each company where nobody is known)."""
    seen: set[str] = set()
    kept = []
    for told in rows:
        row = told.row
        key = f"p{row['persona']['id']}" if row["persona"] else f"c{(row['company'] or {}).get('id')}"
        if key not in seen:
            seen.add(key)
            kept.append(told)
    return kept
