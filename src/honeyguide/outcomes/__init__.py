"""Outcomes: who followed whose link, what became of it, and whose credit it is.

Touches are kept on the server; a machine's touch never carries credit. A sign-up writes the referral, what the fraud
rules found, and `signup.completed` into the log, in one transaction; the first sign-up of a friend in a program stays.
`step` keeps every deal event as a fact and computes the referrals it may concern anew from all facts: so events in any
order, repeated or late, give the same stages, and each won deal is credited and rewarded once. Whose it is follows from
the touches and the policy in force (`attribute`), or from what people decided (`decide`); every credit says why in words.
Only its own tables are written; money goes through `ledger`.
"""

from honeyguide.outcomes.agents import classify
from honeyguide.outcomes.aliases import add_alias, aliases_of, disable_alias, link_of_code, spellings
from honeyguide.outcomes.attribution import AttributionPolicy, Converted, Seen, Share, attribute
from honeyguide.outcomes.claims import claim
from honeyguide.outcomes.court import Decision, Moved, Part, decide, dispute, rerun
from honeyguide.outcomes.court_rows import disputes_of
from honeyguide.outcomes.domains import branded_domains, claim_domain, host_text, remove_domain, verify_domain
from honeyguide.outcomes.explanation import Explanation, Preview, explain_credit, preview
from honeyguide.outcomes.heard import heard
from honeyguide.outcomes.lists import ReferralRow, count_referrals, list_referrals, referrals_of
from honeyguide.outcomes.policies import (
    EVERYWHERE,
    PolicyVersion,
    policies,
    policy_sentence,
    policy_versions,
    set_policy,
)
from honeyguide.outcomes.signup import sign_up
from honeyguide.outcomes.steps import OutcomeChanges, reconsider, step
from honeyguide.outcomes.terms import Finding, Referral, SignUp, Touch, TouchKind
from honeyguide.outcomes.touches import forget_touches, invite, name_company, record_touch, utm_of
from honeyguide.outcomes.tracking import Buyer, Refund, Sale, track_lead, track_refund, track_sale

__all__ = [
    "EVERYWHERE",
    "AttributionPolicy",
    "Buyer",
    "Converted",
    "Decision",
    "Explanation",
    "Finding",
    "Moved",
    "OutcomeChanges",
    "Part",
    "PolicyVersion",
    "Preview",
    "Referral",
    "ReferralRow",
    "Refund",
    "Sale",
    "Seen",
    "Share",
    "SignUp",
    "Touch", "TouchKind",
    "add_alias",
    "aliases_of",
    "attribute",
    "branded_domains",
    "claim",
    "claim_domain",
    "classify",
    "count_referrals",
    "decide",
    "disable_alias",
    "dispute",
    "disputes_of",
    "explain_credit",
    "forget_touches",
    "heard",
    "host_text",
    "invite",
    "link_of_code",
    "list_referrals",
    "name_company",
    "policies",
    "policy_sentence",
    "policy_versions",
    "preview",
    "reconsider",
    "record_touch",
    "referrals_of",
    "remove_domain",
    "rerun",
    "set_policy",
    "sign_up",
    "spellings",
    "step",
    "track_lead",
    "track_refund",
    "track_sale",
    "utm_of",
    "verify_domain",
]  # fmt: skip
