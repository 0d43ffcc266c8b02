"""Program files for tests, built from the least that is one."""

from typing import Any

import msgspec

from honeyguide.programs.catalogue import ProgramFile, load, parse

EVERYBODY = {"default": True}


def source(earns: list[dict[str, Any]], offers: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    """A file of one group as plain values."""
    terms = msgspec.to_builtins(load("customer-referrals").terms)
    group = {"slug": "all", "name": "All", "conditions": EVERYBODY, "offers": offers, "earns": earns}
    return {"slug": "p", "name": "P", "version": 1, "terms": terms, "groups": [group], **more}


def program(earns: list[dict[str, Any]], offers: list[dict[str, Any]], **more: Any) -> ProgramFile:
    """A checked file of one group called `all`."""
    return parse(source(earns, offers, **more))


def commission(rate_bp: int = 2000, **more: Any) -> dict[str, Any]:
    return {"slug": "share", "label": "A share", "incentive": "commission", "rate_bp": rate_bp, **more}


def gift(minor: int = 10_000, **more: Any) -> dict[str, Any]:
    return {"slug": "card", "label": "Gift card", "incentive": "gift_card", "amount_minor": minor, **more}


def rule(offer: str = "share", **more: Any) -> dict[str, Any]:
    return {"slug": "r", "when": {"stage": "won"}, "offer": offer, **more}
