"""What survives without a link: a claim afterwards, and deals of people and companies an advocate had named."""

from collections.abc import Sequence
from datetime import datetime

from honeyguide import programs
from honeyguide.core import normalise
from honeyguide.core.errors import NotFound
from honeyguide.core.terms import Identifier, RecordRef
from honeyguide.db import Tx
from honeyguide.outcomes import court_rows, deal_rows, tables, touch_rows, tracking_rows
from honeyguide.outcomes.aliases import link_of_code
from honeyguide.outcomes.court import dispute
from honeyguide.outcomes.deals import day
from honeyguide.outcomes.signup import Friend, company_of, enter, friend_of
from honeyguide.outcomes.terms import Finding, SignUp
from honeyguide.outcomes.touches import claimed, mailbox_digest

CLAIMED = "claimed_afterwards"
_WHY = "claimed"


async def claim(tx: Tx, code: str, email: str, name: str, now: datetime) -> SignUp:
    """A friend says afterwards whose link it was. A first word makes a referral that is held for a person to look at;
    against somebody else's referral it opens a dispute and changes nothing. Raises NotFound, BadInput.
    """
    friend = friend_of(email, name)
    link = await link_of_code(tx, code)
    if link is None:
        raise NotFound("This invitation link is not valid.", "It was switched off, or the code has a typing error.")
    touch = await claimed(tx, link, friend.email, now)
    advocate = await programs.advocate(tx, link.advocate_id)
    words = f"Said on {day(touch.at)} that {advocate.name} had sent them, without having used the link."
    finding = Finding(CLAIMED, "hold", words, {"link": link.code})
    made = await enter(tx, link, friend, touch, now, said=words, also=(finding,))
    if made.already and made.referral.advocate_id != link.advocate_id:
        for conversion in await court_rows.conversions_of_referrals(tx, [made.referral.id]):
            await dispute(tx, conversion, "company", friend.email, words, now, link.advocate_id)
    return made


async def adopt(tx: Tx, deals: Sequence[str], now: datetime) -> int:
    """Make referrals of the people on these deals whom an advocate had named before, by e-mail or by company, and who
    have none: no click, no cookie and no form is needed. Returns how many.
    """
    if not deals or not await touch_rows.any_invitation(tx):
        return 0
    facts = await deal_rows.facts_of_deals(tx, deals)
    taken = {c.deal for c in await deal_rows.candidates(tx, deals)}
    made = 0
    for deal, people in (await touch_rows.people_of_deals(tx, [d for d in deals if d not in taken])).items():
        first = min(f.at for f in facts[deal])
        made += await _adopt(tx, people, first, now)
    return made


async def _adopt(tx: Tx, people: Sequence[touch_rows.PersonOnDeal], first: datetime, now: datetime) -> int:
    made = 0
    for person in people:
        digest = mailbox_digest(tx.workspace_id, person.email)
        domain = normalise.work_domain(person.email) or ""
        named = [t for t in await touch_rows.invitations(tx, [digest], [domain]) if t.at <= first]
        own = [t for t in named if t.mailbox] or named  # the person before the company
        for touch in reversed(own):
            code = await tracking_rows.code_of_link(tx, touch.link_id)
            link = await programs.find_link(tx, code) if code else None
            if link is None:
                continue
            record = RecordRef(person.kind, person.source, person.ext_id, (Identifier("email", person.email),))
            friend = Friend(person.email, person.name, domain, record, company_of(domain) if domain else None)
            kept = (await tables.touches_of(tx, [touch.id]))[touch.id]
            how = "by e-mail" if touch.mailbox else "by company"
            said = f"Named {how} through the link {link.code} on {day(touch.at)}, before anybody spoke with them."
            made += not (await enter(tx, link, friend, kept, touch.at, said=said, told_at=now)).already
            break
    return made
