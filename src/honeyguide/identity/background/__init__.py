"""The background pass: what exact identifiers do not show is proposed by likelihood, joined under guard, or asked.

Owns `proposal`, `identity_model`, `identity_pass`, `identity_seen`. `identify` runs a pass: it exports the records, starts a
process of low priority (the only place where Splink, DuckDB and Arrow are imported), and writes what comes back: joins as
`identity.linked` events, questions as proposals. People answer them (`accept`, `reject`); answers are events too, and labels.

Promises: nothing joins by itself what money is tied to on both sides, what somebody separated, or what would make a persona
of more than 30 records; every join can be undone like any other decision.
"""

from honeyguide.identity.background.job import Passed, identify
from honeyguide.identity.background.proposal_rows import Proposal, Side
from honeyguide.identity.background.proposals import accept, count_proposals, proposal, proposals, reject

__all__ = ["Passed", "Proposal", "Side", "accept", "count_proposals", "identify", "proposal", "proposals", "reject"]
