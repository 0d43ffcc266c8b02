"""What a canonical event states by itself: nodes with their properties, and edges nobody has to infer. Pure.

One rule per event kind, in a table, so that the vocabulary can be read in one place. Each statement carries the
event as its evidence; the inferrer of all of them is the record itself.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from msgspec import Struct

from honeyguide import identity
from honeyguide.core.ids import entity_id
from honeyguide.core.terms import CanonicalEvent, RecordRef
from honeyguide.funnel.sources import INTERNAL
from honeyguide.graph.beliefs import PERSON, WITHDRAWN, Assertion, assertion_id, month_key
from honeyguide.graph.kinds import EDGE, EDGE_NAME, NODE
from honeyguide.graph.vocabulary import FIRST_OWN

INFERRER, VERSION = "record", "1"
_SMALLINT = 2**15
_SURE = 0.98  # a system's own record; two systems that agree reach the cap


class NodeFact(Struct, frozen=True):
    """Properties of one node as one event states them."""

    id: int
    kind: int
    key: str
    at: datetime
    event_id: UUID
    props: dict[str, Any]

    @property
    def stamp(self) -> tuple[str, str]:
        """What orders statements: time, then event id."""
        return _stamp(self.at, self.event_id)


@lru_cache(maxsize=4_096)
def _stamp(at: datetime, event_id: UUID) -> tuple[str, str]:
    return identity.stamp(at), str(event_id)


class Facts(Struct):
    """Everything an event states."""

    nodes: list[NodeFact]
    assertions: list[Assertion]


class _Reading:
    """Collects the facts of one event."""

    def __init__(self, event: CanonicalEvent) -> None:
        self.event = event
        self.facts = Facts([], [])
        self._stated: set[UUID] = set()

    def text(self, prop: str) -> str:
        """A property as text; "" when it was not given."""
        value = self.event.props.get(prop)
        return "" if value is None else str(value)

    def node(self, kind: str, key: str, **props: Any) -> int:
        """State a node; properties that were not given are left alone."""
        node_id = node_of(kind, key)
        given = {k: v for k, v in props.items() if v is not None and v != ""}
        self.facts.nodes.append(NodeFact(node_id, NODE[kind], key, self.event.at, self.event.event_id, given))
        return node_id

    def scoped(self, kind: str, prop: str, **props: Any) -> int | None:
        """A node of the event's source (ticket, deal, subscription, invoice), or None when its id is missing."""
        value = self.text(prop)
        return self.node(kind, f"{self.event.source}:{value}", **props) if value else None

    def product(self) -> int | None:
        """The product the event names, or None."""
        slug = self.text("product")
        return self.node("product", slug, name=slug) if slug else None

    def state(self, kind: str, src: int | None, dst: int | None, *, stream: str = "", ends: bool = False) -> None:
        """State an edge (or, with `ends`, that it ended); nothing when one side is unknown."""
        if src is None or dst is None or src == dst:
            return
        event, code = self.event, EDGE[kind]
        key = event.at.isoformat() if ends else month_key(code, event.at)
        made = assertion_id(code, src, dst, INFERRER, event.source, stream, key, ends=ends)
        if made in self._stated:
            return
        self._stated.add(made)
        self.facts.assertions.append(
            Assertion(
                kind=code, src=src, dst=dst, confidence=_SURE, valid_from=event.at, inferrer=INFERRER,
                inferrer_version=VERSION, subject=src, source=event.source, ends=ends, last_seen_at=event.at,
                stream=stream, event_id=event.event_id, source_ref=event.ref, id=made,
            )
        )  # fmt: skip

    def review(
        self, code: int, src: int, dst: int, verdict: str, elsewhere: int | None, *, supports: bool
    ) -> None:  # fmt: skip
        """State what a person said. Every verdict is kept; `beliefs.standing` says which counts."""
        event, withdrawn = self.event, verdict == WITHDRAWN
        detail = {"verdict": verdict, "actor": self.text("actor")}
        detail |= {"of": self.text("of")} if withdrawn else {}
        detail |= {"elsewhere": str(elsewhere)} if elsewhere is not None else {}
        self.facts.assertions.append(
            Assertion(
                kind=code, src=src, dst=dst, confidence=0.5 if withdrawn else _SURE, valid_from=event.at, inferrer=PERSON,
                inferrer_version=VERSION, subject=src, source=event.source, supports=supports, last_seen_at=event.at,
                event_id=event.event_id, source_ref=event.ref, quote=self.text("note"), detail=detail,
                key=str(event.event_id),
            )
        )  # fmt: skip

    @property
    def person(self) -> int | None:
        """The record id of the event's person."""
        return _id(self.event.person)

    @property
    def company(self) -> int | None:
        """The record id of the event's company."""
        return _id(self.event.company)

    @property
    def both(self) -> tuple[int, ...]:
        """Person and company, as far as the event has them."""
        return tuple(i for i in (self.person, self.company) if i is not None)

    @property
    def account(self) -> int | None:
        """The company, else the person: who holds a contract."""
        return self.company if self.company is not None else self.person


def _id(ref: RecordRef | None) -> int | None:
    return None if ref is None else identity.record_id(ref)


@lru_cache(maxsize=65_536)
def node_of(kind: str, key: str) -> int:
    """The id of a node that is no persona and no company."""
    return entity_id(kind, key)


def facts_of(event: CanonicalEvent) -> Facts:
    """The nodes and edges one event states. Unknown kinds state only that the person works at the company."""
    reading = _Reading(event)
    if event.kind != "persona.departed":
        reading.state("works_at", reading.person, reading.company)
    _part_of_group(reading)
    for reads in _RULES.get(event.kind, ()):
        reads(reading)
    return reading.facts


def _part_of_group(r: _Reading) -> None:
    """A company is a member of the one its source calls its parent."""
    company = r.event.company
    if company is not None and "parent" in company.traits:
        r.state("member_of", r.company, _id(identity.parent_ref(company)))


def _departed(r: _Reading) -> None:
    """The company left is the one named, else the event's own; when another one is named, the own one is the new one."""
    named = r.text("left_company_ref")
    left = identity.record_id(RecordRef("company", r.event.source, named)) if named else r.company
    r.state("works_at", r.person, left, ends=True)
    if left != r.company:
        r.state("works_at", r.person, r.company)


def _owned(r: _Reading) -> None:
    owner = r.text("owner") or str((r.event.company.traits.get("owner") if r.event.company else None) or "")
    if owner and r.company is not None:
        role = r.node("role", f"owner:{r.event.source}:{owner.casefold()}", name=owner)
        r.state("owns_account", role, r.company)


def _used(r: _Reading) -> None:
    product, feature = r.product(), r.text("feature")
    for who in r.both:
        r.state("uses", who, product)
    r.state("adopted", r.company, product)
    if feature and product is not None:
        used = r.node("feature", f"{r.text('product')}/{feature}", name=feature, product=r.text("product"))
        r.state("uses", r.account if r.person is None else r.person, used)


def _evaluated(r: _Reading) -> None:
    for who in r.both:
        r.state("evaluated", who, r.product())


def _deal(r: _Reading) -> None:
    props = r.event.props
    status = {"deal.won": "won", "deal.lost": "lost"}.get(r.event.kind)
    deal = r.scoped(
        "deal", "deal", name=props.get("name"), stage=props.get("stage") or status, status=status or "open",
        amount_minor=props.get("amount_minor"), currency=props.get("currency"), owner=props.get("owner"),
        reason=props.get("reason"), closed_at=r.event.at.isoformat() if status else None,
        product=props.get("product"), company=_text_id(r.company), persona=_text_id(r.person),
    )  # fmt: skip
    product = r.product()
    target = deal if product is None else product
    for who in r.both:
        r.state("bought" if r.event.kind == "deal.won" else "evaluated", who, target)


def _subscription(r: _Reading) -> None:
    props, step = r.event.props, r.event.kind.rsplit(".", 1)[-1]
    subscription = r.scoped(
        "subscription", "subscription", name=props.get("plan"), product=props.get("product"), plan=props.get("plan"),
        amount_minor=props.get("amount_minor"), currency=props.get("currency"), seats=props.get("seats"),
        status={"cancelled": "cancelled", "paused": "paused"}.get(step, "active"), reason=props.get("reason"),
        started_at=r.event.at.isoformat() if step == "started" else None,
        cancelled_at=r.event.at.isoformat() if step == "cancelled" else None,
        company=_text_id(r.company), persona=_text_id(r.person),
    )  # fmt: skip
    if step == "paused":  # a break changes what the subscription is, not who holds it
        return
    product = r.product()
    stream = f"{r.event.source}:{r.text('subscription')}"
    if step == "cancelled":
        for target in (product, subscription):
            r.state("subscribed_to", r.account, target, stream=stream, ends=True)
        return
    # Always to the subscription too: a cancellation that names no product must find what it ends.
    for target in (product, subscription):
        r.state("subscribed_to", r.account, target, stream=stream)
    if step == "renewed":
        r.state("renewed", r.account, subscription if product is None else product)


def _invoice(r: _Reading) -> None:
    props = r.event.props
    r.scoped(
        "invoice", "invoice", amount_minor=props.get("amount_minor"), currency=props.get("currency"),
        status="paid" if r.event.kind == "invoice.paid" else "payment failed",
        company=_text_id(r.company), persona=_text_id(r.person),
    )  # fmt: skip


def _purchased(r: _Reading) -> None:
    props = r.event.props
    order = r.scoped(
        "invoice", "order", amount_minor=props.get("amount_minor"), currency=props.get("currency"), status="paid",
        company=_text_id(r.company), persona=_text_id(r.person),
    )  # fmt: skip
    product = r.product()
    for who in r.both:
        r.state("bought", who, order if product is None else product)


_ORDER_STATUS = {"order.created": "open", "order.cancelled": "cancelled", "charge.failed": "payment failed"}


def _order(r: _Reading) -> None:
    """A step of an order before or after it is paid; only its own amount counts, not that of a part."""
    whole = r.event.kind in ("order.created", "order.cancelled")
    r.scoped(
        "invoice", "order", amount_minor=r.event.props.get("amount_minor") if whole else None,
        currency=r.event.props.get("currency"), status=_ORDER_STATUS.get(r.event.kind),
        fulfilled_at=r.event.at.isoformat() if r.event.kind == "order.fulfilled" else None,
        company=_text_id(r.company), persona=_text_id(r.person),
    )  # fmt: skip


def _paid_back(r: _Reading) -> None:
    """A refund or dispute changes the status of the invoice or order it is about, never the amount of that."""
    props, step = r.event.props, r.event.kind.rsplit(".", 1)[-1]
    if r.event.kind == "refund.issued":
        status = "partly refunded" if props.get("partial") is True else "refunded"
    else:
        status = "disputed" if step == "opened" else f"dispute {props.get('status') or 'closed'}"
    for prop in ("invoice", "order"):
        r.scoped("invoice", prop, status=status, reason=props.get("reason"))


def _ticket(r: _Reading) -> None:
    props, step, at = r.event.props, r.event.kind.rsplit(".", 1)[-1], r.event.at.isoformat()
    ticket = r.scoped(
        "ticket", "ticket", subject=props.get("subject"), priority=props.get("priority"),
        status={"opened": "open", "reopened": "open", "escalated": "open", "solved": "solved"}.get(step),
        score=props.get("score") if step == "rated" else None,
        comment=props.get("comment") if step == "rated" else None,
        escalated={"opened": False, "reopened": False, "escalated": True, "solved": False}.get(step),
        opened_at=at if step == "opened" else None, escalated_at=at if step == "escalated" else None,
        solved_at=at if step == "solved" else None, rated_at=at if step == "rated" else None,
        requester=None if step == "commented" else _text_id(r.person), company=_text_id(r.company),
    )  # fmt: skip
    if step != "commented":  # whoever comments need not be the one who asked
        r.state("opened", r.person, ticket)
    r.state("opened", r.company, ticket)


def _signed_up(r: _Reading) -> None:
    advocate = next((identity.record_id(o) for o in r.event.others if o.kind == "persona"), None)
    given = r.event.props.get("advocate_record_id")
    if advocate is None and given is not None and str(given).isdigit():
        advocate = int(given)
    r.state("referred", advocate, r.person)


def _reviewed(r: _Reading) -> None:
    """What a person said about an edge: only our own source may say so. A correction speaks about two edges."""
    props = r.event.props
    code, src, dst = (_number(props.get(name)) for name in ("code", "src", "dst"))
    if r.event.source != INTERNAL or code is None or src is None or dst is None:
        return
    if code not in EDGE_NAME and not FIRST_OWN <= code < _SMALLINT:
        return
    elsewhere = _number(props.get("corrected_dst"))
    verdict = r.event.kind.removeprefix("edge.")
    r.review(code, src, dst, verdict, elsewhere, supports=verdict == "confirmed")
    if elsewhere is not None:
        r.review(code, src, elsewhere, verdict, None, supports=verdict == "corrected")


def _number(given: Any) -> int | None:
    text = str(given or "")
    return int(text) if text.isdecimal() and text.isascii() and len(text) < 20 and int(text) < 2**63 else None


def _text_id(record_id: int | None) -> str | None:
    """Ids in properties are text: 63 bits do not survive every JSON reader."""
    return None if record_id is None else str(record_id)


_REVIEWS = ("edge.confirmed", "edge.refuted", "edge.corrected", "edge.withdrawn")
_RULES: dict[str, tuple[Callable[[_Reading], None], ...]] = {
    "persona.departed": (_departed,),
    "company.identified": (_owned,),
    "signup.completed": (_signed_up,),
    "feature.used": (_used,),
    "usage.milestone": (_used,),
    "trial.started": (_evaluated,),
    "trial.ended": (_evaluated,),
    "trial.converted": (_evaluated,),
    "deal.created": (_deal, _owned),
    "deal.stage_changed": (_deal, _owned),
    "deal.won": (_deal, _owned),
    "deal.lost": (_deal, _owned),
    "subscription.started": (_subscription,),
    "subscription.renewed": (_subscription,),
    "subscription.expanded": (_subscription,),
    "subscription.contracted": (_subscription,),
    "subscription.paused": (_subscription,),
    "subscription.resumed": (_subscription,),
    "subscription.cancelled": (_subscription,),
    "invoice.paid": (_invoice,),
    "invoice.payment_failed": (_invoice,),
    "purchase.completed": (_purchased,),
    "order.created": (_order,),
    "order.cancelled": (_order,),
    "order.fulfilled": (_order,),
    "charge.failed": (_order,),
    "refund.issued": (_paid_back,),
    "dispute.opened": (_paid_back,),
    "dispute.closed": (_paid_back,),
    "ticket.opened": (_ticket,),
    "ticket.commented": (_ticket,),
    "ticket.escalated": (_ticket,),
    "ticket.solved": (_ticket,),
    "ticket.rated": (_ticket,),
    "ticket.reopened": (_ticket,),
    **dict.fromkeys(_REVIEWS, (_reviewed,)),
}


def all_facts(events: Iterable[CanonicalEvent]) -> Facts:
    """The facts of a batch, event by event."""
    found = Facts([], [])
    for event in events:
        one = facts_of(event)
        found.nodes += one.nodes
        found.assertions += one.assertions
    return found
