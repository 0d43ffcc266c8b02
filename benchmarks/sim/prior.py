"""The playbook in the brain's words: schema, prices and beliefs from `book`, nothing from `nature`."""

import numpy as np

from benchmarks.sim import book
from benchmarks.sim.book import Floats
from honeyguide.decisions.brain import Batch, Beliefs, Config, Prices, Prior, Schema

OFFERS = ("thanks", "credit:1", "credit:2", "gift_card:1", "gift_card:2", "commission:1", "commission:2", "donation:1")
NUMBERS = ("fresh", "satisfaction", "worn", "misses", "hits", "neighbours", "glow", "sour")
NO_KIND = len(book.KINDS)
CONFIG = Config(worn="worn", kind="kind", moment="fresh", kinds=NO_KIND, past=("glow",), draws=32)


def _offer(incentive: int, size: int) -> int:
    name = book.INCENTIVES[incentive]
    return OFFERS.index(name if size == 0 else f"{name}:{size}")


OFFER_OF = np.array([_offer(i, s) for i, s, _, _ in book.ACTIONS], dtype=np.int64)
SCHEMA = Schema(
    context={
        "segment": book.SEGMENTS,
        "vertical": book.VERTICALS,
        "role": book.ROLES,
        "kind": (*book.KINDS, "none"),
    },
    numbers=NUMBERS,
    actions={"incentive": book.INCENTIVES, "offer": OFFERS, "tone": book.TONES, "channel": book.CHANNELS},
    table=tuple((int(a[0]), int(o), int(a[2]), int(a[3])) for a, o in zip(book.ACTIONS, OFFER_OF, strict=True)),
    pairs=(("segment", "incentive"), ("vertical", "incentive"), ("role", "tone"), ("role", "channel")),
    scaled=(("kind", "fresh"), ("kind", "role", "fresh")),
    group="segment",
)
G = len(book.SEGMENTS) + 2


def _padded(values: Floats) -> Floats:
    """Values per segment with a careful one for the two spare places of unknown segments."""
    return np.concatenate([values, np.full(2, values.min())])


def prices() -> Prices:
    """The money everybody knows."""
    goodwill = np.concatenate([book.GOODWILL, np.full(2, book.GOODWILL.max())])
    return Prices(book.A_REWARD, book.A_COMMISSION, book.A_CONTACT, _padded(book.MARGIN), goodwill)


def share_prior(informed: bool = True) -> Prior:
    """The rule book as a prior of P(share); uninformed: only the rough level and the sign of weariness."""
    means = {
        "worn": -0.4,
        "misses": -0.1,
        "hits": 0.4,
        "satisfaction": 0.2,
        "neighbours": 0.1,
        "glow": 0.5,
        "sour": -0.5,
    }
    for k, kind in enumerate(book.KINDS):
        means[f"kind:{kind}*fresh"] = float(book.BOOK_KIND[k]) if informed else 0.7
    if informed:
        for s, segment in enumerate(book.SEGMENTS):
            for i, incentive in enumerate(book.INCENTIVES):
                means[f"segment:{segment}*incentive:{incentive}"] = float(book.BOOK_SEGMENT_INCENTIVE[s, i])
        for r, role in enumerate(book.ROLES):
            for t, tone in enumerate(book.TONES):
                means[f"role:{role}*tone:{tone}"] = float(book.BOOK_ROLE_TONE[r, t])
        means |= {f"offer:{o}": book.BOOK_LARGE for o in OFFERS if o.endswith(":2")}
    sds = {
        "worn": 0.2, "misses": 0.15, "hits": 0.25, "satisfaction": 0.15, "neighbours": 0.15, "glow": 0.25, "sour": 0.3, "segment": 0.3,
        "vertical": 0.15, "role": 0.25, "kind": 0.15, "kind*fresh": 0.35, "kind*role*fresh": 0.35, "incentive": 0.3,
        "offer": 0.2, "tone": 0.15, "channel": 0.2, "segment*incentive": 0.35, "vertical*incentive": 0.25,
        "role*tone": 0.3, "role*channel": 0.2,
    }  # fmt: skip
    return Prior(base=-4.2, base_sd=0.7, means=means, sds=sds, trust_sd=0.5)


def beliefs(informed: bool = True) -> Beliefs:
    """Everything believed before the first outcome."""
    manner = book.ACTIONS[:, 2] * 2 + book.ACTIONS[:, 3]
    return Beliefs(
        share=share_prior(informed),
        qualify=np.full((G, len(OFFERS)), book.CRM_QUALIFY),
        opt_out=np.repeat(np.array([[0.003], [0.004], [0.006], [0.009]]), 6, axis=1),
        organic=Prior(base=-5.5, base_sd=0.6, means={"satisfaction": 0.2, "hits": 0.2}, sd=0.2, trust_sd=0.3),
        win=_padded(book.CRM_WIN),
        win_days=np.array([45.0, 90.0, 60.0, 30.0, 60.0, 60.0]),
        quality=OFFER_OF,
        manner=manner,
    )


def random_people(rng: np.random.Generator, n: int) -> Batch:
    """Situations drawn at random, for measuring speed and replay."""
    segment, kind = rng.integers(0, 4, n), rng.integers(0, NO_KIND + 1, n)
    codes = np.stack([segment, rng.integers(0, 5, n), rng.integers(0, 5, n), kind], axis=1)
    numbers = rng.random((n, len(NUMBERS)))
    numbers[kind == NO_KIND, 0] = 0.0
    return Batch(codes.astype(np.int64), numbers, book.legal_actions(segment, rng.random(n) < 0.95))
