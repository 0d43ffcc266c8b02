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
    ledger_more,
    lift,
    links,
    live,
    messages,
    models,
    moments,
    outbox,
    overview,
    payouts,
    personas,
    playbooks,
    program_trials,
    programs,
    proposals,
    referrals,
    replays,
    rewards,
    segments,
    session,
    sources,
    suppressions,
    taking_part,
    track,
)

ROUTERS: tuple[APIRouter, ...] = tuple(
    module.router
    for module in (
        session, overview, asks, ask_answers, personas, identity, proposals, inference, graph, edges, asking, influence,
        segments, companies, outbox, referrals, links, conversions, fraud, rewards, payouts, ledger, ledger_more, explain, lift,
        programs, program_trials, taking_part, sources,
        connections, dead_letters, replays, suppressions, erasures, audit, live, demo, models, labels, moments,
        advocates, playbooks, messages, experiments, autonomy, experts, track,
    )
)  # fmt: skip
