"""Programs: the terms. Groups of customers, what each group is offered, personal links, and the playbook.

Contract
- A program is data: groups with typed conditions, offers, texts, hold days. Nothing in it is code.
- `ensure_program` installs a program of the library once; terms people accepted are never changed under them.
- `group_for` answers with the group and a plain reason; somebody no condition fits belongs to the default group.
- The advocate is the account that accepts terms (a source's record, never a derived persona), with one portal token
  we keep only as a digest and one personal link whose code finds its workspace through the directory.
- The playbook is a table of prior beliefs (log-odds) and message texts; `decisions` reads it, nobody edits it in place.

- A version's file never changes (`versions`): a draft binds nobody, a second person confirms what changes money, an offer
  somebody was asked with keeps its terms, a referral is paid by the version in force when the friend came.
- `earnings` is the only place that says what a fact earns: pure, total, exact.

Owns: program, program_group, offer, advocate, link, program_draft, program_version,
advocate_parent, program_application, bounty_submission, deal_registration, registration_move.
"""

from honeyguide.programs import bounties, partners, registrations, versions
from honeyguide.programs.advocates import ensure_advocate, find_advocate, renew_portal_token
from honeyguide.programs.catalogue import available, load
from honeyguide.programs.earnings import (
    PAYMENT,
    PLAIN,
    Earning,
    Fact,
    NotEarned,
    PartDue,
    SoFar,
    Weighed,
    earnings,
    in_time,
    rewards_payments,
    rules_of,
    weigh,
)
from honeyguide.programs.file import ProgramFile
from honeyguide.programs.gifts import may_give
from honeyguide.programs.groups import choose_group
from honeyguide.programs.install import ensure_program, group_facts, group_for
from honeyguide.programs.links import canonical_code, ensure_link, find_link
from honeyguide.programs.partners import Parent, earns_for_parent, parents, set_parent
from honeyguide.programs.playbook import Effect, Factor, Playbook, offer_key
from honeyguide.programs.sentences import group_sentence, offer_sentence, sentences
from honeyguide.programs.tables import (
    accept_terms,
    advocate,
    advocate_by_portal,
    advocates_by_group,
    groups,
    link_of,
    live_program,
    offer,
    offer_of,
    offers,
    program,
    programs,
)
from honeyguide.programs.telling import group_words
from honeyguide.programs.terms import Advocate, Condition, Group, Landing, Link, Offer, Program, Terms
from honeyguide.programs.versions import Version, terms_at

__all__ = [
    "PAYMENT",
    "PLAIN",
    "Advocate",
    "Condition",
    "Earning",
    "Effect",
    "Fact",
    "Factor",
    "Group",
    "Landing",
    "Link",
    "NotEarned",
    "Offer",
    "Parent",
    "PartDue",
    "Playbook",
    "Program",
    "ProgramFile",
    "SoFar",
    "Terms",
    "Version",
    "Weighed",
    "accept_terms",
    "advocate",
    "advocate_by_portal",
    "advocates_by_group",
    "available",
    "bounties",
    "canonical_code",
    "choose_group",
    "earnings",
    "earns_for_parent",
    "ensure_advocate",
    "ensure_link",
    "ensure_program",
    "find_advocate",
    "find_link",
    "group_facts",
    "group_for",
    "group_sentence",
    "group_words",
    "groups",
    "in_time",
    "link_of",
    "live_program",
    "load",
    "may_give",
    "offer",
    "offer_key",
    "offer_of",
    "offer_sentence",
    "offers",
    "parents",
    "partners",
    "program",
    "programs",
    "registrations",
    "renew_portal_token",
    "rewards_payments",
    "rules_of",
    "sentences",
    "set_parent",
    "terms_at",
    "versions",
    "weigh",
]
