"""Decisions: whom to ask, when, with which offer, words and channel, or to stay silent.

Contract
- The guardrails come first: an action they refuse never has a probability, and each refusal is logged in plain words.
- Every decision logs its context, legal actions, whole distribution, exact propensity, policy version and seed, and
  `replay` makes it again to the last bit. What a policy decides from is kept as long as the decisions are.
- Who is not asked today may be asked tomorrow: a moment that waits is looked at again every day while its window lasts.
- Five in a hundred companies are held out for good: decided about, logged, never asked.
- A decision that asks leaves one suggested ask with a draft made of known facts; a person approves it (level 0).
- A person has at most one open ask, a company at most one; the contact budget is counted from asks.

- An approval covers the reminders its step names (`follow_up`): contacts like an ask, but no decisions of their own.
- A step asks without a person only as far as it has earned it (`autonomy`), through the checks a person's approval passes.

Owns: policy_version, policy_snapshot, decision (append-only), ask, moment_look, budget_plan, ask_label, ask_follow_up, autonomy_event
(append-only), autonomy_release, expert_challenger, expert_weight, expert_answer, expert_question.
"""

from honeyguide.decisions import follow_up
from honeyguide.decisions.answers import ANSWERS
from honeyguide.decisions.asks import REASONS, Edits, approve, expire, mark_blocked, mark_opted_out, mark_sent, not_now
from honeyguide.decisions.autonomy import (
    Standing,
    give_back,
    held_back,
    levels,
    lower_level,
    raise_level,
    release,
    resume,
    runs_alone,
    stop,
)
from honeyguide.decisions.decide import adopt, decide, ensure_policy, erase, first_policy, forget_unused
from honeyguide.decisions.dry_run import DryRun, dry_run
from honeyguide.decisions.expert import Context, Expert, Proposal
from honeyguide.decisions.journey import Stage, stages_of
from honeyguide.decisions.network import neighbours
from honeyguide.decisions.network import touched as readiness_touched
from honeyguide.decisions.panel import Opinion
from honeyguide.decisions.person import BestMoment, BestOffer, WhyThem, moment_for, offer_for, why_for
from honeyguide.decisions.policy import NewPolicy, Params, Policy, playbook_prior
from honeyguide.decisions.queue import AskDetail, Filters, Page, QueueRow, action_label, facets, get_ask, queue, why_of
from honeyguide.decisions.readiness import readiness_pass, readiness_step
from honeyguide.decisions.readiness_tables import staff as staff_of
from honeyguide.decisions.readiness_words import Advocate, Contribution, Readiness, readiness_of, top
from honeyguide.decisions.replay import Logged, logged, replay
from honeyguide.decisions.tables import AskRow, DecisionRow
from honeyguide.decisions.who import data_time, who

__all__ = [
    "ANSWERS",
    "REASONS",
    "Advocate",
    "AskDetail",
    "AskRow",
    "BestMoment",
    "BestOffer",
    "Context",
    "Contribution",
    "DecisionRow",
    "DryRun",
    "Edits",
    "Expert",
    "Filters",
    "Logged",
    "NewPolicy",
    "Opinion",
    "Page",
    "Params",
    "Policy",
    "Proposal",
    "QueueRow",
    "Readiness",
    "Stage",
    "Standing",
    "WhyThem",
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
    "first_policy",
    "follow_up",
    "forget_unused",
    "get_ask",
    "give_back",
    "held_back",
    "levels",
    "logged",
    "lower_level",
    "mark_blocked",
    "mark_opted_out",
    "mark_sent",
    "moment_for",
    "neighbours",
    "not_now",
    "offer_for",
    "playbook_prior",
    "queue",
    "raise_level",
    "readiness_of",
    "readiness_pass",
    "readiness_step",
    "readiness_touched",
    "release",
    "replay",
    "resume",
    "runs_alone",
    "staff_of",
    "stages_of",
    "stop",
    "top",
    "who",
    "why_for",
    "why_of",
]
