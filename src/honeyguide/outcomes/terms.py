"""Values of this stage. Amounts are integer minor units."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from msgspec import Struct

Agent = Literal["person", "scanner", "unknown"]
TouchKind = Literal["click", "landing", "code"]
Stage = Literal["signed_up", "qualified", "won", "lost", "rejected"]
Verdict = Literal["block", "hold", "note"]


class Touch(Struct, frozen=True):
    """Somebody or something followed a link. Only a person's touch can carry credit."""

    id: UUID
    link_id: UUID
    kind: TouchKind
    at: datetime
    agent: Agent
    visitor: UUID
    referrer_host: str


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
    """One deal event as it was reported."""

    event_id: UUID
    deal: str
    kind: Literal["open", "won", "lost"]
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
