"""A persona in sentences: who they are, what they use, whom they influence, how they feel, and why we believe so.

Every sentence is one edge above a bound of confidence, with the words or the record it rests on. Nothing is said that
no edge says.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from msgspec import Struct

from honeyguide.core import clock
from honeyguide.core.errors import NotFound
from honeyguide.db import Tx
from honeyguide.graph.beliefs import EdgeKey
from honeyguide.graph.ground import Ground, grounds
from honeyguide.graph.kinds import EDGE
from honeyguide.graph.nodes import Node
from honeyguide.graph.reads import evidence
from honeyguide.graph.traverse import Edge, Neighbourhood, neighbourhood

BOUND = 0.6
_QUOTES, _BELIEFS = 5, 40
Feeling = Literal["happy", "unhappy", "mixed", "unknown"]


class Thing(Struct, frozen=True):
    """Something or somebody at the other end of an edge, and how they stand to it."""

    id: int
    kind: str
    name: str
    how: str
    confidence: float


class Quote(Struct, frozen=True):
    """Their own words, and where they stand."""

    quote: str
    source_ref: str
    record: str
    at: datetime


class Feels(Struct, frozen=True):
    """How they feel about what we sell, by what they praised and complained of."""

    label: Feeling
    confidence: float
    quotes: list[Quote]


class Sentence(Struct, frozen=True):
    """One belief in words, with the surest statement it rests on."""

    sentence: str
    confidence: float
    quote: str
    source_ref: str
    inferrer: str
    edge: EdgeKey
    kind: str


class Portrait(Struct, frozen=True):
    """All of it. `company` None: where they work is not known."""

    persona: Node
    company: Node | None
    role: str
    uses: list[Thing]
    influences: list[Thing]
    feels: Feels
    beliefs: list[Sentence]


# How each kind of edge is told from the persona's side; {other} is the other end. What is not here is not told.
_OUT = {
    "works_at": "works at {other}", "holds_role": "is {other}", "reports_to": "reports to {other}",
    "colleague_of": "works with {other}", "influences": "influences {other}", "champion_of": "champions {other}",
    "blocks": "is against {other}", "uses": "uses {other}", "power_user_of": "is a power user of {other}",
    "bought": "bought {other}", "subscribed_to": "subscribes to {other}", "renewed": "renewed {other}",
    "praised": "praised {other}", "complained_of": "complained of {other}", "evaluated": "evaluated {other}",
    "interested_in": "is interested in {other}", "referred": "referred {other}", "introduced": "introduced {other}",
    "attended": "attended {other}",
}  # fmt: skip
_REST = {
    "adopted": "adopted {other}", "opened": "opened “{other}”", "resolved_for": "was resolved for {other}",
    "member_of": "belongs to {other}", "similar_to": "is like {other}", "owns_account": "owns the account {other}",
}  # fmt: skip
_IN = {
    "influences": "{other} influences {name}", "reports_to": "{other} reports to {name}", "referred": "{other} referred {name}",
    "introduced": "{other} introduced {name}", "resolved_for": "their ticket “{other}” was resolved",
}  # fmt: skip
# A ticket is not what somebody praises or complains of: it is where they did.
_OF_TICKET = {"praised": "praised us over “{other}”", "complained_of": "complained over “{other}”"}
_USES = {
    "uses": "uses",
    "power_user_of": "power user",
    "adopted": "adopted",
    "bought": "bought",
    "subscribed_to": "subscribed",
}
_LEADS = {("influences", "out"): "influences", ("reports_to", "in"): "manages", ("referred", "out"): "referred",
          ("introduced", "out"): "introduced"}  # fmt: skip
# What tells most about somebody comes first among equally sure beliefs.
_ORDER = ("champion_of", "blocks", "praised", "complained_of", "influences", "reports_to", "referred", "introduced",
          "power_user_of", "uses")  # fmt: skip


async def portrait(tx: Tx, persona: int, *, at: datetime | None = None) -> Portrait:
    """The portrait of a persona (on a traversal connection). Raises NotFound for an id that is no persona's."""
    when = at or clock.now()
    around = await neighbourhood(tx, persona, valid_at=when, limit=100)
    centre = around.nodes.get(around.centre)
    if centre is None or centre.kind != "persona":
        raise NotFound("There is no such persona in this workspace.")
    sure = sorted((e for e in around.edges if e.confidence >= BOUND), key=_rank)
    told = [e for e in sure if _words(e, around) is not None][:_BELIEFS]
    said = await grounds(tx, [(EDGE[e.kind], e.src, e.dst) for e in told])
    job = next((e for e in sure if e.kind == "works_at" and e.src == around.centre), None)
    role = next((e for e in sure if e.kind == "holds_role" and e.src == around.centre), None)
    return Portrait(
        persona=centre,
        company=around.nodes.get(job.dst) if job else None,
        role=around.nodes[role.dst].name if role and role.dst in around.nodes else "",
        uses=_uses(around, sure),
        influences=_influences(around, sure),
        feels=await _feels(tx, around, sure),
        beliefs=[_sentence(e, around, said.get((EDGE[e.kind], e.src, e.dst))) for e in told],
    )


def _rank(e: Edge) -> tuple[float, int, str, int, int]:
    order = _ORDER.index(e.kind) if e.kind in _ORDER else len(_ORDER)
    return (-round(e.confidence, 1), order, e.kind, e.src, e.dst)


def _name(around: Neighbourhood, ident: int) -> str:
    node = around.nodes.get(ident)
    return (node.name or node.key) if node else ""


def _words(e: Edge, around: Neighbourhood) -> str | None:
    """The edge as a sentence without its full stop; None for edges that are not told."""
    out = e.src == around.centre
    far = e.dst if out else e.src
    form = (_OUT if out else _IN).get(e.kind)
    if out and far in around.nodes and around.nodes[far].kind == "ticket":
        form = _OF_TICKET.get(e.kind, form)
    other = _name(around, far)
    if form is None or not other:
        return None
    name = _name(around, around.centre)
    if out:
        return f"{name} {form.replace('{other}', other)}"
    return form.replace("{name}", "\x00").replace("{other}", other).replace("\x00", name)


def _sentence(e: Edge, around: Neighbourhood, ground: Ground | None) -> Sentence:
    words = _words(e, around) or ""
    return Sentence(
        words[:1].upper() + words[1:] + ".", e.confidence, ground.quote if ground else "",
        (ground.source_ref or ground.source) if ground else "", ground.inferrer if ground else e.inferrer,
        (EDGE[e.kind], e.src, e.dst), e.kind,
    )  # fmt: skip


def _uses(around: Neighbourhood, sure: Sequence[Edge]) -> list[Thing]:
    """Products and features, each once, with the strongest way they are used."""
    found: dict[int, Thing] = {}
    for e in sorted((e for e in sure if e.kind in _USES), key=lambda e: list(_USES).index(e.kind) != 1):
        node = around.nodes.get(e.dst)
        if e.src == around.centre and node is not None and node.kind in ("product", "feature"):
            found.setdefault(e.dst, Thing(node.id, node.kind, node.name or node.key, _USES[e.kind], e.confidence))
    return sorted(found.values(), key=lambda t: (-t.confidence, t.name))


def _influences(around: Neighbourhood, sure: Sequence[Edge]) -> list[Thing]:
    found = []
    for e in sure:
        out = e.src == around.centre
        how, other = _LEADS.get((e.kind, "out" if out else "in")), e.dst if out else e.src
        node = around.nodes.get(other)
        if how is not None and node is not None and node.kind == "persona":
            found.append(Thing(node.id, node.kind, node.name or node.key, how, e.confidence))
    return found


async def _feels(tx: Tx, around: Neighbourhood, sure: Sequence[Edge]) -> Feels:
    spoken = [e for e in sure if e.kind in ("praised", "complained_of") and e.src == around.centre]
    good = max((e.confidence for e in spoken if e.kind == "praised"), default=0.0)
    bad = max((e.confidence for e in spoken if e.kind == "complained_of"), default=0.0)
    label: Feeling = "unknown"
    if good and bad:
        label = "mixed"
    elif good or bad:
        label = "happy" if good else "unhappy"
    quotes: list[Quote] = []
    for e in spoken:
        quotes += [
            Quote(t.quote, t.record, t.source, t.last_seen_at)
            for t in await evidence(tx, EDGE[e.kind], e.src, e.dst, 20)
            if t.quote and t.supports and t.retracted_at is None
        ]
    quotes.sort(key=lambda q: q.at, reverse=True)
    confidence = min(good, bad) if label == "mixed" else max(good, bad)
    return Feels(label, confidence, list({q.quote: q for q in reversed(quotes)}.values())[::-1][:_QUOTES])


def phrase(kind: str, src: str, dst: str) -> str:
    """An edge of any kind as a sentence, its full stop left out."""
    form = _OUT.get(kind) or _REST.get(kind) or kind.replace("_", " ") + " {other}"
    return f"{src} {form.replace('{other}', dst)}"
