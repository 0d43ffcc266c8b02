"""A small brain for tests: two context dimensions, two action dimensions, six actions."""

import numpy as np

from honeyguide.decisions.brain import Ahead, Batch, Beliefs, Brain, Config, Prices, Prior, Schema

SCHEMA = Schema(
    context={"segment": ("small", "large"), "kind": ("praise", "renewal", "none")},
    numbers=("fresh", "worn", "glow"),
    actions={"offer": ("thanks", "credit", "gift"), "tone": ("brief", "warm")},
    table=tuple((o, t) for o in range(3) for t in range(2)),
    pairs=(("segment", "offer"), ("segment", "tone")),
    scaled=(("kind", "fresh"),),
    group="segment",
)
CONFIG = Config(worn="worn", kind="kind", moment="fresh", kinds=2, past=("glow",), defer=0.1)


def prices() -> Prices:
    """Rewards of 0, 10 and 30; deals of 2,000 and 6,000."""
    return Prices(
        reward=np.repeat([0.0, 10.0, 30.0], 2),
        commission=np.zeros(6),
        contact=np.full(6, 1.0),
        margin=np.array([2000.0, 6000.0, 2000.0, 2000.0]),
        goodwill=np.array([100.0, 500.0, 500.0, 500.0]),
    )


def brain(base: float = -3.0, **prior: float) -> Brain:
    """A brain that believes a little."""
    beliefs = Beliefs(
        share=Prior(base=base, base_sd=0.6, means={"kind:praise*fresh": 1.0, "worn": -0.4} | prior),
        qualify=np.full((4, 3), 0.4),
        opt_out=np.full((4, 2), 0.004),
        organic=Prior(base=-5.5, base_sd=0.5),
        win=np.full(4, 0.2),
        win_days=np.full(4, 40.0),
        quality=np.repeat(np.arange(3), 2),
        manner=np.tile(np.arange(2), 3),
    )
    return Brain(SCHEMA, prices(), beliefs, CONFIG)


def people(n: int, seed: int = 0) -> tuple[Batch, Ahead, np.ndarray[tuple[int, ...], np.dtype[np.uint64]]]:
    """Some situations, what may come to them, and a seed each."""
    rng = np.random.default_rng(seed)
    kind = rng.integers(0, 3, n)
    fresh = np.where(kind == 2, 0.0, rng.uniform(0.2, 2.0, n))
    numbers = np.stack([fresh, rng.uniform(0, 2, n), rng.uniform(0, 1, n)], axis=1)
    legal = rng.random((n, 6)) < 0.8
    batch = Batch(np.stack([rng.integers(0, 2, n), kind], axis=1), numbers, legal)
    ahead = Ahead(rng.uniform(0.001, 0.02, (n, 2)), rng.uniform(30, 365, n), rng.integers(1, 9, n).astype(float))
    return batch, ahead, rng.integers(0, 2**63, n).astype(np.uint64)
