"""Decisions: whom to ask, when, with which offer, words and channel, or to stay silent.

Contract
- The guardrails come first: an action they refuse never has a probability, and each refusal is logged in plain words.
- Every decision logs its context, legal actions, whole distribution, exact propensity, policy version and seed, and
  `replay` makes it again to the last bit. What a policy decides from is kept as long as the decisions are.
- Who is not asked today may be asked tomorrow: a moment that waits is looked at again every day while its window lasts.
- Five in a hundred companies are held out for good: decided about, logged, never asked.
- A decision that asks leaves one suggested ask with a draft made of known facts; a person approves it (level 0).
- A person has at most one open ask, a company at most one; the contact budget is counted from asks.

Owns: policy_version, policy_snapshot, decision (append-only), ask, moment_look, budget_plan.
"""

from honeyguide.decisions.asks import REASONS, Edits, approve, expire, mark_blocked, mark_opted_out, mark_sent, not_now
from honeyguide.decisions.decide import adopt, decide, ensure_policy, erase, forget_unused
from honeyguide.decisions.dry_run import DryRun, dry_run
from honeyguide.decisions.expert import Context, Expert, Proposal
from honeyguide.decisions.policy import NewPolicy, Params, Policy, playbook_prior
from honeyguide.decisions.queue import AskDetail, Filters, Page, QueueRow, action_label, facets, get_ask, queue, why_of
from honeyguide.decisions.replay import Logged, logged, replay
from honeyguide.decisions.tables import AskRow, DecisionRow
from honeyguide.decisions.who import data_time, who

__all__ = [
    "REASONS",
    "AskDetail",
    "AskRow",
    "Context",
    "DecisionRow",
    "DryRun",
    "Edits",
    "Expert",
    "Filters",
    "Logged",
    "NewPolicy",
    "Page",
    "Params",
    "Policy",
    "Proposal",
    "QueueRow",
    "action_label",
    "adopt",
    "approve",
    "data_time",
    "decide",
    "dry_run",
    "ensure_policy",
    "erase",
    "expire",
    "facets",
    "forget_unused",
    "get_ask",
    "logged",
    "mark_blocked",
    "mark_opted_out",
    "mark_sent",
    "not_now",
    "playbook_prior",
    "queue",
    "replay",
    "who",
    "why_of",
]
