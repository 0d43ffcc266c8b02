"""The five tools. Each takes its checked arguments and answers from one workspace; nothing is written by any of them."""

import base64
import binascii
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from msgspec import Struct
from pydantic import BaseModel

from honeyguide import decisions, graph
from honeyguide.core import clock
from honeyguide.core.errors import BadInput, NotFound
from honeyguide.core.terms import Evidence
from honeyguide.db import Database, Tx
from honeyguide.decisions.person import Person as Known
from honeyguide.decisions.person import Reason
from honeyguide.decisions.telling import shown
from honeyguide.graph.ask_names import Ref, look_up
from honeyguide.mcp import shapes

_ANY = ("persona", "company", "product", "feature", "deal", "ticket")
_MOST_EDGES = 500  # of one kind and direction
_ASKED_BACK = 8


class Tool(Struct, frozen=True):
    """A tool: what it is for, the forms of what goes in and comes out, and what runs it."""

    title: str
    about: str
    takes: type[BaseModel]
    gives: type[BaseModel]
    run: Callable[[Database, int, Any], Awaitable[BaseModel]]


async def who_to_ask(db: Database, workspace_id: int, asked: shapes.WhoToAskIn) -> shapes.WhoToAsk:
    """Whom to ask now."""
    start, now = _offset(asked.cursor), clock.now()
    async with db.tx(workspace_id) as tx:
        only = None
        if asked.company is not None:
            only = await decisions.staff_of(tx, (await _one(tx, asked.company, ("company",))).id, now)
        found = await decisions.who(
            tx, now, min(start + asked.limit + 1, shapes.MOST_ASKED), segment=asked.segment or "", stage=asked.stage or "",
            moment=asked.moment, personas=only,
        )  # fmt: skip
    page = found[start : start + asked.limit]
    more = len(found) > start + asked.limit
    return shapes.WhoToAsk(
        as_of=now.isoformat(), advocates=[_advocate(row) for row in page],
        next_cursor=_cursor(start + asked.limit) if more else None,
    )  # fmt: skip


async def why(db: Database, workspace_id: int, asked: shapes.PersonIn) -> shapes.Why:
    """What speaks for and against asking somebody."""
    async with db.tx(workspace_id) as tx:
        found = await decisions.why_for(tx, (await _one(tx, asked.person, ("persona",))).id)
    ready = found.readiness
    return shapes.Why(
        person=_person(found.person), stage=found.stage,
        readiness=shapes.Score(score=ready.score, low=ready.low, high=ready.high) if ready is not None else None,
        speaks_for=[_reason(r) for r in found.reasons_for], speaks_against=[_reason(r) for r in found.reasons_against],
    )  # fmt: skip


async def best_offer(db: Database, workspace_id: int, asked: shapes.PersonIn) -> shapes.BestOffer:
    """What to offer somebody."""
    async with db.tx(workspace_id) as tx:
        found = await decisions.offer_for(tx, (await _one(tx, asked.person, ("persona",))).id)
    return shapes.BestOffer.model_validate(
        {
            "person": _person(found.person), "basis": found.basis, "moment": found.moment, "in_the_way": list(found.blocked),
            "best": shapes.Offer(offer=found.offer, channel=found.channel, because=found.because),
            "options": [
                shapes.Option(offer=o.offer, channel=o.channel, tone=o.tone, value=o.value, probability=o.probability)
                for o in found.options
            ],
        }
    )  # fmt: skip


async def best_moment(db: Database, workspace_id: int, asked: shapes.PersonIn) -> shapes.BestMoment:
    """When to ask somebody."""
    async with db.tx(workspace_id) as tx:
        found = await decisions.moment_for(tx, (await _one(tx, asked.person, ("persona",))).id)
    return shapes.BestMoment(
        person=_person(found.person), moment=found.moment, past=found.past,
        when=shapes.Moment(at=found.at, until=found.until, because=found.because),
    )  # fmt: skip


async def neighbourhood(db: Database, workspace_id: int, asked: shapes.AroundIn) -> shapes.Neighbourhood:
    """What surrounds something."""
    start = _offset(asked.cursor)
    async with db.tx(workspace_id, "traverse") as tx:
        centre = await _one(tx, asked.entity, _ANY)
        found = await graph.neighbourhood(tx, centre.id, limit=_MOST_EDGES)
    ordered = sorted(found.edges, key=lambda e: (-e.confidence, e.kind, e.src, e.dst))
    page = ordered[start : start + asked.limit]
    return shapes.Neighbourhood(
        id=str(found.centre), kind=centre.kind, name=centre.name, edges=[_edge(e, found) for e in page],
        next_cursor=_cursor(start + asked.limit) if len(ordered) > start + asked.limit else None,
        truncated=found.truncated,
    )  # fmt: skip


TOOLS: Mapping[str, Tool] = {
    "who_to_ask": Tool(
        "Who to ask now",
        "The customers' people to ask for a referral now, the best first: why them, what to offer, until when. Empty when no "
        "moment of delight is open.",
        shapes.WhoToAskIn, shapes.WhoToAsk, who_to_ask,
    ),
    "why": Tool(
        "Why this person",
        "What speaks for and against asking one person for a referral: readiness with its parts, stage, open moments, obstacles.",
        shapes.PersonIn, shapes.Why, why,
    ),
    "best_offer": Tool(
        "What to offer",
        "Which offer, over which channel and in which tone, is worth most for one person, the other ways, and what stands in the way.",
        shapes.PersonIn, shapes.BestOffer, best_offer,
    ),
    "best_moment": Tool(
        "When to ask",
        "When to ask one person: now, not before a date, or at their next moment, and why.",
        shapes.PersonIn, shapes.BestMoment, best_moment,
    ),
    "neighbourhood": Tool(
        "What surrounds it",
        "The edges of the graph around a person, a company, a product, a deal or a ticket: who, what, how sure, since when.",
        shapes.AroundIn, shapes.Neighbourhood, neighbourhood,
    ),
}  # fmt: skip


async def _one(tx: Tx, said: str, kinds: Sequence[str]) -> Ref:
    """The one node a name means. Raises NotFound, or BadInput that lists what it could mean."""
    found = await look_up(tx, f"#{said}" if said.isascii() and said.isdigit() else said, kinds)
    if len(found.refs) == 1:
        return found.refs[0]
    what = " or ".join(kinds) if len(kinds) < len(_ANY) else "node"
    if not found.refs:
        raise NotFound(f"No {what} of this name is known here.", advice="Give a whole name, an e-mail address, or #ID.")
    listed = "; ".join(f"#{r.id} {r.name}{f', {r.detail}' if r.detail else ''}" for r in found.refs[:_ASKED_BACK])
    raise BadInput("Several have this name.", f"They are: {listed}.", advice="Give the #ID of one.")


def _advocate(row: Mapping[str, Any]) -> shapes.Advocate:
    person, ready = row["persona"], row["readiness"]
    company = row["company"]["name"] if row["company"] else ""
    return shapes.Advocate(
        person=shapes.Person(id=person["id"], name=person["name"] or "", title=person["title"] or "", company=company)
        if person else None,
        company=company, why=[_said(s["sentence"], s["evidence"]) for s in row["why"]], what=shapes.Offer(**row["what"]),
        when=shapes.Moment(**row["when"]), readiness=shapes.Score(**ready) if ready else None, stage=row["stage"],
        missing=row["missing"] or "",
    )  # fmt: skip


def _reason(reason: Reason) -> shapes.Said:
    found: Evidence | None = reason.evidence[0] if reason.evidence else None
    return _said(reason.sentence, shown(found) if found is not None else None)


def _said(sentence: str, evidence: Mapping[str, Any] | None) -> shapes.Said:
    if evidence is None:
        return shapes.Said(sentence=sentence, proof=None)
    quote = shapes.Quote(text=evidence["quote"]) if evidence["quote"] else None
    proof = shapes.Proof(
        source=evidence["source"], record=evidence["record"], inferrer=evidence["inferrer"], confidence=evidence["confidence"],
        quote=quote,
    )  # fmt: skip
    return shapes.Said(sentence=sentence, proof=proof)


def _person(person: Known) -> shapes.Person:
    return shapes.Person(id=str(person.id), name=person.name, title=person.title, company=person.company_name)


def _edge(edge: graph.Edge, found: graph.Neighbourhood) -> shapes.Edge:
    out = edge.src == found.centre
    other = edge.dst if out else edge.src
    node = found.nodes.get(other)
    return shapes.Edge(
        relation=edge.kind, direction="to" if out else "from", id=str(other), kind=node.kind if node else "other",
        name=(node.name or node.key) if node else "", confidence=round(edge.confidence, 4),
        since=edge.valid_from.date().isoformat(), inferrer=edge.inferrer,
    )  # fmt: skip


def _cursor(start: int) -> str:
    return base64.urlsafe_b64encode(f"from:{start}".encode()).decode().rstrip("=")


def _offset(cursor: str) -> int:
    """Where a page begins. Raises BadInput on a cursor that is not ours."""
    if not cursor:
        return 0
    try:
        said = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        word, _, number = said.partition(":")
        start = int(number)
    except (ValueError, binascii.Error) as e:
        raise _no_cursor() from e
    if word != "from" or not 0 <= start <= 100_000:
        raise _no_cursor()
    return start


def _no_cursor() -> BadInput:
    return BadInput("This cursor is not one of ours.", advice="Take it from `next_cursor`, unchanged.")
