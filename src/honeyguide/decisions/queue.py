"""The list of people to ask now, as the console and the API show it: best first, in pages, each with its reasons."""

import base64
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from honeyguide import programs
from honeyguide.core.errors import BadInput, NotFound
from honeyguide.db import Row, Tx, audit
from honeyguide.decisions import tables
from honeyguide.decisions.features import action_features
from honeyguide.decisions.policy import TRAINED, Policy
from honeyguide.decisions.situation import Action
from honeyguide.decisions.tables import DecisionRow
from honeyguide.decisions.why import Why, contributions, learned
from honeyguide.programs import Group, Offer


class Filters(Struct, frozen=True):
    """Which asks: state, group slug, moment kind, words in the person's or company's name."""

    state: str = "suggested"
    group: str = ""
    moment: str = ""
    q: str = ""


class PersonBrief(Struct, frozen=True):
    """Whom the ask is to; names as the graph knows them now, seniority as it was decided with."""

    id: str
    name: str
    title: str
    seniority: str | None
    email: str


class CompanyBrief(Struct, frozen=True):
    """Where the person works, or whose moment it is."""

    id: str
    name: str
    segment: str | None


class MomentBrief(Struct, frozen=True):
    """The moment as it was when it was decided about."""

    id: str
    kind: str
    title: str
    strength: float
    occurred_at: str
    window_ends_at: str


class OfferBrief(Struct, frozen=True):
    """The offer of the ask and the group it belongs to."""

    id: int
    label: str
    incentive: str
    amount_minor: int
    rate_bp: int
    currency: str
    group: str
    group_name: str


class QueueRow(Struct, frozen=True):
    """A row of the list. `score` is 100 x P(share) and `interval` its central 90 %: of 100 such people asked, how many
    are expected to pass their link on. `tone` and `length` of the message are empty where the log does not name them.
    """

    id: str
    decision_id: str
    persona: PersonBrief
    company: CompanyBrief | None
    moment: MomentBrief
    offer: OfferBrief
    channel: str
    score: float
    interval: tuple[float, float]
    why: list[Why]
    reason: str
    state: str
    tone: str = ""
    length: str = ""


class Page(Struct, frozen=True):
    """Rows, the cursor of the next page (None on the last one), and how many there are in all."""

    rows: list[QueueRow]
    next: str | None
    total: int


class AskDetail(Struct, frozen=True):
    """A row with everything a person needs to decide: the draft, the other offers, what else was possible."""

    row: QueueRow
    subject: str
    body: str
    offers: list[dict[str, Any]]
    legal_actions: list[dict[str, Any]]
    blocked: list[dict[str, str]]
    propensity: float
    policy_version: int
    seed: str
    history: list[dict[str, Any]]
    note: str | None


_FROM = (
    "from ask a join decision d on d.workspace_id = a.workspace_id and d.id = a.decision_id "
    "left join record r on r.workspace_id = a.workspace_id and r.id = a.record_id "
    "left join node n on n.workspace_id = a.workspace_id and n.id = r.entity_id "
    "left join record cr on cr.workspace_id = a.workspace_id and cr.id = a.company_record_id "
    "left join node cn on cn.workspace_id = a.workspace_id and cn.id = cr.entity_id "
    "where a.workspace_id = $1 and ($2 = '' or a.state = $2) and ($3 = '' or d.context->>'group' = $3) "
    "and ($4 = '' or d.context->'moment'->>'kind' = $4) and ($5 = '' or strpos(lower(n.name), $5) > 0 "
    "or strpos(lower(cn.name), $5) > 0) "
)
_COLUMNS = (
    "a.id, a.decision_id, a.offer_id, a.channel, a.state, a.score, a.score_low, a.score_high, a.subject, a.body, a.note, "
    "r.entity_id as person_id, n.name as person_name, n.props as person, cr.entity_id as company_id, "
    "cn.name as company_name, cn.props as company"
)


async def queue(tx: Tx, filters: Filters | None = None, limit: int = 50, after: str | None = None) -> Page:
    """Asks, the best score first. `after` is the `next` of the page before. Raises BadInput on a cursor not ours."""
    wanted = filters or Filters()
    arguments = _arguments(tx, wanted)
    score, ident = _decode(after) if after else (None, None)
    found = await tx.rows(
        f"select {_COLUMNS} {_FROM} and ($6::real is null or (-a.score, a.id) > (-$6::real, $7::uuid)) "
        "order by a.score desc, a.id limit $8",
        *arguments, score, ident, max(1, min(limit, 500)) + 1,
    )  # fmt: skip
    total: int = await tx.value(f"select count(*) {_FROM}", *arguments)
    shown = found[: max(1, min(limit, 500))]
    rows = await rendered(tx, shown)
    more = len(found) > len(shown)
    return Page(rows, _encode(shown[-1]["score"], shown[-1]["id"]) if more else None, total)


async def facets(tx: Tx, filters: Filters | None = None) -> dict[str, list[dict[str, Any]]]:
    """How many asks each group and each kind of moment has: {"groups": [...], "moments": [...]}."""
    wanted = filters or Filters()
    plain = _arguments(tx, Filters(state=wanted.state, q=wanted.q))
    by_group = await tx.rows(f"select d.context->>'group' as slug, count(*) as n {_FROM} group by 1", *plain)
    by_kind = await tx.rows(f"select d.context->'moment'->>'kind' as kind, count(*) as n {_FROM} group by 1", *plain)
    counts = {r["slug"]: r["n"] for r in by_group}
    program = await programs.live_program(tx)
    known = await programs.groups(tx, program.id) if program else []
    return {
        "groups": [{"slug": g.slug, "name": g.name, "count": counts.get(g.slug, 0)} for g in known],
        "moments": sorted(({"kind": r["kind"], "count": r["n"]} for r in by_kind), key=lambda m: str(m["kind"])),
    }


async def get_ask(tx: Tx, ask_id: UUID) -> AskDetail:
    """One ask with all that is known about its decision. Raises NotFound."""
    found = await tx.rows(f"select {_COLUMNS} {_FROM} and a.id = $6", *_arguments(tx, Filters(state="")), ask_id)
    if not found:
        raise NotFound("There is no such ask.")
    row = (await rendered(tx, found))[0]
    decision = (await tables.decisions(tx, [found[0]["decision_id"]]))[found[0]["decision_id"]]
    group = await _group_of_offer(tx, found[0]["offer_id"])
    return AskDetail(
        row=row,
        subject=found[0]["subject"],
        body=found[0]["body"],
        offers=[{"id": o.id, "label": o.label, "incentive": o.incentive} for o in await programs.offers(tx, group)],
        legal_actions=[
            {"action": a["action"], "label": action_label(a), "probability": decision.distribution[a["action"]]}
            for a in decision.legal_actions
        ],
        blocked=decision.blocked,
        propensity=decision.propensity,
        policy_version=decision.policy_version,
        seed=str(decision.seed),
        history=[
            {"at": e["at"].isoformat(), "action": e["action"], "actor": e["actor"], "detail": e["detail"]}
            for e in await audit.about(tx, f"ask:{ask_id}")
        ],
        note=found[0]["note"],
    )


def action_label(logged: Mapping[str, Any]) -> str:
    """A logged action for people: `Gift card €100 by e-mail`, `Wait`."""
    if logged["action"] == "wait":
        return "Wait"
    return f"{logged['label']} {'by e-mail' if logged['channel'] == 'email' else 'in the product'}"


async def rendered(tx: Tx, found: Sequence[Row]) -> list[QueueRow]:
    """Rows of the query above as the API shows them."""
    decisions = await tables.decisions(tx, [r["decision_id"] for r in found])
    policies = await tables.policies(tx, {d.policy_version for d in decisions.values()})
    offers = {o.id: o for o in await programs.offers(tx, retired=True)}
    program = await programs.live_program(tx)
    groups = {g.id: g for g in (await programs.groups(tx, program.id, retired=True) if program else [])}
    return [
        _row(r, decisions[r["decision_id"]], policies[decisions[r["decision_id"]].policy_version], offers, groups)
        for r in found
    ]


def _row(
    r: Row, decision: DecisionRow, policy: Policy, offers: Mapping[int, Offer], groups: Mapping[int, Group]
) -> QueueRow:
    context, offer = decision.context, offers[r["offer_id"]]
    then = context.get("persona") or {}
    person: Mapping[str, Any] = r["person"] or {}
    firm: Mapping[str, Any] = r["company"] or {}
    moment = context["moment"]
    group = groups.get(offer.group_id)
    tone, length = _wording(decision.action)
    return QueueRow(
        id=str(r["id"]),
        decision_id=str(r["decision_id"]),
        persona=PersonBrief(
            str(r["person_id"] or then.get("id", "")), r["person_name"] or then.get("name", ""),
            str(person.get("title") or then.get("title") or ""), then.get("seniority"),
            str(person.get("email") or then.get("email") or ""),
        ),
        company=CompanyBrief(str(r["company_id"]), r["company_name"] or "", firm.get("segment") or None)
        if r["company_id"]
        else None,
        moment=MomentBrief(
            moment["id"], moment["kind"], moment["title"], round(moment["strength"], 3), moment["occurred_at"],
            moment["window_ends_at"],
        ),
        offer=OfferBrief(
            offer.id, offer.label, offer.incentive, offer.amount_minor, offer.rate_bp, offer.currency,
            group.slug if group else context["group"], group.name if group else context["group"],
        ),
        channel=r["channel"],
        score=round(r["score"], 1),
        interval=(round(r["score_low"], 1), round(r["score_high"], 1)),
        why=why_of(decision, policy),
        reason=decision.reason,
        state=r["state"],
        tone=tone,
        length=length,
    )  # fmt: skip


def _wording(action: str) -> tuple[str, str]:
    """Tone and length of a logged action, `offer/tone/length/channel`."""
    parts = action.split("/")
    return (parts[1], parts[2]) if len(parts) == 4 else ("", "")


def why_of(decision: DecisionRow, policy: Policy) -> list[Why]:
    """What moved the score of a logged decision, computed again from its context and policy."""
    if terms := decision.expected.get("terms"):
        trained = f"policy version {policy.id}" if policy.adopted_by == TRAINED else ""
        return learned(decision.context, terms, trained, policy.params)
    if "erased" in decision.context:
        return []
    return contributions(
        decision.context, action_features(decision.context["features"], best_of(decision)), policy.params
    )


def best_of(decision: DecisionRow) -> Action:
    """The ask a logged decision scored: the chosen one, or the best there would have been."""
    return msgspec.convert({k: v for k, v in decision.expected["best"].items() if k != "action"}, Action)


async def _group_of_offer(tx: Tx, offer_id: int) -> int:
    return (await programs.offer(tx, offer_id)).group_id


def _arguments(tx: Tx, filters: Filters) -> list[Any]:
    return [tx.workspace_id, filters.state, filters.group, filters.moment, filters.q.strip().lower()]


def _encode(score: float, ident: UUID) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode([score, str(ident)])).decode().rstrip("=")


def _decode(cursor: str) -> tuple[float, UUID]:
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        return msgspec.json.decode(raw, type=tuple[float, UUID])
    except (ValueError, msgspec.MsgspecError) as e:
        raise BadInput("The cursor `after` is not one of ours.", advice="Take it from `next`, unchanged.") from e
