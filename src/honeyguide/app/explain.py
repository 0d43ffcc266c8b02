"""Why? The whole chain behind a payout, a reward or an ask, back to the raw events and their evidence (C13).

Every line names a row that exists; nothing is told that the store does not hold.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

from honeyguide import funnel
from honeyguide.app import explain_rows as rows
from honeyguide.core.errors import BadInput, NotFound
from honeyguide.core.money import money_text
from honeyguide.core.terms import Evidence
from honeyguide.db import Tx

SUBJECTS = ("payout", "reward", "referral", "ask", "moment")


class Link(Struct, frozen=True):
    """One step of the chain: what happened, in words, when, and what shows it."""

    stage: str
    title: str
    detail: str
    at: str | None
    evidence: tuple[Evidence, ...] = ()


class Explanation(Struct, frozen=True):
    """The chain, newest first, and the whole of it in one sentence."""

    sentence: str
    chain: tuple[Link, ...]


async def explain(tx: Tx, subject: str) -> Explanation:
    """Explain `payout:ID`, `reward:ID`, `referral:ID`, `ask:ID` or `moment:ID` (a bare id is looked up everywhere).

    Raises BadInput on another form, NotFound when there is no such row in this workspace.
    """
    kind, ident = await _subject(tx, subject)
    chain: list[Link] = []
    if kind == "payout":
        chain.append(await _payout(tx, ident))
        rewards = await rows.rewards_of_payout(tx, ident)
        for reward in rewards:
            chain += await _reward_chain(tx, reward["id"])
        sentence = (
            f"{chain[0].title}: {len(rewards)} reward{'s' if len(rewards) != 1 else ''}, each with its whole history."
        )
        return Explanation(sentence, tuple(chain))
    if kind == "reward":
        chain += await _reward_chain(tx, ident)
    elif kind == "referral":
        chain += await _referral_chain(tx, ident)
    elif kind == "ask":
        chain += await _ask_chain(tx, ident)
    else:
        chain += await _moment_chain(tx, ident)
    return Explanation(f"{chain[0].title}, in {len(chain)} steps back to the raw events.", tuple(chain))


async def _subject(tx: Tx, subject: str) -> tuple[str, UUID]:
    kind, _, text = subject.rpartition(":")
    try:
        ident = UUID(text)
    except ValueError as e:
        raise BadInput(
            f"{subject!r} cannot be explained.", f"It takes one of {', '.join(f'{s}:ID' for s in SUBJECTS)}."
        ) from e
    if kind and kind not in SUBJECTS:
        raise BadInput(f"There is no subject {kind!r}.", f"The subjects are {', '.join(SUBJECTS)}.")
    for candidate in (kind,) if kind else SUBJECTS:
        if await rows.exists(tx, candidate, ident):
            return candidate, ident
    raise NotFound(f"There is no {kind or 'payout, reward, referral, ask or moment'} {text} in this workspace.")


async def _payout(tx: Tx, ident: UUID) -> Link:
    p = await rows.payout(tx, ident)
    steps = [f"requested by {p['requested_by']} at {_when(p['requested_at'])}"]
    if p["approved_by"]:
        steps.append(f"approved by {p['approved_by']} at {_when(p['approved_at'])}")
    if p["paid_by"]:
        steps.append(f"paid by {p['paid_by']} at {_when(p['paid_at'])}, reference {p['reference'] or 'none'}")
    return Link(
        "payout", f"Payout of {money_text(p['total_minor'], p['currency'])} by {p['rail']} is {p['state']}",
        "; ".join(steps), _iso(p["paid_at"] or p["requested_at"]),
    )  # fmt: skip


async def _reward_chain(tx: Tx, ident: UUID) -> list[Link]:
    r = await rows.reward(tx, ident)
    chain = [
        Link(
            "reward", f"{r['label']} for {r['advocate_name']}: {money_text(r['amount_minor'], r['currency'])}, {r['state']}",
            f"Business key {r['business_key']}: one reward for this rule, role and conversion, for ever."
            + (f" Approved by {r['approved_by']} at {_when(r['approved_at'])}." if r["approved_by"] else ""),
            _iso(r["created_at"]),
        )
    ]  # fmt: skip
    for t in await rows.transfers_of_reward(tx, ident):
        lines = ", ".join(f"{line['account']} {money_text(line['minor'], line['currency'])}" for line in t["lines"])
        chain.append(Link("posting", t["memo"], f"{t['key']}: {lines} (sum 0)", _iso(t["at"])))
    c = await rows.conversion(tx, r["conversion_id"])
    if c is not None:
        chain.append(
            Link(
                "conversion", f"Deal {c['deal']} won: {money_text(c['amount_minor'], c['currency'])}",
                c["reason"] or "", _iso(c["occurred_at"]), await _events(tx, [c["event_id"]], "conversion"),
            )
        )  # fmt: skip
        chain += await _referral_chain(tx, c["referral_id"], c["ask_id"])
    return chain


async def _referral_chain(tx: Tx, ident: UUID, ask_id: UUID | None = None) -> list[Link]:
    f = await rows.referral(tx, ident)
    chain = []
    for s in await rows.referral_stages(tx, ident):
        evidence = await _events(tx, [s["event_id"]], "referral stage") if s["event_id"] else ()
        chain.append(Link("referral", f"Referral {s['stage'].replace('_', ' ')}", s["reason"], _iso(s["at"]), evidence))
    chain += [
        Link("fraud check", f"{x['rule'].replace('_', ' ')}: {x['verdict']}", x["reason"], _iso(x["at"]))
        for x in await rows.findings(tx, ident)
    ]
    if f["touch_at"]:
        chain.append(
            Link("touch", f"{f['friend_email']} clicked {f['code']}", f"{f['touch_agent']} visit", _iso(f["touch_at"]))
        )
    chain.append(Link("link", f"{f['advocate_name']}'s link {f['code']}", f["destination"], _iso(f["link_at"])))
    asked = ask_id or await rows.ask_before(tx, f["advocate_record"], f["created_at"])
    return chain + (await _ask_chain(tx, asked) if asked else [])


async def _ask_chain(tx: Tx, ident: UUID) -> list[Link]:
    chain = [
        Link(
            "reminder" if m["follow_up"] else "message", f"{m['channel']} to {m['to_address']}: {m['state']}", m["subject"] + _because(m),
            _iso(m["sent_at"] or m["created_at"]),
        )
        for m in await rows.messages(tx, ident)
    ]  # fmt: skip
    a = await rows.ask(tx, ident)
    who = f" by {a['decided_by']}" if a["decided_by"] else ""
    chain.append(
        Link(
            "ask",
            f"Ask {a['state']}{who}",
            f"{a['offer_label']}. {a['subject']}",
            _iso(a["decided_at"] or a["created_at"]),
        )
    )
    d = await rows.decision(tx, a["decision_id"])
    legal = ", ".join(_action_name(x) for x in d["legal_actions"])
    chain.append(
        Link(
            "decision", f"{d['action']} chosen with probability {d['propensity']:.4f}",
            f"{d['reason']} Legal actions: {legal}. Policy version {d['policy_version']}, seed {d['seed']}, arm {d['arm']}, "
            f"score {d['score']:.0f} ({d['score_low']:.0f} to {d['score_high']:.0f}).",
            _iso(d["at"]),
        )
    )  # fmt: skip
    return chain + await _moment_chain(tx, a["moment_id"])


def _action_name(action: Any) -> str:
    return str(action.get("action", action)) if isinstance(action, dict) else str(action)


def _because(m: Any) -> str:
    cause = m["blocked_reason"] or m["failure"]
    return f" ({cause})" if cause else ""


async def _moment_chain(tx: Tx, ident: UUID) -> list[Link]:
    m = await rows.moment(tx, ident)
    if m is None:
        return [Link("moment", "The moment has lost its ground", "Later events contradicted it.", None)]
    evidence = tuple(
        Evidence(
            **{k: e[k] for k in ("source", "record", "quote", "inferrer", "confidence", "event_id", "at") if k in e}
        )
        for e in m["evidence"]
    )
    chain = [
        Link(
            "moment", f"{m['kind'].replace('_', ' ').capitalize()}: {m['title']}",
            f"{m['persona'] or m['company'] or 'unknown'}, strength {m['strength']:.2f}, until {_when(m['window_ends_at'])}",
            _iso(m["occurred_at"]), evidence,
        )
    ]  # fmt: skip
    wanted = [UUID(e.event_id) for e in evidence if e.event_id] or [m["event_id"]]
    versions = {str(ident): f", read by mapping {n}" for ident, n in (await funnel.read_by(tx, wanted)).items()}
    chain += [
        Link("raw event", f"{e.source}: {e.record}{versions.get(e.event_id, '')}", e.quote, e.at or None, (e,))
        for e in await _events(tx, wanted, "log")
    ]
    return chain


async def _events(tx: Tx, idents: Sequence[UUID], inferrer: str) -> tuple[Evidence, ...]:
    """The raw rows of the log as evidence: their bytes, as they came."""
    return tuple(
        Evidence(
            source=r["source"], record=f"{r['kind']} {r['message_id']}", quote=_body(r["body"]), inferrer=inferrer,
            confidence=1.0, event_id=str(r["event_id"]), at=_iso(r["event_time"]) or "",
        )
        for r in await rows.events(tx, list(dict.fromkeys(idents)))
    )  # fmt: skip


def _body(body: bytes, most: int = 600) -> str:
    text = body.decode("utf-8", "replace")
    return text if len(text) <= most else f"{text[:most]} ... ({len(body)} bytes)"


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _when(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
