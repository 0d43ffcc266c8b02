"""The JSON API: one file per noun, each with its typed answers. The SQL of its lists is in honeyguide.web.reads."""

from fastapi import APIRouter

from honeyguide.web.api import (
    advocates,
    ask_answers,
    asking,
    asks,
    audit,
    autonomy,
    companies,
    connections,
    conversions,
    dead_letters,
    demo,
    edges,
    erasures,
    experiments,
    experts,
    explain,
    fraud,
    graph,
    identity,
    inference,
    influence,
    labels,
    ledger,
    lift,
    live,
    messages,
    models,
    moments,
    outbox,
    overview,
    payees,
    payout_runs,
    payouts,
    personas,
    playbooks,
    programs,
    proposals,
    rails,
    referrals,
    replays,
    rewards,
    segments,
    session,
    sources,
    suppressions,
    track,
)

ROUTERS: tuple[APIRouter, ...] = tuple(
    module.router
    for module in (
        session, overview, asks, ask_answers, personas, identity, proposals, inference, graph, edges, asking, influence,
        segments, companies, outbox, referrals, conversions, fraud, rewards, payouts, payout_runs, payees, rails, ledger, explain, lift, programs, sources,
        connections, dead_letters, replays, suppressions, erasures, audit, live, demo, models, labels, moments,
        advocates, playbooks, messages, experiments, autonomy, experts, track,
    )
)  # fmt: skip
