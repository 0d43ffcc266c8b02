"""Zendesk event webhooks (`zen:event-type:ticket.*`) and ticket payloads sent by a trigger.

The envelope is `{id, type, time, account_id, subject, detail: <ticket>, event: <what changed>}`. People are named
by Zendesk's requester id; a name and an e-mail are used where the payload carries them.
"""

from typing import Any

from honeyguide.core.terms import CanonicalEvent, RecordRef
from honeyguide.funnel.decode import fields, records
from honeyguide.funnel.decode.arrived import Arrived
from honeyguide.funnel.decode.fields import first_text, mapping, sequence, text
from honeyguide.funnel.decode.tracked import rating

Props = dict[str, Any]
_PREFIX = "zen:event-type:"
_CLOSED = frozenset({"solved", "closed"})
_ESCALATED = frozenset({"escalated", "escalation"})
_KINDS = {
    "ticket.created": "ticket.opened",
    "ticket.solved": "ticket.solved",
    "ticket.closed": "ticket.solved",
    "ticket.escalated": "ticket.escalated",
    "ticket.comment_added": "ticket.commented",
    "ticket.commented": "ticket.commented",
    "ticket.rated": "ticket.rated",
    "ticket.satisfaction_rated": "ticket.rated",
    "ticket.satisfaction_score_changed": "ticket.rated",
    "ticket.csat_response_received": "ticket.rated",
}


def decode(arrived: Arrived) -> list[CanonicalEvent]:
    """The event of one Zendesk webhook."""
    envelope = arrived.json()
    name = first_text(envelope, ("type",), 200) or arrived.kind
    noun = name.removeprefix(_PREFIX)
    change = mapping(envelope.get("event"))
    detail = mapping(envelope.get("detail")) or mapping(envelope.get("ticket"))
    if noun.startswith("user."):
        return [_user(arrived, name, detail)]
    if noun.startswith("organization."):
        return [_organization(arrived, name, detail)]
    return [_ticket(arrived, name, noun, detail, change)]


def _ticket(arrived: Arrived, name: str, noun: str, detail: Props, change: Props) -> CanonicalEvent:
    kind = _kind(noun, change)
    number = first_text(detail, ("id", "ticket_id", "number"))
    if not number:
        return arrived.event("custom", name, f"{arrived.label} {arrived.message_id}", props={"name": noun})
    ref = f"{arrived.label} #{number}"
    person = _requester(arrived, detail)
    company = _company(arrived, detail, person)
    comment = mapping(change.get("comment"))
    said = first_text(comment, ("body", "plain_body", "html_body"), fields.TEXT_MAX)
    props: Props = {"ticket": number}
    if said and not _by_requester(comment, detail):
        props["agent_text"], said = said, ""  # `text` is only ever what the person of the event wrote
    if kind == "ticket.opened":
        props |= _given(subject=first_text(detail, ("subject", "raw_subject")), priority=_word(detail.get("priority")))
        said = first_text(detail, ("description",), fields.TEXT_MAX)
    elif kind == "ticket.rated":
        score, said = _score(detail, change)
        props |= _given(score=score, comment=said)
    elif kind == "custom":
        props = {"name": noun, **props, **_given(status=_word(detail.get("status")))}
    return arrived.event(kind, name, ref, person=person, company=company, props=props, text=said)


def _by_requester(comment: Props, detail: Props) -> bool:
    if comment.get("is_public") is False:
        return False  # internal notes are ours
    author = mapping(comment.get("author"))
    ident = first_text(author, ("id",)) or first_text(comment, ("author_id",))
    requester = first_text(detail, ("requester_id",)) or first_text(mapping(detail.get("requester")), ("id",))
    return author.get("is_staff") is not True and ident in ("", requester)


def _kind(noun: str, change: Props) -> str:
    if noun == "ticket.status_changed":
        return "ticket.solved" if _word(change.get("current")) in _CLOSED else "custom"
    if noun == "ticket.tags_changed":
        added = {_word(tag) for tag in sequence(change.get("tags_added"))}
        return "ticket.escalated" if added & _ESCALATED else "custom"
    if noun == "ticket.comment_added" and mapping(change.get("comment")).get("is_public") is False:
        return "custom"  # an internal note is no word to or from the customer
    return _KINDS.get(noun, "custom")


def _score(detail: Props, change: Props) -> tuple[int | None, str]:
    """The rating (1 to 5; Zendesk's `good` is 5, `bad` is 1) and its comment."""
    for holder in (mapping(change.get("satisfaction_rating")), change, mapping(detail.get("satisfaction_rating"))):
        raw = next((holder[n] for n in ("score", "current", "rating") if holder.get(n) is not None), None)
        score = rating(raw)
        if score is not None:
            return score, first_text(holder, ("comment", "reason"), fields.TEXT_MAX)
    return None, ""


def _requester(arrived: Arrived, detail: Props) -> RecordRef | None:
    requester = mapping(detail.get("requester"))
    ident = first_text(detail, ("requester_id",), 256) or first_text(requester, ("id",), 256)
    sender = mapping(mapping(mapping(detail.get("via")).get("source")).get("from"))
    address = first_text(requester, ("email",)) or first_text(detail, ("requester_email",))
    name = first_text(requester, ("name",)) or first_text(detail, ("requester_name",))
    if text(detail.get("submitter_id")) == ident:  # only then is the sender of the mail the requester
        address = address or first_text(sender, ("address",))
        name = name or first_text(sender, ("name",))
    return records.person(arrived.slug, ident, _given(email=address, name=name))


def _company(arrived: Arrived, detail: Props, person: RecordRef | None) -> RecordRef | None:
    organization = mapping(detail.get("organization"))
    ident = first_text(detail, ("organization_id",), 256) or first_text(organization, ("id",), 256)
    if ident or organization:
        return records.company(arrived.slug, ident, _organization_traits(organization))
    return records.company_of_person(arrived.slug, person)


def _organization_traits(organization: Props) -> Props:
    domains = [d for d in (text(v) for v in sequence(organization.get("domain_names"))) if d]
    return _given(name=first_text(organization, ("name",)), domain=domains[0] if domains else "")


def _user(arrived: Arrived, name: str, detail: Props) -> CanonicalEvent:
    kept = ("email", "name", "phone", "time_zone", "iana_time_zone", "role")
    traits = {k: v for k, v in detail.items() if k in kept and v is not None}
    zone = traits.pop("iana_time_zone", None) or traits.pop("time_zone", None)
    traits.pop("time_zone", None)
    person = records.person(arrived.slug, first_text(detail, ("id",), 256), {**traits, **_given(timezone=text(zone))})
    kind = "custom" if person is None else "persona.identified"
    ref = f"{arrived.label} user {first_text(detail, ('id',))}"
    company = _company(arrived, detail, person)
    return arrived.event(
        kind, name, ref, person=person, company=company, props={"name": name} if person is None else {}
    )


def _organization(arrived: Arrived, name: str, detail: Props) -> CanonicalEvent:
    ident = first_text(detail, ("id",), 256)
    company = records.company(arrived.slug, ident, _organization_traits(detail)) if ident else None
    kind = "custom" if company is None else "company.identified"
    return arrived.event(
        kind, name, f"{arrived.label} organization {ident}", company=company,
        props={"name": name} if company is None else {},
    )  # fmt: skip


def _word(value: Any) -> str:
    return text(value).lower()


def _given(**values: Any) -> Props:
    return {k: v for k, v in values.items() if v not in (None, "")}
