"""The brain a workspace starts with: the playbook's beliefs and prices in the brain's words. Beliefs, not measurements.

Everything the program's playbook believes about sharing enters as the mean of a coefficient, so that before any outcome
the brain expects of a person what the playbook does. Timing, wear, neighbours and the nightly model have no line in the
playbook; their means are the authors' and carry a wide doubt.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np

from honeyguide.core.money import share_bp
from honeyguide.decisions.brain import Beliefs, Brain, Prices, Prior, Schema
from honeyguide.decisions.brain.schema import Floats
from honeyguide.decisions.propensity import logit, sigmoid, value_of
from honeyguide.decisions.science import NONE, Catalogue, config_of, offer_word, schema_of
from honeyguide.programs import Factor, Offer, offer_key
from honeyguide.programs.playbook import Economics

WEAR_OF = (0.2, 0.8, 1.6, 2.6)  # a typical number of recent asks between the edges of `Config.edges`
UNASKED = 0.004  # of people left alone, how many bring somebody within the window
_OWN = {"worn": -0.2, "misses": -0.1, "leaning": 0.9, "glow": 0.15, "neighbours": 0.1, "lift": 0.5, "challenger": 0.0}
_OLD_ASKS = 0.4
_NO_MOMENT = -0.8  # without any moment
_SDS = {
    "worn": 0.2, "misses": 0.15, "leaning": 0.25, "neighbours": 0.15, "glow": 0.25, "lift": 0.3, "challenger": 0.3, "kind": 0.2,
    "group": 0.25, "segment": 0.25, "vertical": 0.15, "seniority": 0.2, "stage": 0.2, "kind*fresh": 0.3,
    "kind*seniority*fresh": 0.25, "incentive": 0.25, "offer": 0.2, "size": 0.15, "tone": 0.15, "length": 0.15,
    "channel": 0.2, "segment*incentive": 0.3, "vertical*incentive": 0.2, "seniority*incentive": 0.25,
    "seniority*tone": 0.25, "seniority*channel": 0.2,
}  # fmt: skip
_WIN_DAYS = {"enterprise": 90.0, "partner": 60.0}
_USUAL_WIN_DAYS = 45.0
_DIMENSION = {"moment": "kind"}
_BASE_SD = 0.5  # how far the level of sharing here may be from the playbook's: wider than the playbook says of itself


def brain_of(
    catalogue: Catalogue, factors: Mapping[str, Factor], economics: Economics, *, floor: float, draws: int
) -> Brain:
    """The brain before any outcome."""
    schema = schema_of(catalogue)
    return Brain(
        schema,
        prices_of(catalogue, schema, economics),
        beliefs_of(catalogue, schema, factors),
        config_of(schema, floor=floor, draws=draws),
    )


def prices_of(
    catalogue: Catalogue, schema: Schema, economics: Economics, margins: Sequence[float] | None = None
) -> Prices:
    """What asks cost and deals are worth, in minor units; `margins` are what was learned, by place of the group.

    Everything the library promises is due on a won deal, so it enters as a share of the deal's margin. Groups nobody
    knows (the spare places) are priced carefully: the least margin, the highest goodwill.
    """
    prior = _by_group(schema, economics.margin_minor, min)
    margin = np.asarray(margins, np.float64) if margins is not None else prior
    places = {g: k for k, g in enumerate(schema.context["group"])}
    due = {}
    for group, offer in catalogue.offers:
        at = places[offer_key(group)]
        grown = margin[at] / max(prior[at], 1.0)
        due[offer_word(group, offer.slug)] = _due(group, offer, economics, grown) / max(float(margin[at]), 1.0)
    words = schema.actions["offer"]
    column = list(schema.actions).index("offer")
    commission = np.array([due.get(words[row[column]], 0.0) for row in schema.table])
    return Prices(
        reward=np.zeros(len(schema.table)),
        commission=np.minimum(commission, 1.0),
        contact=np.full(len(schema.table), float(economics.contact_minor)),
        margin=margin,
        goodwill=_by_group(schema, economics.goodwill_minor, max),
    )


def _due(group: str, offer: Offer, economics: Economics, grown: float) -> float:
    """What is due when a referred deal is won. A commission grows with the deals, up to its cap."""
    if offer.incentive == "commission":
        first = economics.first_year_minor.get(group, min(economics.first_year_minor.values()))
        due = float(share_bp(round(first * grown), offer.rate_bp))
        return min(due, float(offer.cap_minor)) if offer.cap_minor is not None else due
    return float(offer.amount_minor or economics.cost_minor.get(offer.slug, 0))


def _by_group(schema: Schema, table: Mapping[str, int], careful: Callable[[Iterable[float]], float]) -> Floats:
    known = {offer_key(g): float(v) for g, v in table.items()}
    fallback = float(careful(known.values()))
    values = [known.get(g, fallback) for g in schema.context["group"]]
    return np.array([*values, *[fallback] * (schema.size("group") - len(values))])


def beliefs_of(catalogue: Catalogue, schema: Schema, factors: Mapping[str, Factor]) -> Beliefs:
    """What is believed before the first outcome of this workspace."""
    offers, tones, channels = schema.actions["offer"], schema.actions["tone"], schema.actions["channel"]
    names = list(schema.actions)
    table = np.array(schema.table, np.int64)
    manner = table[:, names.index("tone")] * len(channels) + table[:, names.index("channel")]
    groups = schema.size("group")
    return Beliefs(
        share=share_prior(catalogue, schema, factors["share"]),
        qualify=np.array([[_rate(factors["qualify"], _group(schema, g) | _offer(o)) for o in offers] for g in range(groups)]),
        opt_out=np.array([
            [_rate(factors["opt_out"], {"past_asks": w, f"tone:{t}": 1.0, f"channel:{c}": 1.0}) for t in tones for c in channels]
            for w in WEAR_OF
        ]),
        organic=Prior(
            base=logit(UNASKED), base_sd=0.6, means={"referred": 0.4, "praised": 0.15}, sd=0.2, trust_sd=0.3,
        ),
        win=np.array([_rate(factors["win"], _group(schema, g)) for g in range(groups)]),
        win_days=np.array([_WIN_DAYS.get(_group_word(schema, g), _USUAL_WIN_DAYS) for g in range(groups)]),
        quality=table[:, names.index("offer")],
        manner=manner,
    )  # fmt: skip


def share_prior(catalogue: Catalogue, schema: Schema, factor: Factor) -> Prior:
    """The playbook's beliefs about sharing as a prior over the brain's coefficients."""
    means, sds = dict(_OWN), dict(_SDS)
    means[f"kind:{NONE}"] = _NO_MOMENT
    for name, effect in factor.effects.items():
        for column in columns_of(name, catalogue, schema):
            means[column] = means.get(column, 0.0) + effect.mean
            sds[column] = max(effect.sd, 0.05)
    means["past_asks"] = _OLD_ASKS * means.get("past_asks", 0.0)  # `worn` and `misses` say the rest of that belief
    trust = {"kind": 0.3, "past_asks": 0.3, "worn": 0.3, "misses": 0.3, "challenger": 0.0}
    return Prior(
        base=logit(factor.base), base_sd=max(factor.base_sd, _BASE_SD), means=means, sds=sds, sd=0.15, trust_sd=0.4,
        trust=trust,
    )  # fmt: skip


def columns_of(effect: str, catalogue: Catalogue, schema: Schema) -> list[str]:
    """The brain's coefficients an effect of the playbook speaks of; none when it names what the brain does not know."""
    parts = [_renamed(p) for p in effect.split("*")]
    by_dim = dict(p.partition(":")[::2] for p in parts)
    if "offer" in by_dim:
        return _of_offer(by_dim, catalogue)
    if set(by_dim) == {"kind", "seniority"}:
        return [f"kind:{by_dim['kind']}*seniority:{by_dim['seniority']}*fresh"]
    if len(parts) == 1:
        return parts
    pairs = {frozenset(pair) for pair in schema.pairs}
    if frozenset(by_dim) not in pairs:
        return []
    left, right = next(pair for pair in schema.pairs if frozenset(pair) == frozenset(by_dim))
    return [f"{left}:{by_dim[left]}*{right}:{by_dim[right]}"]


def _of_offer(by_dim: Mapping[str, str], catalogue: Catalogue) -> list[str]:
    """An effect of an offer, alone or for a group or a seniority."""
    found = [(g, o) for g, o in catalogue.offers if offer_key(o.slug) == by_dim["offer"]]
    rest = {d: w for d, w in by_dim.items() if d != "offer"}
    if not rest:
        return [f"offer:{offer_word(g, o.slug)}" for g, o in found]
    if set(rest) == {"group"}:
        return [f"offer:{offer_word(g, o.slug)}" for g, o in found if offer_key(g) == rest["group"]]
    if set(rest) == {"seniority"}:
        return sorted({f"seniority:{rest['seniority']}*incentive:{o.incentive}" for _, o in found})
    return []


def _renamed(part: str) -> str:
    dim, colon, word = part.partition(":")
    return f"{_DIMENSION.get(dim, dim)}{colon}{word}"


def _rate(factor: Factor, features: Mapping[str, float]) -> float:
    """The playbook's probability of a cell at its means."""
    total = logit(factor.base) + sum(e.mean * value_of(name, features) for name, e in factor.effects.items())
    return sigmoid(total)


def _group_word(schema: Schema, place: int) -> str:
    known = schema.context["group"]
    return known[place] if place < len(known) else ""


def _group(schema: Schema, place: int) -> dict[str, float]:
    return {f"group:{_group_word(schema, place)}": 1.0}


def _offer(word: str) -> dict[str, float]:
    return {f"offer:{word.partition('/')[2]}": 1.0}
