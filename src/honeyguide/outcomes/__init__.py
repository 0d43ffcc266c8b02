"""Outcomes: who followed whose link, what became of it, and whose credit it is.

Touches are kept on the server; a machine's touch never carries credit. A sign-up writes the referral, what the fraud
rules found, and `signup.completed` into the log, in one transaction; the first sign-up of a friend in a program stays.
`step` keeps every deal event as a fact and computes the referrals it may concern anew from all facts: so events in any
order, repeated or late, give the same stages, and each won deal is credited and rewarded once. Rule: last touch with a
code, within the program's days; every credit says why in words. Only its own tables are written; money goes through
`ledger`.
"""

from honeyguide.outcomes.agents import classify
from honeyguide.outcomes.lists import ReferralRow, count_referrals, list_referrals, referrals_of
from honeyguide.outcomes.signup import sign_up
from honeyguide.outcomes.steps import OutcomeChanges, reconsider, step
from honeyguide.outcomes.terms import Finding, Referral, SignUp, Touch
from honeyguide.outcomes.touches import record_touch

__all__ = [
    "Finding", "OutcomeChanges", "Referral", "ReferralRow", "SignUp", "Touch", "classify", "count_referrals",
    "list_referrals", "reconsider", "record_touch", "referrals_of", "sign_up", "step",
]  # fmt: skip
