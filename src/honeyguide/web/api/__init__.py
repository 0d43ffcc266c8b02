"""The JSON API: one file per noun, each with its typed answers. The SQL of its lists is in honeyguide.web.reads."""

from fastapi import APIRouter

from honeyguide.web.api import (
    asks,
    audit,
    companies,
    connections,
    demo,
    explain,
    graph,
    ledger,
    lift,
    live,
    outbox,
    overview,
    payouts,
    personas,
    programs,
    referrals,
    rewards,
    session,
    sources,
)

ROUTERS: tuple[APIRouter, ...] = tuple(
    module.router
    for module in (
        session, overview, asks, personas, graph, companies, outbox, referrals, rewards, payouts, ledger, explain, lift,
        programs, sources, connections, audit, live, demo,
    )
)  # fmt: skip
