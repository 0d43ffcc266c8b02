"""A setting in the brain's words: schema, prices and beliefs from what everybody knows, nothing from the truth."""

import numpy as np

from benchmarks.referee.adapter import Floats, Ints, Setting
from honeyguide.decisions.brain import Batch, Beliefs, Config, Prices, Prior, Schema

NUMBERS = ("fresh", "satisfaction", "worn", "leaning", "company", "sour", "stale", "unasked", "firm_unasked")
NONE = "none"
SPARE = 2


def glows_of(setting: Setting) -> tuple[str, ...]:
    """Names of the numbers for what is left of earlier moments of each kind."""
    return tuple(f"glow:{kind}" for kind in setting.kinds)


def offers_of(setting: Setting) -> tuple[tuple[str, ...], Ints]:
    """The distinct offers (incentive and size) and which one each action makes."""
    pairs = list(dict.fromkeys((int(i), int(s)) for i, s in setting.actions[:, :2]))
    names = tuple(f"{setting.incentives[i]}:{setting.sizes[s]}" for i, s in pairs)
    return names, np.array([pairs.index((int(i), int(s))) for i, s in setting.actions[:, :2]], dtype=np.int64)


def config_of(setting: Setting) -> Config:
    """How to choose in a setting."""
    return Config(
        worn="worn", kind="kind", moment="fresh", kinds=len(setting.kinds), past=("stale", *glows_of(setting)), draws=24, sizes=((0.6, 0.5), (1.4, 0.5)),
        gap=float(setting.gap_days), hurdle=1.3, stakes=0.5,
    )  # fmt: skip


def schema_of(setting: Setting) -> Schema:
    """The names of a setting."""
    offers, which = offers_of(setting)
    return Schema(
        context={
            "segment": setting.segments,
            "vertical": setting.verticals,
            "role": setting.roles,
            "kind": (*setting.kinds, NONE),
        },
        numbers=(*NUMBERS, *glows_of(setting)),
        actions={
            "incentive": setting.incentives,
            "offer": offers,
            "tone": setting.tones,
            "channel": setting.channels,
        },
        table=tuple((int(a[0]), int(o), int(a[2]), int(a[3])) for a, o in zip(setting.actions, which, strict=True)),
        pairs=(("segment", "incentive"), ("vertical", "incentive"), ("role", "tone"), ("role", "channel")),
        scaled=(("kind", "fresh"), ("kind", "role", "fresh"), ("kind", "stale")),
        group="segment",
    )


def _padded(values: Floats, spare: float) -> Floats:
    """Values per segment, and one for the spare places of segments unknown so far."""
    return np.concatenate([np.asarray(values, dtype=np.float64), np.full(SPARE, spare)])


def prices_of(setting: Setting) -> Prices:
    """The money everybody knows; unknown segments are judged with care."""
    return Prices(
        setting.reward, setting.commission, setting.contact, _padded(setting.margin, float(setting.margin.min())),
        _padded(setting.goodwill, float(setting.goodwill.max())),
    )  # fmt: skip


def _book_means(setting: Setting) -> dict[str, float]:
    """The rule book by coefficient."""
    book = setting.book
    if book is None:
        return {f"kind:{kind}*fresh": 0.7 for kind in setting.kinds}
    means = {f"kind:{kind}*fresh": float(book.kind[k]) for k, kind in enumerate(setting.kinds)}
    for s, segment in enumerate(setting.segments):
        for i, incentive in enumerate(setting.incentives):
            means[f"segment:{segment}*incentive:{incentive}"] = float(book.segment_incentive[s, i])
    for r, role in enumerate(setting.roles):
        for t, tone in enumerate(setting.tones):
            means[f"role:{role}*tone:{tone}"] = float(book.role_tone[r, t])
    offers, _ = offers_of(setting)
    large = setting.sizes[-1]
    return means | {f"offer:{o}": book.large for o in offers if o.endswith(f":{large}")}


def share_prior(setting: Setting) -> Prior:
    """The rule book as a prior of P(share); without one the rough level and the sign of weariness."""
    means = {
        "worn": -0.4, "leaning": 0.9, "satisfaction": 0.2, "company": 0.5, "sour": -0.5, "unasked": 0.6, "firm_unasked": 0.3,
    } | _book_means(setting)  # fmt: skip
    means |= {f"glow:{kind}": 0.7 * means[f"kind:{kind}*fresh"] for kind in setting.kinds}
    sds = {
        "worn": 0.2, "leaning": 0.25, "satisfaction": 0.15, "company": 0.2, "sour": 0.3, "unasked": 0.25, "firm_unasked": 0.2, "stale": 0.15, "kind*stale": 0.2, "segment": 0.3,
        "vertical": 0.15, "role": 0.25, "kind": 0.15, "kind*fresh": 0.35, "kind*role*fresh": 0.35, "incentive": 0.3,
        "offer": 0.2, "tone": 0.15, "channel": 0.2, "segment*incentive": 0.35, "vertical*incentive": 0.25,
        "role*tone": 0.3, "role*channel": 0.2,
    } | dict.fromkeys(glows_of(setting), 0.3)  # fmt: skip
    return Prior(base=-4.2, base_sd=0.7, means=means, sds=sds, trust_sd=0.5)


def beliefs_of(setting: Setting) -> Beliefs:
    """Everything believed before the first outcome."""
    offers, which = offers_of(setting)
    manner = setting.actions[:, 2] * len(setting.channels) + setting.actions[:, 3]
    wear = np.repeat(np.array([[0.003], [0.004], [0.006], [0.009]]), int(manner.max()) + 1, axis=1)
    return Beliefs(
        share=share_prior(setting),
        qualify=np.full((len(setting.segments) + SPARE, len(offers)), setting.qualify),
        opt_out=wear,
        organic=Prior(
            base=-5.5,
            base_sd=0.6,
            sd=0.2,
            trust_sd=0.3,
            means={"satisfaction": 0.2, "leaning": 0.3, "unasked": 0.5, f"kind:{NONE}": -0.5},
            sds={"kind": 0.5, "kind*fresh": 0.4},
        ),
        win=_padded(setting.win, float(setting.win.min())),
        win_days=_padded(setting.win_days, 60.0),
        quality=which,
        manner=manner,
    )


def random_people(setting: Setting, rng: np.random.Generator, n: int) -> Batch:
    """Situations drawn at random, for measuring speed and replay."""
    sizes = (len(setting.segments), len(setting.verticals), len(setting.roles), len(setting.kinds) + 1)
    codes = np.stack([rng.integers(0, size, n) for size in sizes], axis=1)
    numbers = rng.random((n, len(NUMBERS) + len(setting.kinds)))
    numbers[codes[:, 3] == len(setting.kinds), 0] = 0.0
    legal = rng.random((n, len(setting.actions))) < 0.9
    return Batch(codes.astype(np.int64), numbers, legal)
