"""Sign-up: a friend leaves a work e-mail on an advocate's page. Referral and log entry in one transaction."""

from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct

from honeyguide import identity, programs
from honeyguide.core import normalise
from honeyguide.core.errors import BadInput, NotFound
from honeyguide.core.ids import content_id, new_id
from honeyguide.core.terms import Identifier, RecordRef
from honeyguide.db import Tx
from honeyguide.funnel import append, internal_source, own_event
from honeyguide.funnel.sources import INTERNAL
from honeyguide.outcomes import deal_rows, tables
from honeyguide.outcomes.aliases import link_of_code
from honeyguide.outcomes.deals import open_before, read_deal
from honeyguide.outcomes.fraud import Bought, Case, OpenDeal, examine, look
from honeyguide.outcomes.terms import Finding, Referral, SignUp, Touch, TouchKind
from honeyguide.outcomes.touches import mailbox_digest

_WORKS_AT = (1,)
_BUYS = (11, 12, 13)  # bought, subscribed_to, renewed
_BUYS_WORDS = {11: "bought", 12: "subscribed to", 13: "renewed"}
_MOST_NAME = 200


class Friend(Struct, frozen=True):
    """Who signed up, as the log will know them."""

    email: str
    name: str
    domain: str
    person: RecordRef
    company: RecordRef | None


def friend_of(email: str, name: str) -> Friend:
    """The friend's records from what the form holds. Raises BadInput unless it is a work e-mail."""
    address = normalise.email(email)
    if address is None:
        raise BadInput(
            "This does not look like an e-mail address.", "It has the form name@company.com.", code="not_an_email"
        )
    domain = normalise.work_domain(address)
    if domain is None:
        raise BadInput(
            f"{address.rsplit('@', 1)[1]} is a personal mailbox provider or no registered domain.",
            "So that the right team can answer, use the address you have at work.",
            code="not_a_work_email",
        )
    told = " ".join("".join(c for c in name if c.isprintable()).split())[:_MOST_NAME]
    traits = {"email": address} | ({"name": told} if told else {})
    person = RecordRef("persona", INTERNAL, f"email:{address}", (Identifier("email", address),), traits)
    return Friend(address, told, domain, person, company_of(domain))


def company_of(domain: str) -> RecordRef:
    """The record of the company behind a domain."""
    return RecordRef("company", INTERNAL, f"domain:{domain}", (Identifier("domain", domain),), {"domain": domain})


async def sign_up(tx: Tx, code: str, email: str, name: str, visitor: UUID | None, now: datetime) -> SignUp:
    """Sign a friend up through the link with `code`: referral, findings, touch and the log's `signup.completed`.

    The first sign-up of a friend in a program stays; a second one (also a double click) changes nothing and says
    `already`. Raises NotFound for an unknown or switched-off code, BadInput when the address is not a work e-mail.
    """
    friend = friend_of(email, name)
    link = await link_of_code(tx, code)
    if link is None:
        raise NotFound("This invitation link is not valid.", "It was switched off, or the code has a typing error.")
    known = await tables.referral_of_friend(tx, link.program_id, friend.person.id)
    if known is None:
        touch = await touch_for(tx, link, visitor, now)
        return await enter(tx, link, friend, touch, now, visitor=visitor)
    return await _known(tx, known, already=True)


async def _known(tx: Tx, referral: Referral, *, already: bool) -> SignUp:
    findings = await tables.findings_of(tx, [referral.id])
    return SignUp(referral, findings.get(referral.id, []), already)


async def enter(
    tx: Tx, link: programs.Link, friend: Friend, touch: Touch, now: datetime, *, visitor: UUID | None = None,
    said: str = "", also: tuple[Finding, ...] = (), told_at: datetime | None = None,
) -> SignUp:  # fmt: skip
    """Write the friend's referral: the first one in a program stays. `said` is why they are one, `also` what was found
    beside the rules; `told_at` when we came to know it, where that is later.
    """
    known = await tables.referral_of_friend(tx, link.program_id, friend.person.id)
    if known is not None:
        return await _known(tx, known, already=True)
    advocate = await programs.advocate(tx, link.advocate_id)
    findings = examine(await _case(tx, advocate, friend, visitor, now))  # before the referral counts itself
    referral = Referral(
        id=content_id("referral", str(tx.workspace_id), str(link.program_id), str(friend.person.id)),
        link_id=link.id, advocate_id=advocate.id, program_id=link.program_id, touch_id=touch.id,
        friend_email=friend.email, friend_name=friend.name, friend_record_id=friend.person.id,
        friend_company_record_id=friend.company.id if friend.company else None, stage="signed_up", stage_at=now, created_at=now,
    )  # fmt: skip
    if not await tables.insert_referral(tx, referral):  # another transaction signed the same friend up just now
        known = await tables.referral_of_friend(tx, link.program_id, friend.person.id)
        if known is None:
            raise RuntimeError("a referral vanished while it was made")
        return await _known(tx, known, already=True)
    # An advocate who turns out to be the friend is for a person to judge: identity never joins the two by itself.
    await identity.protect(tx, advocate.record_id, "referrer", str(referral.id), now)
    await identity.protect(tx, referral.friend_record_id, "referee", str(referral.id), now)
    if visitor:
        await tables.prove_person(tx, visitor, mailbox_digest(tx.workspace_id, friend.email), friend.domain)
    reason = said or f"Signed up through the link {link.code} of {advocate.name}."
    await tables.put_stage(tx, referral.id, "signed_up", now, None, reason)
    await tables.put_findings(tx, referral.id, [*findings, *also], now)
    await look(tx, referral.id, now)
    await _tell_the_log(tx, referral, link, advocate, friend, told_at or now)
    return await _known(tx, referral, already=False)


async def touch_for(
    tx: Tx, link: programs.Link, visitor: UUID | None, now: datetime, kind: TouchKind = "code"
) -> Touch:
    """The visitor's last touch of this link; without one the code itself is the touch."""
    touch = await tables.last_touch(tx, link.id, visitor, now) if visitor else None
    if touch is None:
        touch = Touch(new_id(), link.id, kind, now, "person", visitor or new_id(), "")
        await tables.insert_touch(tx, touch)
    return touch


async def _tell_the_log(
    tx: Tx, referral: Referral, link: programs.Link, advocate: programs.Advocate, friend: Friend, now: datetime
) -> None:
    named = await tables.record_name(tx, advocate.record_id)
    event = own_event(
        f"signup:{referral.id}",
        "signup.completed",
        referral.created_at,
        received_at=now,
        name="Referral Signed Up",
        ref=f"Sign-up of {friend.email} through {link.code}",
        person=friend.person,
        company=friend.company,
        others=(RecordRef(*named),) if named else (),
        props={
            "link_code": link.code,
            "referral_id": str(referral.id),
            "referrer_record_id": str(advocate.record_id),
            "referrer_email": advocate.email,
        },
    )
    await append(tx, await internal_source(tx), [event])


async def _case(tx: Tx, advocate: programs.Advocate, friend: Friend, visitor: UUID | None, now: datetime) -> Case:
    """Everything the fraud rules look at, as known before this sign-up."""
    advocate_entity = (await identity.resolve(tx, [advocate.record_id]))[advocate.record_id]
    domain = normalise.work_domain(advocate.email)
    works_at = [e["dst"] for e in await tables.edges_from(tx, [advocate_entity], _WORKS_AT)]
    by_domain = await identity.find(tx, "domain", domain, "company") if domain else None
    person = await identity.find(tx, "email", friend.email, "persona") if friend.email else None
    company = await identity.find(tx, "domain", friend.domain, "company") if friend.domain else None
    profile = (await identity.profiles(tx, [company])).get(company) if company else None
    # Not the friend when they are the advocate: what the advocate bought says nothing about a new customer.
    nodes = [n for n in (company, person) if n is not None and n != advocate_entity]
    bought, under_way = await _history(tx, nodes, now)
    return Case(
        advocate_name=advocate.name, advocate_email=advocate.email, advocate_entity=advocate_entity,
        advocate_domain=domain, advocate_companies=tuple(sorted({*works_at, *([by_domain] if by_domain else [])})),
        friend_email=friend.email, friend_name=friend.name, friend_entity=person, friend_domain=friend.domain, friend_company=company,
        friend_company_name=str((profile.values() if profile else {}).get("name") or ""), bought=bought,
        open_deals=under_way,
        sign_ups_by_visitor=await tables.sign_ups_of_visitor(tx, visitor, now - timedelta(days=1)) if visitor else 0,
        sign_ups_by_advocate=await tables.sign_ups_of_advocate(tx, advocate.id, now - timedelta(hours=1)),
    )  # fmt: skip


async def _history(tx: Tx, nodes: list[int], now: datetime) -> tuple[tuple[Bought, ...], tuple[OpenDeal, ...]]:
    """What these people and companies had bought, and which deals were open, before `now`."""
    if not nodes:
        return (), ()
    bought = [
        Bought(f"{_BUYS_WORDS[e['kind']]} {e['name'] or 'a product'}", e["valid_from"], e["inferrer"])
        for e in await tables.edges_from(tx, nodes, _BUYS)
        if e["valid_from"] < now
    ]
    under_way = []
    deals = await deal_rows.deals_of_records(tx, nodes)
    for facts in (await deal_rows.facts_of_deals(tx, deals)).values():
        deal = read_deal(facts)
        if deal.won and deal.won.at < now and not (deal.lost_at and deal.lost_at > deal.won.at):
            bought.append(Bought(f"{deal.ref} was won", deal.won.at, deal.ref))
        since = open_before(facts, now)
        if since:
            under_way.append(OpenDeal(deal.deal, deal.ref, since))
    return tuple(bought), tuple(under_way)


def holds(findings: list[Finding]) -> str:
    """The reasons to look first, as one text; empty when there are none."""
    return " ".join(f.reason for f in findings if f.verdict in ("hold", "block"))
