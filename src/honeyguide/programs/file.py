"""A program's file: configuration as code, readable by the people who run the program."""

from functools import cache
from importlib.resources import files
from typing import Any

import msgspec
import yaml
from msgspec import Struct, field

from honeyguide.programs.playbook import Playbook
from honeyguide.programs.rules import Application, Attribution, Bounty, EarnRule, GiftPolicy, Registration, SecondTier
from honeyguide.programs.terms import Conditions, Incentive, Kind, Size, Terms

STANDARD = "customer-referrals"


class OfferEntry(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """An offer as the file spells it. Amounts in minor units of the program's currency."""

    slug: str
    label: str
    incentive: Incentive
    amount_minor: int = 0
    rate_bp: int = 0
    cap_minor: int | None = None
    size: Size = "medium"


class GroupEntry(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A group as the file spells it; the order of the file is the order of the conditions.

    `earns` are its rules; offers no rule names are paid for a won deal, the one somebody was asked with.
    """

    slug: str
    name: str
    conditions: Conditions
    offers: list[OfferEntry]
    earns: list[EarnRule] = field(default_factory=list)


@cache
def folder() -> Any:
    """Where the library lies."""
    return files("honeyguide.programs").joinpath("library")


@cache
def standard_playbook() -> Playbook:
    """The beliefs a program starts from that brings none of its own."""
    source = yaml.safe_load(folder().joinpath(f"{STANDARD}.yaml").read_text(encoding="utf-8"))
    return msgspec.convert(source["playbook"], Playbook)


class ProgramFile(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A whole program file: configuration as code."""

    slug: str
    name: str
    version: int
    terms: Terms
    groups: list[GroupEntry]
    playbook: Playbook = field(default_factory=standard_playbook)
    description: str = field(default="")
    kind: Kind = "refer_a_friend"
    attribution: Attribution | None = None
    eligibility: Conditions | None = None
    application: Application | None = None
    priority: list[str] | None = None
    gift_policy: GiftPolicy | None = None
    bounties: list[Bounty] = field(default_factory=list)
    registration: Registration | None = None
    second_tier: SecondTier | None = None
