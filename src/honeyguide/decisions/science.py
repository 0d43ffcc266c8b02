"""The bridge between the product and the brain: situations as named words and numbers, and these as arrays.

What is logged with a decision are the names, never places in an array: so a brain with another schema (a new offer, a new
kind of moment) can still learn from it, and the one that decided can make it again.
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from math import log2

import numpy as np
from msgspec import Struct

from honeyguide import moments
from honeyguide.decisions.brain import Ahead, Batch, Config, Schema
from honeyguide.decisions.guardrails import PER_YEAR, PERSON_GAP_DAYS
from honeyguide.decisions.situation import CHANNELS, LENGTHS, SENIORITIES, SIZES, TONES, Action, Situation
from honeyguide.programs import Offer, offer_key
from honeyguide.programs.journey import SEGMENTS, STAGES, VERTICALS

NONE, UNKNOWN = "none", "unknown"
NUMBERS = (
    "fresh", "strength", "staleness", "glow", "worn", "past_asks", "misses", "leaning", "referred", "praised", "complained",
    "power_user", "tenure", "neighbours", "lift", "challenger",
)  # fmt: skip
_SIGNALS = ("referred", "praised", "complained", "power_user")
_OF_THE_MOMENT = ("strength", "staleness", "glow", "lift")  # gone or as usual by the time the next moment comes
_YEAR_DAYS = 365.25
_MOST_ASKS, _MOST_YEARS, _MOST_HALVES, _MOST_LIFT = 8, 3.0, 8.0, 2.0


class Catalogue(Struct, frozen=True):
    """What may be offered: each offer with the slug of its group, in a fixed order, and the kinds of moments there are."""

    offers: tuple[tuple[str, Offer], ...]
    kinds: tuple[str, ...]


class Described(Struct, frozen=True):
    """A situation as the brain sees it and as it is logged. `rates` are moments a day by kind."""

    words: dict[str, str]
    numbers: dict[str, float]
    rates: dict[str, float]
    days_left: float
    asks_left: float


def catalogue_of(offers: Mapping[str, Sequence[Offer]], kinds: Sequence[str] = tuple(moments.KINDS)) -> Catalogue:
    """The catalogue of offers by group slug."""
    listed = sorted(((g, o) for g, found in offers.items() for o in found), key=lambda one: (one[0], one[1].slug))
    return Catalogue(tuple(listed), tuple(kinds))


def offer_word(group: str, slug: str) -> str:
    """The brain's word for an offer: groups price and word the same offer differently, so each has its own."""
    return f"{offer_key(group)}/{offer_key(slug)}"


def schema_of(catalogue: Catalogue) -> Schema:
    """Dimensions, numbers and the table of everything that can be done: every offer in every tone, length and channel."""
    groups = tuple(dict.fromkeys(offer_key(g) for g, _ in catalogue.offers))
    incentives = tuple(dict.fromkeys(o.incentive for _, o in catalogue.offers))
    offers = tuple(dict.fromkeys(offer_word(g, o.slug) for g, o in catalogue.offers))
    table = tuple(
        (incentives.index(o.incentive), offers.index(offer_word(g, o.slug)), SIZES.index(size_of(o)), t, n, c)
        for g, o in catalogue.offers
        for t in range(len(TONES))
        for n in range(len(LENGTHS))
        for c in range(len(CHANNELS))
    )
    return Schema(
        context={
            "kind": (*catalogue.kinds, NONE), "group": groups, "segment": SEGMENTS, "vertical": VERTICALS,
            "seniority": (*SENIORITIES, UNKNOWN), "stage": (*STAGES, UNKNOWN),
        },
        numbers=NUMBERS,
        actions={
            "incentive": incentives, "offer": offers, "size": SIZES, "tone": TONES, "length": LENGTHS, "channel": CHANNELS,
        },
        table=table,
        pairs=(
            ("segment", "incentive"), ("vertical", "incentive"), ("seniority", "incentive"), ("seniority", "tone"),
            ("seniority", "channel"),
        ),
        scaled=(("kind", "fresh"), ("kind", "seniority", "fresh")),
        group="group",
    )  # fmt: skip


def size_of(offer: Offer) -> str:
    """How large an offer is among those of its kind."""
    size = offer.size or "medium"
    return size if size in SIZES else "medium"


def config_of(schema: Schema, *, floor: float, draws: int) -> Config:
    """How the product's brain chooses."""
    return Config(
        worn="worn", kind="kind", moment="fresh", kinds=len(schema.context["kind"]) - 1, sizes=((1.0, 1.0),),
        past=_OF_THE_MOMENT, gap=float(PERSON_GAP_DAYS), floor=floor, draws=draws, stakes=0.5,
    )  # fmt: skip


def describe(situation: Situation) -> Described:
    """The words and numbers of a situation, all finite; every number is 0 where nothing is known."""
    person, contacts = situation.person, situation.contacts
    return Described(
        words_of(
            situation.moment.kind, situation.group.slug, situation.segment, situation.vertical,
            person.seniority if person else "", situation.stage,
        ),
        _numbers(situation),
        {kind: round(rate, 9) for kind, rate in situation.rates},
        round(days_left(contacts.year_began, situation.now), 6),
        float(max(PER_YEAR - contacts.within_year, 1)),
    )  # fmt: skip


def words_of(kind: str, group: str, segment: str, vertical: str, seniority: str, stage: str) -> dict[str, str]:
    """The words of a situation by dimension."""
    return {
        "kind": kind or NONE, "group": offer_key(group), "segment": segment or UNKNOWN, "vertical": vertical or "other",
        "seniority": seniority if seniority in SENIORITIES else UNKNOWN, "stage": stage or UNKNOWN,
    }  # fmt: skip


def days_left(began: datetime | None, now: datetime) -> float:
    """Days until the yearly cap starts anew: it counts the 365 days from the first ask that still counts."""
    if began is None:
        return 365.0
    return max((began + timedelta(days=365) - now).total_seconds() / 86_400, float(PERSON_GAP_DAYS))


def _numbers(situation: Situation) -> dict[str, float]:
    moment, contacts = situation.moment, situation.contacts
    hours = max(0.0, (situation.now - moment.occurred_at).total_seconds() / 3600)
    stale = min(hours / moment.half_life_hours, _MOST_HALVES)
    found = {
        "fresh": 0.5**stale,
        "strength": moment.strength - 0.5,
        "staleness": stale,
        "glow": situation.glow,
        "worn": contacts.worn,
        "past_asks": float(min(contacts.ever, _MOST_ASKS)),
        "misses": float(min(contacts.misses, 4)),
        "leaning": contacts.leaning,
        "tenure": _tenure(situation),
        "neighbours": log2(1 + situation.neighbours.hits),
        "lift": max(-_MOST_LIFT, min(_MOST_LIFT, situation.lift)),
        "challenger": situation.challenger,
    }
    amounts = {s.name: s.amount for s in situation.signals if s.amount > 0}
    found |= {name: log2(1 + amounts[name]) if name in amounts else 0.0 for name in _SIGNALS}
    return {name: round(found[name], 6) for name in NUMBERS}


def _tenure(situation: Situation) -> float:
    first = situation.person.first_seen_at if situation.person else None
    if first is None:
        return 0.0
    years = (situation.moment.occurred_at - first).total_seconds() / 86_400 / _YEAR_DAYS
    return min(max(years, 0.0), _MOST_YEARS)


def batch_of(schema: Schema, rows: Sequence[Described], legal: Sequence[Sequence[int]]) -> Batch:
    """Situations as arrays; `legal` names the rows of the action table that are allowed in each."""
    dims = tuple(schema.context)
    allowed = np.zeros((len(rows), len(schema.table)), bool)
    for line, places in enumerate(legal):
        allowed[line, list(places)] = True
    codes = [[schema.code(d, row.words.get(d, UNKNOWN)) for d in dims] for row in rows]
    numbers = [[row.numbers.get(name, 0.0) for name in schema.numbers] for row in rows]
    return Batch(
        np.array(codes, np.int64).reshape(len(rows), len(dims)),
        np.array(numbers, np.float64).reshape(len(rows), len(schema.numbers)),
        allowed,
    )


def ahead_of(schema: Schema, rows: Sequence[Described]) -> Ahead:
    """What may come for each: rates in the order of the schema's kinds, and what is left of the yearly cap."""
    kinds = schema.context["kind"][:-1]
    return Ahead(
        np.array([[r.rates.get(k, 0.0) for k in kinds] for r in rows], np.float64).reshape(len(rows), len(kinds)),
        np.array([r.days_left for r in rows], np.float64),
        np.array([r.asks_left for r in rows], np.float64),
    )


class Places(Struct, frozen=True):
    """Where each action of a schema stands in its table."""

    rows: dict[tuple[str, str, str, str], int]

    def of(self, group: str, action: Action) -> int | None:
        """The row of an action for a group; None when the schema was made before the offer."""
        return self.rows.get((offer_word(group, action.offer), action.tone, action.length, action.channel))

    def of_key(self, group: str, key: str) -> int | None:
        """The row of an action by the key it is logged under."""
        offer, tone, length, channel = key.split("/")
        return self.rows.get((offer_word(group, offer), tone, length, channel))


def places_of(schema: Schema) -> Places:
    """The places of a schema's actions by their words."""
    names = list(schema.actions)
    at = [names.index(n) for n in ("offer", "tone", "length", "channel")]
    rows = {}
    for row, entry in enumerate(schema.table):
        offer, tone, length, channel = (schema.actions[names[k]][entry[k]] for k in at)
        rows[offer, tone, length, channel] = row
    return Places(rows)


def covers(schema: Schema, catalogue: Catalogue) -> bool:
    """Does the schema know every offer and kind of moment there is now?"""
    words = {offer_word(g, o.slug) for g, o in catalogue.offers}
    return words <= set(schema.actions["offer"]) and set(catalogue.kinds) <= set(schema.context["kind"])


@lru_cache(maxsize=512)
def round_seed(workspace_id: int, day: str) -> int:
    """The seed of the drawn worlds of a day: everybody decided about on it is valued in the same ones."""
    return int.from_bytes(hashlib.blake2b(f"round\x1f{workspace_id}\x1f{day}".encode(), digest_size=6).digest(), "big")
