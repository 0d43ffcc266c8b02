"""The gate every proposal passes before it becomes an assertion, whoever proposed it: rule, statistic or model.

Nothing reaches the graph unless its label is in the inferrer's closed set, both ends are known nodes, its confidence
is a probability over the threshold of the kind, and every word it quotes stands in the source at the given place.
"""

from collections.abc import Container
from math import isfinite

from msgspec import Struct

from honeyguide.graph import Assertion
from honeyguide.graph.kinds import EDGE
from honeyguide.inference.port import Author, Proposal, Subject, signature
from honeyguide.inference.titles import ROLES

# The least confidence an assertion of a kind may carry; kinds that are not here cannot be inferred at all.
THRESHOLD: dict[str, float] = {
    "holds_role": 0.6,
    "resolved_for": 0.55,
    "praised": 0.7,
    "complained_of": 0.7,
    "power_user_of": 0.55,
    "champion_of": 0.7,
    "influences": 0.7,
    "evaluated": 0.6,
    "interested_in": 0.6,
    "uses": 0.75,
    "blocks": 0.7,
    "reports_to": 0.7,
    "colleague_of": 0.7,
    "introduced": 0.7,
}


class Refused(Struct, frozen=True):
    """A proposal that must not become an assertion, and why."""

    reason: str
    proposal: Proposal


def admit(
    proposal: Proposal, source_text: str, *, inferrer: Author, subject: int, known: Container[int]
) -> Assertion | Refused:
    """The assertion, or the reason for refusing it. `source_text` is the text the proposal quotes from.

    `known` holds the ids of nodes and records that exist.
    """
    reason = _objection(proposal, source_text, inferrer, known)
    if reason:
        return Refused(reason, proposal)
    quote, fact = proposal.quote, proposal.fact
    return Assertion(
        kind=EDGE[proposal.label],
        src=proposal.src,
        dst=proposal.dst,
        confidence=proposal.confidence,
        valid_from=proposal.valid_from or fact.at,
        valid_to=proposal.valid_to,
        last_seen_at=proposal.last_seen_at or fact.at,
        supports=proposal.supports,
        inferrer=signature(inferrer),
        inferrer_version=inferrer.version,
        subject=subject,
        source=fact.source,
        key=proposal.key or str(fact.event_id),
        event_id=fact.event_id,
        source_ref=fact.ref,
        quote=quote.words if quote else "",
        span_start=quote.start if quote else None,
        span_end=quote.end if quote else None,
        detail=proposal.detail | ({"quoted": quote.name} if quote else {}),
    )


def _objection(p: Proposal, source_text: str, inferrer: Author, known: Container[int]) -> str:
    """Why this proposal is refused, or an empty string."""
    if p.label not in EDGE or p.label not in inferrer.kinds:
        return f"{p.label!r} is not a label of {inferrer.name}"
    if p.label not in THRESHOLD:
        return f"{p.label!r} cannot be inferred"
    if not isfinite(p.confidence) or not 0 < p.confidence < 1:
        return f"{p.confidence} is no probability between 0 and 1"
    if p.confidence < THRESHOLD[p.label]:
        return f"{p.confidence} is below {THRESHOLD[p.label]}, the threshold of {p.label}"
    unknown = next((end for end in (p.src, p.dst) if end not in known), None)
    if unknown is not None:
        return f"{unknown} is no known node"
    if p.src == p.dst:
        return "an edge needs two ends"
    if p.valid_from and p.valid_to and p.valid_to < p.valid_from:
        return "it ends before it begins"
    return _misquoted(p, source_text, inferrer)


def _misquoted(p: Proposal, source_text: str, inferrer: Author) -> str:
    """Why the quote is refused. Only structured facts (a rating, a count) may stand without words."""
    quote = p.quote
    if quote is None:
        from_text = inferrer.tier in {"embedding", "local_model", "hosted_model"} or p.label in {
            "praised",
            "complained_of",
        }
        return "it was read from text and quotes none" if from_text else ""
    if not quote.words.strip():
        return "its quote is empty"
    if not 0 <= quote.start < quote.end <= len(source_text):
        return "its quote lies outside the source"
    if source_text[quote.start : quote.end] != quote.words:
        return "its quote is not in the source at that place"
    return ""


def known_to(subject: Subject) -> set[int]:
    """The nodes a proposal about a subject may join: itself, the records its events speak of, the closed set of roles."""
    records = {r for fact in subject.facts for r in (fact.person, fact.company) if r is not None}
    return records | {subject.id} | set(ROLES)
