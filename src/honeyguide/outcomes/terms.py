"""Values of this stage. Amounts are integer minor units."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from msgspec import Struct, field

Agent = Literal["person", "scanner", "unknown"]
TouchKind = Literal["click", "landing", "code", "coupon", "email_hash", "company", "claim"]
DealKind = Literal["open", "won", "lost", "paid", "refunded", "disputed", "dispute_won", "dispute_lost"]
Stage = Literal["signed_up", "qualified", "won", "lost", "rejected"]
Verdict = Literal["block", "hold", "note"]


class Touch(Struct, frozen=True):
    """Somebody or something followed a link, or named it. Only a person's touch can carry credit.

    `mailbox` is a digest of the e-mail address it belongs to, `domain` that of the company: what is left when a browser
    forgets. `utm` are the campaign's own words (utm_source and so on) from the address.
    """

    id: UUID
    link_id: UUID
    kind: TouchKind
    at: datetime
    agent: Agent
    visitor: UUID
    referrer_host: str
    mailbox: str = ""
    domain: str = ""
    utm: dict[str, str] = field(default_factory=dict)


class Referral(Struct, frozen=True):
    """A friend who signed up through an advocate's link: first sign-up per program, for ever."""

    id: UUID
    link_id: UUID
    advocate_id: UUID
    program_id: int
    touch_id: UUID | None
    friend_email: str
    friend_name: str
    friend_record_id: int
    friend_company_record_id: int | None
    stage: Stage
    stage_at: datetime
    created_at: datetime


class Finding(Struct, frozen=True):
    """What a fraud rule found: `block` = no reward, `hold` = a person looks first, `note` = good to know."""

    rule: str
    verdict: Verdict
    reason: str
    evidence: dict[str, Any]


class DealFact(Struct, frozen=True):
    """One event of a deal or a sale as it was reported. Of what came back (refund, dispute) the amount is what came back."""

    event_id: UUID
    deal: str
    kind: DealKind
    at: datetime
    amount_minor: int | None
    currency: str | None
    name: str
    stage: str
    ref: str


class SignUp(Struct, frozen=True):
    """What came of a sign-up. `already` = this friend had signed up before; nothing was changed."""

    referral: Referral
    findings: list[Finding]
    already: bool
